/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_questions.c - each question is answered if it is asked, and only then; in one order */
#include "check_world.h"

#include <check.h>
#include <string.h>

/* A host that every question has something to find on. */
static void setup_trouble(void)
{
    setup();
    for (size_t i = 0; i < w.host.functions.count; i++) {
        struct host_function *f = &w.host.functions.items[i];

        f->iommu_group = 1;
        f->node = -1;
    }
    function_of(&w, "61:00.0")->iommu_group = -1;
    function_of(&w, "41:00.1")->driver = strdup("snd_hda_intel");
    add_config_space(&w, "41:00.0", 0);
    add_extended_capability(&w, "41:00.0", 0x0f, 0, 0);
}

START_TEST(a_question_alone_has_the_results_that_it_has_among_all)
{
    struct check_results all = {0};
    size_t sum = 0;

    run_checks(&w, CHECK_ALL, &all, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_gt(all.count, 3);
    for (unsigned bit = 1; bit <= CHECK_ALL; bit <<= 1) {
        /* Unread is what another question did not get. */
        if (bit == CHECK_UNREAD)
            continue;
        run_checks(&w, bit, &results, "41:00.0", "61:00.0", NULL);
        for (size_t i = 0; i < results.count; i++)
            ck_assert_ptr_nonnull(
                result_of(&all, results.items[i].id,
                          results.items[i].of_host ? NULL : BDF_TEXT(&results.items[i].bdf)));
        sum += results.count;
    }
    ck_assert_uint_eq(all.items[all.count - 1].id, FINDING_CONFIG_UNREAD); /* after the others */
    ck_assert_uint_eq(all.count, sum + 1);
    check_results_clear(&all);
}
END_TEST

START_TEST(groups_first)
{
    run_checks(&w, CHECK_ALL, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_int_eq(results.items[0].id, FINDING_GROUP_PARTLY);
}
END_TEST

START_TEST(a_host_without_functions)
{
    host_clear(&w.host);
    w.host = (struct vtopo_host){0};
    run_checks(&w, CHECK_ALL, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("questions");
    TCase *tcase = tcase_create("questions");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup_trouble, teardown);
    tcase_add_test(tcase, a_question_alone_has_the_results_that_it_has_among_all);
    tcase_add_test(tcase, groups_first);
    tcase_add_test(tcase, a_host_without_functions);
    return run_suite(suite);
}
