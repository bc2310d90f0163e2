/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_unread.c - silence is no good sign: what could not be read is named once */
#include "check_world.h"

#include <check.h>
#include <string.h>

static const char *unread(unsigned questions)
{
    const struct check_result *result;

    run_checks(&w, questions, &results, "41:00.0", "61:00.0", NULL);
    result = result_of(&results, FINDING_CONFIG_UNREAD, NULL);
    return result ? result->is : NULL;
}

START_TEST(one_result_for_all_and_all_questions)
{
    ck_assert_str_eq(unread(CHECK_ATS | CHECK_ORDERING | CHECK_UNREAD),
                     "the configuration space of 0000:41:00.0 and 0000:61:00.0 could not be read "
                     "as far as needed");
    ck_assert_uint_eq(results.count, 1);
}
END_TEST

START_TEST(only_what_a_question_needed_and_did_not_get)
{
    add_config_space(&w, "41:00.0", 0);
    add_extended_capability(&w, "41:00.0", 0x0f, 0, 0x8000);
    ck_assert_str_eq(unread(CHECK_ATS | CHECK_UNREAD),
                     "the configuration space of 0000:61:00.0 could not be read as far as needed");
    add_config_space(&w, "61:00.0", 0);
    add_extended_capability(&w, "61:00.0", 0x0f, 0, 0x8000);
    ck_assert_ptr_null(unread(CHECK_ATS | CHECK_UNREAD));
}
END_TEST

START_TEST(no_question_needed_any)
{
    ck_assert_ptr_null(unread(CHECK_DRIVERS | CHECK_UNREAD));
    ck_assert_ptr_null(unread(CHECK_ATS)); /* and not reported where that is not wanted */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_unread");
    TCase *tcase = tcase_create("check_unread");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, one_result_for_all_and_all_questions);
    tcase_add_test(tcase, only_what_a_question_needed_and_did_not_get);
    tcase_add_test(tcase, no_question_needed_any);
    return run_suite(suite);
}
