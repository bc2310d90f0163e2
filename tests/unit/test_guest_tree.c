/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_guest_tree.c - controllers by index, and the ways up from them */
#include "model/guest_tree.h"

#include "build.h"

#include <check.h>
#include <stdio.h>

static struct world w;
static struct guest_tree tree;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static void make(void)
{
    guest_tree_make(&w.domain, &tree);
}

START_TEST(controllers_by_index)
{
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.3");
    make();
    ck_assert(tree.at[0].there);
    ck_assert(tree.at[7].there && tree.at[7].placed);
    ck_assert_int_eq(tree.at[7].model, CTRL_ROOT_PORT);
    ck_assert_uint_eq(tree.at[7].slot, 2);
    ck_assert_uint_eq(tree.at[7].function, 3);
    ck_assert_ptr_eq(tree.at[7].own, &w.domain.controllers.items[1]);
    ck_assert(!tree.at[1].there);
    ck_assert_uint_eq(tree.end, 8);
    ck_assert(guest_tree_is_on_root(&tree.at[7]));
}
END_TEST

START_TEST(the_expander_above)
{
    add_controller(&w, 3, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 4, CTRL_ROOT_PORT, "03:00.0");
    add_controller(&w, 2, CTRL_UPSTREAM, "04:00.0");
    add_controller(&w, 1, CTRL_DOWNSTREAM, "02:00.0");
    add_controller(&w, 9, CTRL_ROOT_PORT, "00:06.0");
    add_controller(&w, 10, CTRL_ROOT_PORT, "c8:00.0"); /* on a bus that nothing has */
    make();
    for (unsigned i = 1; i <= 4; i++)
        ck_assert_uint_eq(tree.at[i].expander, 3);
    ck_assert_uint_eq(tree.at[0].expander, 0);
    ck_assert_uint_eq(tree.at[9].expander, 0);
    ck_assert_uint_eq(tree.at[10].expander, 0);
    ck_assert_uint_eq(tree.at[200].expander, 0);
    ck_assert(!guest_tree_is_on_root(&tree.at[4]));
    ck_assert(guest_tree_is_below(&tree, 1, 3));
    ck_assert(guest_tree_is_below(&tree, 1, 4));
    ck_assert(guest_tree_is_below(&tree, 3, 3));
    ck_assert(!guest_tree_is_below(&tree, 9, 3));
    ck_assert(!guest_tree_is_below(&tree, 3, 1));
    ck_assert(!guest_tree_is_below(&tree, 200, 3));
}
END_TEST

START_TEST(an_expander_without_a_place_is_one_all_the_same)
{
    add_controller(&w, 3, CTRL_EXPANDER, NULL);
    add_controller(&w, 4, CTRL_ROOT_PORT, "03:00.0");
    add_controller(&w, 5, CTRL_ROOT_PORT, NULL);
    make();
    ck_assert(!tree.at[3].placed);
    ck_assert_uint_eq(tree.at[3].expander, 3);
    ck_assert_uint_eq(tree.at[4].expander, 3);
    ck_assert_uint_eq(tree.at[5].expander, 0);
    ck_assert(guest_tree_is_on_root(&tree.at[5]));
}
END_TEST

START_TEST(loops_end)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "02:00.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "03:00.0");
    add_controller(&w, 4, CTRL_ROOT_PORT, "02:00.0");
    add_controller(&w, 5, CTRL_ROOT_PORT, "00:02.0");
    make();
    for (unsigned i = 1; i <= 4; i++) {
        ck_assert(tree.at[i].looped);
        ck_assert_uint_eq(tree.at[i].expander, 0);
    }
    ck_assert(!tree.at[5].looped && !tree.at[0].looped);
    ck_assert(!guest_tree_is_below(&tree, 1, 9));
}
END_TEST

START_TEST(others_add_controllers)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    make();
    guest_tree_add(&tree, 5, &(struct guest_controller){.model = CTRL_EXPANDER, .placed = true});
    guest_tree_add(&tree, 1,
                   &(struct guest_controller){
                       .model = CTRL_ROOT_PORT, .placed = true, .bus = 5, .planned = 8});
    guest_tree_find_expanders(&tree);
    ck_assert(tree.at[5].there);
    ck_assert_ptr_null(tree.at[1].own);
    ck_assert_uint_eq(tree.at[1].planned, 8);
    ck_assert_uint_eq(tree.at[1].expander, 5);
    ck_assert_uint_eq(tree.end, 6);
}
END_TEST

START_TEST(a_way_of_255_controllers)
{
    add_controller(&w, 255, CTRL_EXPANDER, "00:05.0");
    for (unsigned i = 1; i < 255; i++) {
        char place[16];

        snprintf(place, sizeof(place), "%02x:00.0", i + 1);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
    make();
    ck_assert_uint_eq(tree.at[1].expander, 255);
    ck_assert(guest_tree_is_below(&tree, 1, 255));
    ck_assert(!guest_tree_is_below(&tree, 255, 1));
}
END_TEST

START_TEST(bridges_to_conventional_buses)
{
    ck_assert(model_is_bridge(CTRL_PCIE_TO_PCI));
    ck_assert(model_is_bridge(CTRL_PCI_BRIDGE));
    ck_assert(model_is_bridge(CTRL_DMI_TO_PCI));
    ck_assert(!model_is_bridge(CTRL_ROOT_PORT));
    ck_assert(!model_is_bridge(CTRL_OTHER));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest_tree");
    TCase *tcase = tcase_create("guest_tree");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, controllers_by_index);
    tcase_add_test(tcase, the_expander_above);
    tcase_add_test(tcase, an_expander_without_a_place_is_one_all_the_same);
    tcase_add_test(tcase, loops_end);
    tcase_add_test(tcase, others_add_controllers);
    tcase_add_test(tcase, a_way_of_255_controllers);
    tcase_add_test(tcase, bridges_to_conventional_buses);
    return run_suite(suite);
}
