/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_ats.c - is ATS there, and on? */
#include "check_world.h"

#include "model/pcicap.h"

#include <check.h>
#include <string.h>

START_TEST(on)
{
    add_config_space(&w, "41:00.0", 0x10);
    add_extended_capability(&w, "41:00.0", PCICAP_EXT_ATS, 0x20, 0x8000);
    run_checks(&w, CHECK_ATS | CHECK_UNREAD, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(off)
{
    const struct check_result *result;

    add_config_space(&w, "41:00.0", 0x10);
    add_extended_capability(&w, "41:00.0", 0x0001, 0, 0);
    add_extended_capability(&w, "41:00.0", PCICAP_EXT_ATS, 0x20, 0x001f);
    run_checks(&w, CHECK_ATS, &results, "41:00.0", NULL);
    result = result_of(&results, FINDING_ATS_OFF, "41:00.0");
    ck_assert_ptr_nonnull(result);
    ck_assert_str_eq(result->is, "ATS Control (extended capability 000f at 0x120, register 0x126) "
                                 "is 0x001f: ATS is not on yet");
    /* The IOMMU must be told first. */
    ck_assert_ptr_null(strstr(result->how, "setpci -s"));
}
END_TEST

START_TEST(absent)
{
    add_config_space(&w, "41:00.0", 0x10);
    add_config_space(&w, "61:00.0", 0x10);
    run_checks(&w, CHECK_ATS, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 2);
    ck_assert_ptr_null(
        strstr(result_of(&results, FINDING_ATS_ABSENT, "41:00.0")->how, "mlxconfig"));
    ck_assert_ptr_nonnull(
        strstr(result_of(&results, FINDING_ATS_ABSENT, "61:00.0")->how, "ATS_ENABLED=1"));
}
END_TEST

START_TEST(conventional_devices_need_none)
{
    add_config_space(&w, "41:00.0", 0x10);
    function_of(&w, "41:00.0")->config[0x40] = 0x01; /* power management */
    run_checks(&w, CHECK_ATS | CHECK_UNREAD, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(unreadable)
{
    add_config_space(&w, "41:00.0", 0x10);
    cut_config(&w, "41:00.0", 64);
    run_checks(&w, CHECK_ATS | CHECK_UNREAD, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(result_of(&results, FINDING_CONFIG_UNREAD, NULL)->is,
                     "the configuration space of 0000:41:00.0 and 0000:61:00.0 could not be read "
                     "as far as needed");
}
END_TEST

/* A virtual function says ffff:ffff in its config space, and has capabilities all the same. */
START_TEST(virtual_functions_have_their_own)
{
    add_config_space(&w, "61:00.2", 0);
    memset(function_of(&w, "61:00.2")->config, 0xff, 4);
    add_extended_capability(&w, "61:00.2", PCICAP_EXT_ATS, 0x20, 0);
    run_checks(&w, CHECK_ATS | CHECK_UNREAD, &results, "61:00.2", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ATS_OFF, "61:00.2"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_ats");
    TCase *tcase = tcase_create("check_ats");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, on);
    tcase_add_test(tcase, off);
    tcase_add_test(tcase, absent);
    tcase_add_test(tcase, conventional_devices_need_none);
    tcase_add_test(tcase, unreadable);
    tcase_add_test(tcase, virtual_functions_have_their_own);
    return run_suite(suite);
}
