/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_table.c - slots, bus numbers, indexes and chassis are counted */
#include "roots_world.h"

START_TEST(the_count_is_reported)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    assign(1, 4);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "slots on pcie.0")->used,
                      8); /* six fixed ones, the port, the expander */
    ck_assert_uint_eq(budget_of(&w, "slots on pcie.0")->available, 32);
    ck_assert_uint_eq(budget_of(&w, "bus numbers")->used, 7);
    ck_assert_uint_eq(budget_of(&w, "controller indexes")->used, 7);
    ck_assert_uint_eq(budget_of(&w, "chassis numbers")->used, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *tcase = tcase_create("table");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_count_is_reported);
    return run_suite(suite);
}
