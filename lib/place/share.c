/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * share.c - how many CPUs and how much memory come from which node (room.h)
 *
 * Takes:  what is free on the nodes, what is asked for, the devices of a proposal.
 * Gives:  the shares of the nodes.
 * Rule:   as cells are made (plan/cells/nodes.c): evenly from the nodes of the devices, and where
 *         these are too small from one more, the nearest, until it fits; where it does not fit
 *         evenly, each of them gives what it has, those of the devices first.  A node has to have
 *         more memory than its share, as the host needs some; how much of it is free now is only
 *         noted, as it changes: pages of one size, or what is in none.
 */
#include "place/room.h"

#include <limits.h>
#include <stdlib.h>

static struct place_share *find_share(struct place_proposal *proposal, size_t node)
{
    for (size_t i = 0; i < proposal->shares.count; i++) {
        if (proposal->shares.items[i].node == node)
            return &proposal->shares.items[i];
    }
    return NULL;
}

static bool add_share(const struct room *room, struct place_proposal *proposal, size_t node,
                      bool has_devices)
{
    struct place_share *share = find_share(proposal, node);

    if (share)
        return true;
    share = vec_add(&proposal->shares);
    if (share)
        *share = (struct place_share){
            .node = node,
            .has_devices = has_devices,
            .free_cpus = idset_size(&room->cpus[node == HOST_NONE ? 0 : node]),
        };
    return share;
}

static bool has_memory(const struct room *room, size_t node)
{
    return node == HOST_NONE || room->host->nodes.items[node].memory_kib || !room_memory(room);
}

/* Those that can give something: a node without CPUs can give memory alone, and is left out. */
static bool add_device_nodes(const struct room *room, const struct stock *stock,
                             struct place_proposal *proposal)
{
    bool done = true;

    for (size_t i = 0; done && i < stock->items.count; i++) {
        const struct stock_item *item = &stock->items.items[i];
        bool chosen = false;

        for (size_t k = 0; k < proposal->units.count; k++)
            chosen = chosen || proposal->units.items[k] == item->unit;
        if (chosen && (item->node != HOST_NONE || !room->host->nodes.count))
            done = add_share(room, proposal, item->node, true);
    }
    return done;
}

static unsigned distance_to(const struct room *room, const struct place_proposal *proposal,
                            size_t node)
{
    unsigned least = UINT_MAX - 1;

    for (size_t i = 0; i < proposal->shares.count; i++) {
        size_t from = proposal->shares.items[i].node;
        const unsigned *distances =
            from == HOST_NONE ? NULL : room->host->nodes.items[from].distances;

        if (distances && distances[node] < least)
            least = distances[node];
    }
    return least;
}

static bool add_nearest(const struct room *room, struct place_proposal *proposal, bool *ret_added)
{
    size_t nearest = HOST_NONE;
    unsigned least = UINT_MAX;

    for (size_t i = 0; i < room->host->nodes.count; i++) {
        if (find_share(proposal, i) || idset_empty(&room->cpus[i]) || !has_memory(room, i) ||
            distance_to(room, proposal, i) >= least)
            continue;
        nearest = i;
        least = distance_to(room, proposal, i);
    }
    *ret_added = nearest != HOST_NONE;
    return nearest == HOST_NONE || add_share(room, proposal, nearest, false);
}

static bool can_give(const struct room *room, const struct place_share *share)
{
    return share->free_cpus && has_memory(room, share->node);
}

/* Evenly, CPUs in whole cores, and what is left over to the first ones. */
static void divide(const struct room *room, struct place_proposal *proposal)
{
    unsigned cpus = room->request->cpus, core = (unsigned)room->core;
    unsigned cores = (cpus + core - 1) / core, givers = 0, number = 0;
    uint64_t memory = room->request->memory_kib;

    for (size_t i = 0; i < proposal->shares.count; i++)
        givers += can_give(room, &proposal->shares.items[i]);
    for (size_t i = 0; i < proposal->shares.count; i++) {
        struct place_share *share = &proposal->shares.items[i];
        unsigned mine;

        share->cpus = 0;
        share->memory_kib = 0;
        if (!can_give(room, share))
            continue;
        mine = (cores / givers + (number < cores % givers)) * core;
        share->cpus = mine < cpus ? mine : cpus;
        cpus -= share->cpus;
        share->memory_kib = memory / (givers - number);
        memory -= share->memory_kib;
        number++;
    }
}

static uint64_t most_memory(const struct room *room, const struct place_share *share)
{
    uint64_t memory =
        share->node == HOST_NONE ? 0 : room->host->nodes.items[share->node].memory_kib;

    if (!room_memory(room))
        return UINT64_MAX;
    return memory ? memory - 1 : 0;
}

/* Not evenly: the nodes of the devices first.  What is left over is not given by anybody. */
static void divide_unevenly(const struct room *room, struct place_proposal *proposal)
{
    unsigned cpus = room->request->cpus;
    uint64_t memory = room->request->memory_kib;

    for (int devices = 1; devices >= 0; devices--) {
        for (size_t i = 0; i < proposal->shares.count; i++) {
            struct place_share *share = &proposal->shares.items[i];
            uint64_t most = most_memory(room, share);

            if (share->has_devices != devices)
                continue;
            share->cpus = cpus < share->free_cpus ? cpus : (unsigned)share->free_cpus;
            share->memory_kib = memory < most ? memory : most;
            cpus -= share->cpus;
            memory -= share->memory_kib;
        }
    }
}

/* Is everything given that is asked for, and no more than there is? */
static bool fits(const struct room *room, const struct place_proposal *proposal)
{
    uint64_t cpus = 0, memory = 0;

    for (size_t i = 0; i < proposal->shares.count; i++) {
        const struct place_share *share = &proposal->shares.items[i];

        if (share->cpus > share->free_cpus || share->memory_kib > most_memory(room, share))
            return false;
        cpus += share->cpus;
        memory += share->memory_kib;
    }
    return cpus >= room->request->cpus && memory >= room->request->memory_kib;
}

/* --- details of a share --- */

static bool list_cpus(const struct room *room, struct place_share *share)
{
    const struct idset *free_cpus = &room->cpus[share->node == HOST_NONE ? 0 : share->node];
    size_t left = share->cpus;
    bool done = true;

    for (size_t id = idset_next(free_cpus, 0); done && left && id < IDSET_LIMIT;
         id = idset_next(free_cpus, id + 1)) {
        const struct host_cpu *cpu = host_find_cpu(room->host, id);
        size_t s = cpu ? idset_next(&cpu->siblings, 0) : id;

        for (; done && left && s < IDSET_LIMIT; s = idset_next(&cpu->siblings, s + 1)) {
            if (!idset_has(&share->list, s)) {
                done = idset_add(&share->list, s);
                left--;
            }
            if (!cpu)
                break;
        }
    }
    return done;
}

static bool lacks_memory(const struct room *room, const struct place_share *share)
{
    const struct host_node *node =
        share->node == HOST_NONE ? NULL : &room->host->nodes.items[share->node];

    if (!node || !node->memory_free_kib || node->memory_free_kib >= share->memory_kib)
        return false;
    for (size_t i = 0; i < node->pages.count; i++) {
        const struct host_pages *pages = &node->pages.items[i];

        if (pages->free &&
            pages->free >= (share->memory_kib + pages->size_kib - 1) / pages->size_kib)
            return false;
    }
    return true;
}

static int compare_shares(const void *left, const void *right)
{
    const struct place_share *a = left, *b = right;

    return (a->node > b->node) - (a->node < b->node);
}

static void sort_shares(struct place_proposal *proposal)
{
    if (proposal->shares.count)
        qsort(proposal->shares.items, proposal->shares.count, sizeof(*proposal->shares.items),
              compare_shares);
}

bool room_share(const struct room *room, const struct stock *stock, struct place_proposal *proposal,
                bool *ret_fits)
{
    bool done = add_device_nodes(room, stock, proposal), added = true;

    sort_shares(proposal);
    divide(room, proposal);
    while (done && added && !fits(room, proposal)) {
        done = add_nearest(room, proposal, &added);
        sort_shares(proposal);
        divide(room, proposal);
    }
    if (done && !fits(room, proposal))
        divide_unevenly(room, proposal);
    *ret_fits = fits(room, proposal);
    for (size_t i = 0; done && *ret_fits && i < proposal->shares.count; i++) {
        struct place_share *share = &proposal->shares.items[i];

        share->lacks_memory = lacks_memory(room, share);
        done = list_cpus(room, share);
    }
    return done;
}
