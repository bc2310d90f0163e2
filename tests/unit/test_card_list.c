/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_card_list.c - cards by the switch tree that they are in */
#include "build.h"
#include "plan/ground/card_list.h"

#include <stdlib.h>

#include <check.h>
#include <string.h>

/* The topmost switch above each card; HOST_NONE: none. */
static const size_t tops[] = {7, HOST_NONE, 3, 7, HOST_NONE, 3, 7};

START_TEST(cards_of_a_switch_tree_follow_each_other)
{
    enum { CARDS = sizeof(tops) / sizeof(*tops) };
    static const size_t order[] = {2, 5, 0, 3, 6, 1, 4}, sizes[] = {2, 1, 3, 2, 1, 1, 1};
    struct card_list list = {.chains = calloc(CARDS, sizeof(*list.chains))};
    struct card_tree *trees;

    ck_assert_ptr_nonnull(list.chains);
    for (size_t i = 0; i < CARDS; i++) {
        ck_assert_ptr_nonnull(vec_add(&list.cards));
        list.chains[i].count = tops[i] == HOST_NONE ? 0 : 2;
        list.chains[i].at[0] = tops[i] == HOST_NONE ? 0 : tops[i];
        list.chains[i].at[1] = i;
    }
    trees = card_list_by_tree(&list);
    ck_assert_ptr_nonnull(trees);
    for (size_t i = 0; i < CARDS; i++) {
        ck_assert_uint_eq(trees[i].card, order[i]);
        ck_assert_uint_eq(card_tree_size(trees, i, CARDS), sizes[i]);
    }
    ck_assert_uint_eq(card_tree_size(trees, 2, 4), 2); /* not beyond the end */
    free(trees);
    card_list_clear(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("card_list");
    TCase *tcase = tcase_create("card_list");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, cards_of_a_switch_tree_follow_each_other);
    return run_suite(suite);
}
