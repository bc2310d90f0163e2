/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_stay_pairs.c - devices that stay, and how far they are from each other */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* Two GPUs below a switch, two more on root complexes of their own. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_NONE, 0, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_EXPANDER, "0:05.0")->node = 0;
    add_controller(&w, 2, CTRL_ROOT_PORT, "1:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "1:01.0");
    add_controller(&w, 4, CTRL_UPSTREAM, "3:00.0");
    add_controller(&w, 5, CTRL_DOWNSTREAM, "4:00.0");
    add_controller(&w, 6, CTRL_DOWNSTREAM, "4:01.0");
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(what_is_as_on_the_host_is_not_reported)
{
    add_hostdev(&w, "43:00.0", "5:00.0");
    add_hostdev(&w, "44:00.0", "6:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_NEARER));
}
END_TEST

START_TEST(one_expander_for_two_root_complexes_is_nearer)
{
    add_hostdev(&w, "43:00.0", "2:00.0");
    add_hostdev(&w, "61:00.0", "5:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NEARER), "0000:43:00.0 with 0000:61:00.0"));
    w.policy.mirror = MIRROR_NUMA;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_NEARER));
}
END_TEST

START_TEST(a_switch_that_is_not_shared_is_farther)
{
    add_hostdev(&w, "43:00.0", "2:00.0");
    add_hostdev(&w, "44:00.0", "5:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_STAY_FARTHER),
               "farther from each other than on the host: 0000:43:00.0 with 0000:44:00.0"));
    ck_assert_ptr_null(finding_of(&w, FINDING_NEARER));
}
END_TEST

START_TEST(adoption_is_named_once_where_it_would_help)
{
    const char *text;

    add_hostdev(&w, "43:00.0", "5:00.0");
    add_hostdev(&w, "44:00.0", "6:00.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_PLACED_ON_PURPOSE), 1);
    text = finding_of(&w, FINDING_PLACED_ON_PURPOSE);
    ck_assert_ptr_nonnull(strstr(text, "--adopt"));
    ck_assert_ptr_nonnull(strstr(text, "controller 1"));
    add_other(&w, "disk vda", "2:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_null(strstr(finding_of(&w, FINDING_PLACED_ON_PURPOSE), "--adopt"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stay_pairs");
    TCase *tcase = tcase_create("stay_pairs");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_as_on_the_host_is_not_reported);
    tcase_add_test(tcase, one_expander_for_two_root_complexes_is_nearer);
    tcase_add_test(tcase, a_switch_that_is_not_shared_is_farther);
    tcase_add_test(tcase, adoption_is_named_once_where_it_would_help);
    return run_suite(suite);
}
