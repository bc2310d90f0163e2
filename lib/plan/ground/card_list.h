/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_list.h - the cards that move, as they are on the host (devices/cards.c makes the list) */
#ifndef VTOPO_PLAN_GROUND_CARD_LIST_H
#define VTOPO_PLAN_GROUND_CARD_LIST_H

#include "plan/ground/fate.h"
#include "plan/ground/plan.h"

#define PLAN_SWITCHES 32 /* more levels than any real host has; deeper ones are left out */

/* The switches above a card, topmost first: host functions, or places in plan.controllers. */
struct plan_chain {
    size_t count;
    size_t at[PLAN_SWITCHES];
};

/* A device's part in its card. */
struct card_function {
    size_t card; /* place in card_list.cards; PLAN_NONE: the device does not move */
    unsigned guest_function;
    bool multifunction; /* must say multifunction='on' */
};

struct card_list {
    struct plan_cards cards;         /* ascending by host address; without ports */
    struct plan_chain *chains;       /* the host's, one for each card */
    struct card_function *functions; /* one for each assignment */
};

/* A card and the topmost switch above it, HOST_NONE: it is below none. */
struct card_tree {
    size_t top, card;
};
/* Sorted by switch, then by card: the cards of one switch tree follow each other.  NULL: out of
 * memory. */
struct card_tree *card_list_by_tree(const struct card_list *list);
/* How many entries from @at on are of one switch tree; a card below no switch is one of its own. */
size_t card_tree_size(const struct card_tree *trees, size_t at, size_t count);

void card_list_clear(struct card_list *list);

#endif
