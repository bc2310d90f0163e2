/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grow.c - see grow.h
 *
 * Takes:  a device to begin with, those that may be taken.
 * Gives:  the devices of a proposal.
 * Rule:   one after the other, the next one being, in this order:
 *         a GPU   - the nearest to all that are there, added up;
 *                 - the one nearest to a NIC, where NICs are wanted;
 *                 - of the switch, then of the node, whose free GPUs are just enough for those that
 *                   are still wanted, else of the one that has the most, so that others stay whole;
 *         a NIC   - the one that brings all GPUs nearest to a NIC, their distances added up;
 *                 - the nearest to any GPU;
 *                 - the one that shares its card or physical function with the fewest that are
 *                   there, and then its switch;
 *                 - a whole one before a virtual function;
 *                 - of the switch with the fewest free GPUs, then the fewest free NICs.
 *         The lowest address decides between equal ones.  What shares an IOMMU group comes along.
 *         The work is wanted devices times all devices times GPUs, whatever the host looks like.
 */
#include "place/grow.h"

#include <limits.h>
#include <stdlib.h>

struct grower {
    const struct choice *choice;
    const struct stock *stock;
    bool *open;         /* of each item: it may be taken, and was not */
    unsigned *sums;     /* of each item: distances to all that are wanted to be near, added up */
    unsigned *covers;   /* of each item that is a GPU and taken: to the nearest NIC */
    unsigned *near_nic; /* of each item: to the nearest NIC that may be taken at all */
    unsigned *open_gpus, *open_nics;  /* of each place, */
    unsigned *place_nics, *card_nics; /* and those that were taken, of each card, too */
    unsigned *node_gpus;              /* of each node; one more for the unknown one */
    struct place_proposal *proposal;
};

#define FAR 4096u /* from a GPU to a NIC where there is none; above all distances */
#define KEYS 7

/* Less is better, the first that differs decides. */
struct key {
    unsigned of[KEYS];
};

static bool is_less(const struct key *a, const struct key *b)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (a->of[i] != b->of[i])
            return a->of[i] < b->of[i];
    }
    return false;
}

static size_t node_of(const struct grower *g, const struct stock_item *item)
{
    return item->node == HOST_NONE ? g->stock->host->nodes.count : item->node;
}

static void count(struct grower *g, size_t at, bool more)
{
    const struct stock_item *item = &g->stock->items.items[at];
    unsigned step = more ? 1 : UINT_MAX;

    if (item->gpu) {
        g->open_gpus[item->place] += step;
        g->node_gpus[node_of(g, item)] += step;
    } else {
        g->open_nics[item->place] += step;
    }
}

/* --- taking one --- */

static unsigned nearest_nic(const struct grower *g, size_t gpu, size_t extra)
{
    unsigned least = g->covers[gpu];
    unsigned distance = stock_distance(g->stock, gpu, extra);

    return distance < least ? distance : least;
}

static bool add_item(struct grower *g, size_t at)
{
    const struct stock_item *item = &g->stock->items.items[at];
    size_t *added = item->gpu ? vec_add(&g->proposal->gpus) : vec_add(&g->proposal->nics);

    if (!added)
        return false;
    *added = at;
    if (g->open[at])
        count(g, at, false);
    g->open[at] = false;
    if (!item->gpu) {
        g->place_nics[item->place]++;
        g->card_nics[item->card]++;
    }
    g->covers[at] = FAR;
    for (size_t i = 0; i < g->proposal->nics.count && item->gpu; i++)
        g->covers[at] = nearest_nic(g, at, g->proposal->nics.items[i]);
    for (size_t i = 0; i < g->proposal->gpus.count && !item->gpu; i++)
        g->covers[g->proposal->gpus.items[i]] = nearest_nic(g, g->proposal->gpus.items[i], at);
    if (item->gpu || !g->choice->gpus) {
        for (size_t i = 0; i < g->stock->items.count; i++)
            g->sums[i] += stock_distance(g->stock, i, at);
    }
    return true;
}

/* An item with all of its unit. */
static bool take(struct grower *g, size_t at)
{
    size_t unit = g->stock->items.items[at].unit, *added = vec_add(&g->proposal->units);
    bool done = added;

    if (added)
        *added = unit;
    for (size_t i = 0; done && i < g->stock->items.count; i++) {
        if (g->stock->items.items[i].unit == unit)
            done = add_item(g, i);
    }
    return done;
}

/* --- the next GPU --- */

/* What is just enough goes first, then what is more than enough; of what is too little the most. */
static unsigned fit(unsigned there, size_t wanted)
{
    return there >= wanted ? there - (unsigned)wanted : FAR - there;
}

static struct key key_of_gpu(const struct grower *g, size_t at)
{
    const struct stock_item *item = &g->stock->items.items[at];
    size_t wanted = g->choice->gpus - g->proposal->gpus.count;

    return (struct key){{
        g->sums[at],
        g->near_nic[at],
        fit(g->open_gpus[item->place], wanted),
        fit(g->node_gpus[node_of(g, item)], wanted),
    }};
}

/* --- the next NIC --- */

static unsigned covers_with(const struct grower *g, size_t nic, unsigned *ret_nearest)
{
    unsigned sum = 0;

    *ret_nearest = g->proposal->gpus.count ? FAR : 0;
    for (size_t i = 0; i < g->proposal->gpus.count; i++) {
        size_t gpu = g->proposal->gpus.items[i];
        unsigned distance = stock_distance(g->stock, gpu, nic);

        sum += nearest_nic(g, gpu, nic);
        if (distance < *ret_nearest)
            *ret_nearest = distance;
    }
    return sum;
}

static struct key key_of_nic(const struct grower *g, size_t at)
{
    const struct stock_item *item = &g->stock->items.items[at];
    const struct host_function *f = &g->stock->host->functions.items[item->function];
    unsigned nearest, covers = covers_with(g, at, &nearest);

    return (struct key){{
        g->choice->gpus ? covers : g->sums[at],
        nearest,
        g->card_nics[item->card],
        g->place_nics[item->place],
        f->is_vf,
        g->open_gpus[item->place],
        g->open_nics[item->place],
    }};
}

/* --- */

static size_t find_next(const struct grower *g, bool gpu)
{
    struct key best = {{0}};
    size_t next = HOST_NONE;

    for (size_t i = 0; i < g->stock->items.count; i++) {
        struct key key;

        if (!g->open[i] || g->stock->items.items[i].gpu != gpu)
            continue;
        key = gpu ? key_of_gpu(g, i) : key_of_nic(g, i);
        if (next == HOST_NONE || is_less(&key, &best)) {
            best = key;
            next = i;
        }
    }
    return next;
}

static bool take_rest(struct grower *g, bool *ret_complete)
{
    bool done = true;
    size_t next = 0;

    while (done && next != HOST_NONE && g->proposal->gpus.count < g->choice->gpus) {
        next = find_next(g, true);
        done = next == HOST_NONE || take(g, next);
    }
    while (done && next != HOST_NONE && g->proposal->nics.count < g->choice->nics) {
        next = find_next(g, false);
        done = next == HOST_NONE || take(g, next);
    }
    *ret_complete = next != HOST_NONE;
    return done;
}

static int compare_places(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;

    return (a > b) - (a < b);
}

static void sort(size_t *items, size_t count)
{
    if (count)
        qsort(items, count, sizeof(*items), compare_places);
}

static void find_near_nics(struct grower *g)
{
    for (size_t i = 0; g->choice->nics && i < g->stock->items.count; i++) {
        g->near_nic[i] = FAR;
        for (size_t k = 0; k < g->stock->items.count; k++) {
            if (g->open[k] && !g->stock->items.items[k].gpu &&
                stock_distance(g->stock, i, k) < g->near_nic[i])
                g->near_nic[i] = stock_distance(g->stock, i, k);
        }
    }
}

/* The numbers are in one block. */
static bool start(const struct choice *choice, struct place_proposal *proposal, struct grower *ret)
{
    size_t items = choice->stock->items.count, nodes = choice->stock->host->nodes.count + 1;
    unsigned *numbers = calloc(7 * items + nodes, sizeof(*numbers));

    *ret = (struct grower){
        .choice = choice,
        .stock = choice->stock,
        .open = calloc(items + 1, sizeof(*ret->open)),
        .sums = numbers,
        .proposal = proposal,
    };
    if (!ret->open || !numbers)
        return false;
    ret->covers = numbers + items;
    ret->near_nic = ret->covers + items;
    ret->open_gpus = ret->near_nic + items;
    ret->open_nics = ret->open_gpus + items;
    ret->place_nics = ret->open_nics + items;
    ret->card_nics = ret->place_nics + items;
    ret->node_gpus = ret->card_nics + items;
    for (size_t i = 0; i < items; i++) {
        ret->open[i] = choice->allowed[i];
        if (ret->open[i])
            count(ret, i, true);
    }
    find_near_nics(ret);
    return true;
}

bool grow(const struct choice *choice, size_t seed, struct place_proposal *ret_proposal,
          bool *ret_complete)
{
    struct grower g;
    bool done;

    *ret_proposal = (struct place_proposal){0};
    *ret_complete = false;
    done = start(choice, ret_proposal, &g) && take(&g, seed) && take_rest(&g, ret_complete);
    free(g.open);
    free(g.sums);
    if (!done || !*ret_complete) {
        place_proposal_clear(ret_proposal);
        return done;
    }
    sort(ret_proposal->units.items, ret_proposal->units.count);
    sort(ret_proposal->gpus.items, ret_proposal->gpus.count);
    sort(ret_proposal->nics.items, ret_proposal->nics.count);
    return true;
}
