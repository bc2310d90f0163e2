/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_planned_tree.c - the guest's controllers as they will be */
#include "build.h"
#include "plan/ground/planned_tree.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

/* Others: root ports 1 and 2; ours: expander 3 with port 4. */
START_TEST(ours_of_before_make_room_for_the_plans)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, GPU},
    };
    struct guest_tree tree;

    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1");
    add_hostdev(&w, "41:00.0", "01:00.0");
    add_hostdev(&w, "42:00.0", "02:00.0");
    rewrite(&w); /* 3, 4 and 5 */
    add_wish(&w, "42:00.0")->keep = 1;
    plan_or_fail(&w); /* 3 and 4 */
    planned_tree_make(w.plan, &w.domain, &tree);
    ck_assert_ptr_nonnull(tree.at[1].own);
    ck_assert_ptr_null(tree.at[3].own);
    ck_assert(tree.at[3].there && tree.at[4].there && !tree.at[5].there);
    ck_assert_uint_eq(tree.at[3].planned, 0);
    ck_assert_uint_eq(tree.at[4].planned, 1);
    ck_assert_int_eq(tree.at[4].model, CTRL_ROOT_PORT);
    ck_assert_uint_eq(tree.at[4].bus, 3);
    ck_assert_uint_eq(tree.at[4].expander, 3);
    ck_assert_uint_eq(tree.at[3].expander, 3);
    ck_assert_uint_eq(tree.at[2].expander, 0);
    ck_assert_uint_eq(tree.at[3].slot, 0x1e);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("planned_tree");
    TCase *tcase = tcase_create("planned_tree");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ours_of_before_make_room_for_the_plans);
    return run_suite(suite);
}
