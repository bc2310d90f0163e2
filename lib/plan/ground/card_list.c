/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_list.c - see card_list.h */
#include "plan/ground/card_list.h"

static int compare_trees(const void *left, const void *right)
{
    const struct card_tree *a = left, *b = right;
    int order = (a->top > b->top) - (a->top < b->top);

    return order ? order : (a->card > b->card) - (a->card < b->card);
}

struct card_tree *card_list_by_tree(const struct card_list *list)
{
    struct card_tree *trees = calloc(list->cards.count + 1, sizeof(*trees));

    if (!trees)
        return NULL;
    for (size_t i = 0; i < list->cards.count; i++) {
        const struct plan_chain *chain = &list->chains[i];

        trees[i] = (struct card_tree){chain->count ? chain->at[0] : HOST_NONE, i};
    }
    qsort(trees, list->cards.count, sizeof(*trees), compare_trees);
    return trees;
}

size_t card_tree_size(const struct card_tree *trees, size_t at, size_t count)
{
    size_t end = at + 1;

    while (trees[at].top != HOST_NONE && end < count && trees[end].top == trees[at].top)
        end++;
    return end - at;
}

void card_list_clear(struct card_list *list)
{
    free(list->cards.items);
    free(list->chains);
    free(list->functions);
    *list = (struct card_list){0};
}
