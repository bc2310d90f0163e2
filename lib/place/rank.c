/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rank.c - see rank.h
 *
 * Takes:  the devices, CPUs and memory of a proposal.
 * Gives:  its score: numbers of which the first that differs decides, less being better.
 * Rule:   1. Nothing is taken from a driver of the host that may be at work.
 *         2. All GPUs are of one model.
 *         3. The farthest pair is as near as can be: of two GPUs, of a GPU and its nearest NIC, of
 * a NIC and its nearest GPU.  CPUs or memory from a node without any of the devices count as far as
 * devices on two nodes.
 *         4. The GPUs themselves are as near to each other as can be.
 *         5. No GPU or NIC comes along that nobody asked for, because it shares an IOMMU group.
 *         6. All these distances together are as small as can be.
 *         7. The nodes have the memory free now.
 *         8. What is taken from leaves the fewest free GPUs, then the fewest free NICs, below its
 *            switches, then on its nodes: what is whole stays whole.
 *         9. The lowest addresses.
 */
#include "place/rank.h"

#include <stdlib.h>
#include <string.h>

/* --- near and far --- */

/* Over all pairs of a list. */
static void add_pairs(const struct stock *stock, const size_t *items, size_t count,
                      unsigned *ret_farthest, unsigned *sum)
{
    *ret_farthest = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            unsigned distance = stock_distance(stock, items[i], items[k]);

            *sum += distance;
            *ret_farthest = distance > *ret_farthest ? distance : *ret_farthest;
        }
    }
}

static unsigned to_nearest(const struct stock *stock, size_t from, const size_t *items,
                           size_t count)
{
    unsigned nearest = stock_distance(stock, from, items[0]);

    for (size_t i = 1; i < count; i++) {
        unsigned distance = stock_distance(stock, from, items[i]);

        nearest = distance < nearest ? distance : nearest;
    }
    return nearest;
}

/* From each of a list to the nearest of another. */
static void add_nearest(const struct stock *stock, const size_t *from, size_t count,
                        const size_t *to, size_t to_count, unsigned *farthest, unsigned *sum)
{
    for (size_t i = 0; i < count; i++) {
        unsigned distance = to_nearest(stock, from[i], to, to_count);

        *sum += distance;
        *farthest = distance > *farthest ? distance : *farthest;
    }
}

static void measure(const struct stock *stock, struct place_proposal *p)
{
    unsigned gpus = 0, nics = 0, sum = 0;

    add_pairs(stock, p->gpus.items, p->gpus.count, &gpus, &sum);
    if (!p->gpus.count) {
        add_pairs(stock, p->nics.items, p->nics.count, &nics, &sum);
    } else if (p->nics.count) {
        add_nearest(stock, p->gpus.items, p->gpus.count, p->nics.items, p->nics.count, &nics, &sum);
        add_nearest(stock, p->nics.items, p->nics.count, p->gpus.items, p->gpus.count, &nics, &sum);
    }
    p->gpu_level = gpus ? distance_level(gpus) : 0;
    p->nic_level = nics ? distance_level(nics) : 0;
    p->score[RANK_LEVEL] = p->gpu_level > p->nic_level ? p->gpu_level : p->nic_level;
    p->score[RANK_GPUS] = p->gpu_level;
    p->score[RANK_DISTANCE] = sum;
}

static void measure_shares(struct place_proposal *p)
{
    for (size_t i = 0; i < p->shares.count; i++) {
        const struct place_share *share = &p->shares.items[i];

        if (!share->has_devices && (share->cpus || share->memory_kib))
            p->score[RANK_LEVEL] = DISTANCE_NODES;
        p->score[RANK_MEMORY] += share->lacks_memory;
    }
}

/* --- what it costs --- */

static uint32_t model_of(const struct stock *stock, size_t item)
{
    return host_function_id(&stock->host->functions.items[stock->items.items[item].function]);
}

static unsigned count_models(const struct stock *stock, const struct place_proposal *p)
{
    unsigned models = 0;

    for (size_t i = 0; i < p->gpus.count; i++) {
        bool known = false;

        for (size_t k = 0; k < i && !known; k++)
            known = model_of(stock, p->gpus.items[k]) == model_of(stock, p->gpus.items[i]);
        models += !known;
    }
    return models;
}

static unsigned surplus(size_t there, unsigned wanted)
{
    return there > wanted ? (unsigned)there - wanted : 0;
}

static void count_costs(const struct choice *choice, struct place_proposal *p)
{
    unsigned models = count_models(choice->stock, p);

    for (size_t i = 0; i < p->units.count; i++)
        p->score[RANK_HELD] += choice->stock->units.items[p->units.items[i]].hold != HOLD_NONE;
    p->score[RANK_MODELS] = models ? models - 1 : 0;
    p->score[RANK_SURPLUS] =
        surplus(p->gpus.count, choice->gpus) + surplus(p->nics.count, choice->nics);
}

/* --- what is left --- */

/* Marks the places and nodes that a list of items is taken from. */
static void mark(const struct stock *stock, const size_t *items, size_t count, bool *places,
                 bool *nodes)
{
    for (size_t i = 0; i < count; i++) {
        const struct stock_item *item = &stock->items.items[items[i]];

        places[item->place] = true;
        if (item->node != HOST_NONE)
            nodes[item->node] = true;
    }
}

static bool is_taken(const struct place_proposal *p, size_t unit)
{
    for (size_t i = 0; i < p->units.count; i++) {
        if (p->units.items[i] == unit)
            return true;
    }
    return false;
}

static bool count_left(const struct choice *choice, const bool *available, struct place_proposal *p)
{
    const struct stock *stock = choice->stock;
    autofree bool *places = calloc(stock->items.count + 1, sizeof(*places));
    autofree bool *nodes = calloc(stock->host->nodes.count + 1, sizeof(*nodes));

    if (!places || !nodes)
        return false;
    mark(stock, p->gpus.items, p->gpus.count, places, nodes);
    mark(stock, p->nics.items, p->nics.count, places, nodes);
    for (size_t i = 0; i < stock->items.count; i++) {
        const struct stock_item *item = &stock->items.items[i];

        if (!available[i] || is_taken(p, item->unit))
            continue;
        p->score[item->gpu ? RANK_LEFT_GPUS : RANK_LEFT_NICS] += places[item->place];
        p->score[item->gpu ? RANK_NODE_GPUS : RANK_NODE_NICS] +=
            item->node != HOST_NONE && nodes[item->node];
    }
    return true;
}

/* --- */

bool rank_score(const struct choice *choice, const bool *available, struct place_proposal *proposal)
{
    memset(proposal->score, 0, sizeof(proposal->score));
    measure(choice->stock, proposal);
    measure_shares(proposal);
    count_costs(choice, proposal);
    return count_left(choice, available, proposal);
}

int rank_compare(const struct place_proposal *a, const struct place_proposal *b)
{
    for (size_t i = 0; i < RANK_CRITERIA; i++) {
        if (a->score[i] != b->score[i])
            return a->score[i] < b->score[i] ? -1 : 1;
    }
    /* Units are in the order of addresses. */
    for (size_t i = 0; i < a->units.count && i < b->units.count; i++) {
        if (a->units.items[i] != b->units.items[i])
            return a->units.items[i] < b->units.items[i] ? -1 : 1;
    }
    return (a->units.count > b->units.count) - (a->units.count < b->units.count);
}
