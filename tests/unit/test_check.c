/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check.c - what all questions share: lists, texts, order */
#include "check_world.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

START_TEST(the_address_stands_for_its_placeholder)
{
    struct check_result result = {.bdf = bdf_of("41:00.0"), .how = "a BDF b BDF"};
    char *how = check_how(&result);

    ck_assert_str_eq(how, "a 0000:41:00.0 b 0000:41:00.0");
    free(how);
    result.how = "nothing";
    how = check_how(&result);
    ck_assert_str_eq(how, "nothing");
    free(how);
}
END_TEST

START_TEST(subjects)
{
    struct check_result result = {.bdf = bdf_of("41:00.0")};
    char text[BDF_TEXT_SIZE];

    ck_assert_str_eq(check_subject(&result, text), "0000:41:00.0");
    result.of_host = true;
    ck_assert_str_eq(check_subject(&result, text), "host");
}
END_TEST

/* Its short sentence, and the parts where it has none. */
START_TEST(a_result_is_a_finding)
{
    char is[] = "has ATS off", detail[] = "2 of 4";
    struct check_result result = {.id = FINDING_ATS_OFF,
                                  .bdf = bdf_of("41:00.0"),
                                  .is = is,
                                  .means = "it is slow",
                                  .how = "setpci -s BDF"};
    struct findings findings = {0};

    ck_assert(check_add_finding(&result, &findings));
    result.detail = detail;
    result.brief = (struct check_brief){"has ", " off: setpci -s BDF"};
    ck_assert(check_add_finding(&result, &findings));
    ck_assert_str_eq(findings.items[0].subject, "0000:41:00.0");
    ck_assert_str_eq(findings.items[0].text, "has ATS off: it is slow; setpci -s 0000:41:00.0");
    ck_assert_str_eq(findings.items[1].text, "has 2 of 4 off: setpci -s 0000:41:00.0");
    ck_assert_uint_eq(findings.items[1].detail_length, strlen(detail));
    findings_clear(&findings);
}
END_TEST

START_TEST(nothing_is_asked_that_nobody_wants_to_know)
{
    run_checks(&w, 0, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
    run_checks(&w, CHECK_DRIVERS, &results, NULL);
    ck_assert_uint_eq(results.count, 2); /* a physical function keeps its driver */
    for (size_t i = 0; i < results.count; i++)
        ck_assert_int_eq(results.items[i].id, FINDING_DRIVER);
}
END_TEST

START_TEST(long_lists_end_in_a_number)
{
    static struct row rows[21];
    static char names[21][16];

    host_clear(&w.host);
    rows[0] = (struct row){"40:01.0", NULL, PORT_ROOT, -1};
    for (unsigned i = 1; i < 21; i++) {
        snprintf(names[i], sizeof(names[i]), "41:%02x.0", i);
        rows[i] = (struct row){names[i], "40:01.0", PORT_NONE, -1, GPU};
    }
    ADD_FUNCTIONS(&w, rows);
    run_checks(&w, CHECK_ATS | CHECK_UNREAD, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(strstr(results.items[0].is, "of 0000:41:01.0, 0000:41:02.0, "));
    ck_assert_ptr_nonnull(strstr(results.items[0].is, ", 0000:41:08.0 and 12 more could"));
}
END_TEST

START_TEST(gpus_and_nics)
{
    ck_assert(check_is_gpu_or_nic(&w.host, function_of(&w, "41:00.0")));
    ck_assert(check_is_gpu_or_nic(&w.host, function_of(&w, "61:00.2")));
    ck_assert(!check_is_gpu_or_nic(&w.host, function_of(&w, "41:00.1")));
    ck_assert(!check_is_gpu_or_nic(&w.host, function_of(&w, "40:01.0")));
    function_of(&w, "41:00.0")->class_code = 0x120000;
    ck_assert(check_is_gpu_or_nic(&w.host, function_of(&w, "41:00.0")));
    /* The VGA of a BMC. */
    function_of(&w, "40:01.0")->port = PORT_BRIDGE;
    ck_assert(!check_is_gpu_or_nic(&w.host, function_of(&w, "41:00.0")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tcase = tcase_create("check");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_address_stands_for_its_placeholder);
    tcase_add_test(tcase, subjects);
    tcase_add_test(tcase, a_result_is_a_finding);
    tcase_add_test(tcase, nothing_is_asked_that_nobody_wants_to_know);
    tcase_add_test(tcase, long_lists_end_in_a_number);
    tcase_add_test(tcase, gpus_and_nics);
    return run_suite(suite);
}
