/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_number.c - that all numbers are written, and names are */
#include "roots_world.h"

#include "model/mark.h"

#include <time.h>

START_TEST(aliases_are_marks_that_libvirt_keeps)
{
    w.policy.spare_ports = 1;
    assign(2, 2);
    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const char *alias = w.plan->controllers.items[i].alias;

        ck_assert_int_eq(strncmp(alias, MARK_PREFIX, strlen(MARK_PREFIX)), 0);
        ck_assert_uint_eq(strspn(alias, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(alias));
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(alias, w.plan->controllers.items[j].alias);
    }
}
END_TEST

START_TEST(an_alias_that_is_taken_gets_a_number)
{
    assign(1, 1);
    w.domain.devices.items[0].alias = strdup("ua-vtopo-rp-0000-41-00-0");
    add_other(&w, "disk vda", "00:03.0")->alias = strdup("ua-vtopo-rp-0000-41-00-0-2");
    plan_or_fail(&w);
    ck_assert_str_eq(port_of(&w, "41:00.0")->alias, "ua-vtopo-rp-0000-41-00-0-3");
}
END_TEST

START_TEST(spare_ports_need_all_addresses)
{
    w.policy.spare_ports = 1;
    add_other(&w, "disk vda", NULL);
    assign(1, 1);
    refused("define it first");
}
END_TEST

START_TEST(a_huge_domain_takes_no_time)
{
    clock_t start;

    for (unsigned i = 1; i <= 30; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, "00:02.0");
    for (unsigned i = 0; i < 100000; i++) {
        char name[64];

        snprintf(name, sizeof(name), "ua-vtopo-pxb-cell0-%u", i);
        add_other(&w, "disk", "01:00.0")->alias = strdup(name);
    }
    w.policy.mirror = MIRROR_NUMA;
    assign(50, 4);
    start = clock();
    plan_or_fail(&w);
    ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC,
                     3); /* of this process, with the sanitizers: half a second */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tcase = tcase_create("number");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, aliases_are_marks_that_libvirt_keeps);
    tcase_add_test(tcase, an_alias_that_is_taken_gets_a_number);
    tcase_add_test(tcase, spare_ports_need_all_addresses);
    tcase_add_test(tcase, a_huge_domain_takes_no_time);
    return run_suite(suite);
}
