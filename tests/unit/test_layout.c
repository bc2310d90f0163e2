/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_layout.c - a layout, a card list and fates as values */
#include "build.h"

#include "plan/ground/layout.h"

#include <check.h>

START_TEST(cards_have_no_port_at_first)
{
    struct plan_card items[2] = {{0}};
    struct card_list list = {.cards = {items, 2, 2}};
    struct layout made;

    ck_assert(layout_init(&list, &made));
    ck_assert(made.ports[0].port == PLAN_NONE && made.ports[1].port == PLAN_NONE);
    layout_clear(&made);
    ck_assert(!made.ports);
}
END_TEST

START_TEST(the_last_shortage_counts)
{
    struct layout made = {0};
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(layout_set_shortage(&made, &error, "less", "%d needed", 3), VTOPO_ERR_REFUSED);
    ck_assert_int_eq(layout_set_shortage(&made, &error, "fewer", "%d needed", 4),
                     VTOPO_ERR_REFUSED);
    ck_assert_ptr_null(error);
    ck_assert_str_eq(made.shortage.why, "4 needed");
    ck_assert_str_eq(made.shortage.cure, "fewer");
    layout_clear(&made);
}
END_TEST

START_TEST(cards_of_one_switch_follow_each_other)
{
    struct plan_card items[5] = {{0}};
    struct plan_chain chains[5] = {{1, {7}}, {0, {0}}, {2, {4, 9}}, {1, {7}}, {0, {0}}};
    struct card_list list = {.cards = {items, 5, 5}, .chains = chains};
    struct card_tree *trees = card_list_by_tree(&list);
    static const size_t order[] = {2, 0, 3, 1, 4};

    ck_assert(trees);
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(trees[i].card, order[i]);
    ck_assert_uint_eq(card_tree_size(trees, 0, 5), 1);
    ck_assert_uint_eq(card_tree_size(trees, 1, 5), 2);
    ck_assert_uint_eq(card_tree_size(trees, 3, 5), 1);
    free(trees);
}
END_TEST

START_TEST(a_fate_says_whether_the_device_moves)
{
    struct world w;
    struct assignment item = {.device = 1};
    struct assignments assigned = {&item, 1, 1};
    struct facts facts = {.base = &w.domain};
    struct fates fates;

    world_init(&w);
    add_other(&w, "disk vda", "00:02.0");
    add_other(&w, "disk vdb", "00:03.0");
    ck_assert(fates_init(&facts, &assigned, &fates));
    ck_assert(fates.items[0].fate == FATE_STAYS && !fates.moves[1]);
    fate_set(&fates, &assigned, 0, FATE_MOVED, STAY_PLACED);
    ck_assert(fates.items[0].fate == FATE_MOVED && fates.moves[1] && !fates.moves[0]);
    fate_set(&fates, &assigned, 0, FATE_STAYS, STAY_OTHER);
    ck_assert(fates.items[0].reason == STAY_OTHER && !fates.moves[1]);
    fates_clear(&fates);
    world_clear(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("layout");
    TCase *tcase = tcase_create("layout");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, cards_have_no_port_at_first);
    tcase_add_test(tcase, the_last_shortage_counts);
    tcase_add_test(tcase, cards_of_one_switch_follow_each_other);
    tcase_add_test(tcase, a_fate_says_whether_the_device_moves);
    return run_suite(suite);
}
