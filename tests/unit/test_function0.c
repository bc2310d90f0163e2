/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_function0.c - slots that have functions and no function 0 */
#include "build.h"

#include <check.h>

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
}

static void teardown(void)
{
    world_clear(&w);
}

static size_t unseen(void)
{
    plan_or_fail(&w);
    return findings_of(&w, FINDING_NO_FUNCTION0);
}

START_TEST(a_function_alone_is_reported)
{
    add_other(&w, "disk vda", "01:00.1");
    ck_assert_uint_eq(unseen(), 0); /* no host device: nothing is looked at */
    add_hostdev(&w, "41:00.0", NULL);
    ck_assert_uint_eq(unseen(), 1);
    add_other(&w, "disk vdb", "01:00.0");
    ck_assert_uint_eq(unseen(), 0);
}
END_TEST

START_TEST(what_moves_gets_one)
{
    add_hostdev(&w, "41:00.1", "01:00.1");
    ck_assert_uint_eq(unseen(), 0);
}
END_TEST

START_TEST(on_pcie0_the_machine_may_have_one)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_other(&w, "controller sata 0", "00:1f.2");
    ck_assert_uint_eq(unseen(), 0);
}
END_TEST

/* The first gives the second its function 0 and would move without it. */
START_TEST(what_moves_away_does_not_count)
{
    add_hostdev(&w, "41:00.0", "01:00.0");
    add_other(&w, "disk vda", "01:00.1");
    ck_assert_uint_eq(unseen(), 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_SLOT_SHARED), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("function0");
    TCase *tcase = tcase_create("function0");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_function_alone_is_reported);
    tcase_add_test(tcase, what_moves_gets_one);
    tcase_add_test(tcase, on_pcie0_the_machine_may_have_one);
    tcase_add_test(tcase, what_moves_away_does_not_count);
    return run_suite(suite);
}
