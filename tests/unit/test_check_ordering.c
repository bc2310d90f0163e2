/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_ordering.c - is relaxed ordering on? */
#include "check_world.h"

#include <check.h>
#include <string.h>

START_TEST(on)
{
    add_config_space(&w, "41:00.0", 0x2930);
    run_checks(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(off)
{
    const struct check_result *result;

    add_config_space(&w, "41:00.0", 0x2920);
    run_checks(&w, CHECK_ORDERING, &results, "41:00.0", NULL);
    result = result_of(&results, FINDING_ORDERING, "41:00.0");
    ck_assert_ptr_nonnull(result);
    ck_assert_str_eq(
        result->is,
        "Device Control (capability 10 at 0x40, register 0x48) is 0x2920: relaxed ordering is off");
    ck_assert_ptr_nonnull(strstr(result->how, "CAP_EXP+8.w=0010:0010"));
}
END_TEST

START_TEST(a_physical_function_says_it_for_its_virtual_ones)
{
    add_config_space(&w, "61:00.2", 0);
    add_config_space(&w, "61:00.0", 0x2930);
    run_checks(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "61:00.2", NULL);
    ck_assert_uint_eq(results.count, 0);
    add_config_space(&w, "61:00.0", 0x2920);
    run_checks(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "61:00.2", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ORDERING, "61:00.0"));
    run_checks(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "61:00.0", "61:00.2", NULL);
    ck_assert_uint_eq(results.count, 1);
}
END_TEST

START_TEST(unreadable)
{
    add_config_space(&w, "41:00.0", 0);
    cut_config(&w, "41:00.0", 0x49);
    run_checks(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_CONFIG_UNREAD, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_ordering");
    TCase *tcase = tcase_create("check_ordering");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, on);
    tcase_add_test(tcase, off);
    tcase_add_test(tcase, a_physical_function_says_it_for_its_virtual_ones);
    tcase_add_test(tcase, unreadable);
    return run_suite(suite);
}
