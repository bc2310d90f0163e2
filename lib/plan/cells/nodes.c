/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nodes.c - on which host nodes the cells are
 *
 * Takes:  what binds the domain, what the policy names, the nodes of the devices.
 * Gives:  an empty cell for each node.
 * Rule:   the nodes that the policy names; else those that the domain's own binding puts its vCPUs
 *         (or memory) on; else those of the devices, and where these are too small one more, the
 *         nearest, until all fits.  A node without memory can have no cell.
 */
#include "plan/cells/work.h"

#include <limits.h>
#include <string.h>

static bool has_node(const struct made_cells *made, unsigned id)
{
    for (size_t i = 0; i < made->count; i++) {
        if (made->items[i].node_id == id)
            return true;
    }
    return false;
}

/* @at: place in host.nodes, HOST_NONE: a host without NUMA information. */
static bool add_cell(struct cells_work *work, size_t at)
{
    unsigned id = at == HOST_NONE ? 0 : host_of(work)->nodes.items[at].id;
    struct made_cell *cell;

    if (has_node(work->made, id))
        return true;
    cell = vec_add(work->made);
    if (cell)
        *cell = (struct made_cell){.node = at, .node_id = id, .tied = true};
    return cell != NULL;
}

static int compare_cells(const void *left, const void *right)
{
    const struct made_cell *a = left, *b = right;

    return (a->node_id > b->node_id) - (a->node_id < b->node_id);
}

/* Linux numbers the nodes without CPUs behind the others (the SRAT has processors first), so that
 * only then a cell's number is that of its node in the guest. */
bool nodes_sort(struct cells_work *work)
{
    struct made_cells *made = work->made;
    autofree struct made_cell *sorted = calloc(made->count + 1, sizeof(*sorted));
    size_t count = 0;

    if (!sorted)
        return false;
    qsort(made->items, made->count, sizeof(*made->items), compare_cells);
    for (size_t i = 0; i < made->count; i++) {
        if (takes_vcpus(work, &made->items[i]))
            sorted[count++] = made->items[i];
    }
    for (size_t i = 0; i < made->count; i++) {
        if (!takes_vcpus(work, &made->items[i]))
            sorted[count++] = made->items[i];
    }
    memcpy(made->items, sorted, count * sizeof(*sorted));
    return true;
}

bool node_has_memory(const struct vtopo_host *host, const struct host_node *node)
{
    bool any = false;

    for (size_t i = 0; i < host->nodes.count; i++)
        any = any || host->nodes.items[i].memory_kib;
    return !any || node->memory_kib;
}

/* --- those of the devices --- */

/* The lowest node with memory: for devices none of whose nodes can have a cell. */
static bool add_any(struct cells_work *work)
{
    const struct vtopo_host *host = host_of(work);

    for (size_t i = 0; i < host->nodes.count; i++) {
        if (node_has_memory(host, &host->nodes.items[i]))
            return add_cell(work, i);
    }
    return add_cell(work, HOST_NONE);
}

static bool add_those_of_devices(struct cells_work *work)
{
    const struct vtopo_host *host = host_of(work);

    for (size_t i = 0; i < work->device_count; i++) {
        size_t at = host_find_node(host, work->device_nodes[i]);

        if (at != HOST_NONE && node_has_memory(host, &host->nodes.items[at]) && !add_cell(work, at))
            return false;
    }
    return work->made->count || add_any(work);
}

/* --- those that the domain's binding leads to --- */

/* May the vCPU run on a node that has a cell? */
static bool reaches_a_cell(const struct cells_work *work, const struct idset *cpus)
{
    for (size_t i = 0; i < work->made->count; i++) {
        const struct host_node *node = node_of_cell(work, &work->made->items[i]);

        if (!node || idset_common(cpus, &node->cpus))
            return true;
    }
    return false;
}

/* Nodes that are the only one of some vCPU; of one that has none of these, the lowest that it may
 * run on. */
static bool add_those_of_pins(struct cells_work *work)
{
    const struct vtopo_host *host = host_of(work);
    bool done = true;

    for (size_t v = 0; done && v < work->vcpus; v++) {
        if (work->homes[v] != HOST_NONE)
            done = add_cell(work, work->homes[v]);
    }
    for (size_t v = 0; done && v < work->vcpus; v++) {
        if (idset_empty(&work->cpus[v]) || reaches_a_cell(work, &work->cpus[v]))
            continue;
        for (size_t i = 0; i < host->nodes.count; i++) {
            if (idset_common(&work->cpus[v], &host->nodes.items[i].cpus)) {
                done = add_cell(work, i);
                break;
            }
        }
    }
    return done;
}

static bool add_those_of_sets(struct cells_work *work)
{
    const struct vtopo_host *host = host_of(work);
    bool done = true;

    for (size_t i = 0; done && i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];
        bool bound = work->by == BOUND_CPUS ? idset_common(&work->all, &node->cpus) > 0
                                            : idset_has(&domain_of(work)->memory_nodes, node->id);

        if (bound)
            done = add_cell(work, i);
    }
    return done;
}

/* --- those that the policy names --- */

static bool is_wished(const struct cells_work *work)
{
    return work->wish->nodes && !idset_empty(work->wish->nodes);
}

static bool add_wished(struct cells_work *work)
{
    const struct vtopo_host *host = host_of(work);
    const struct idset *nodes = work->wish->nodes;

    for (size_t id = idset_next(nodes, 0); id < IDSET_LIMIT; id = idset_next(nodes, id + 1)) {
        size_t at = host_find_node(host, (int)id);

        if (at == HOST_NONE)
            return cells_stop(work, MADE_REFUSED,
                              "policy cells_nodes names node %zu, which this host does not have",
                              id);
        if (!add_cell(work, at))
            return false;
    }
    for (size_t v = 0; v < work->vcpus; v++) {
        if (!idset_empty(&work->cpus[v]) && !reaches_a_cell(work, &work->cpus[v]))
            return cells_stop(work, MADE_REFUSED,
                              "vCPU %zu is bound to CPUs outside of the nodes that policy "
                              "cells_nodes names",
                              v);
    }
    return true;
}

bool nodes_choose(struct cells_work *work)
{
    if (is_wished(work))
        return add_wished(work);
    switch (work->by) {
    case BOUND_PINS:
        return add_those_of_pins(work);
    case BOUND_CPUS:
    case BOUND_MEMORY:
        return add_those_of_sets(work);
    case BOUND_NOT:
        break;
    }
    return add_those_of_devices(work);
}

/* --- one more --- */

bool nodes_may_grow(const struct cells_work *work)
{
    return work->by == BOUND_NOT && !is_wished(work);
}

/* To the nearest of the cells. */
static unsigned distance_to(const struct cells_work *work, size_t at)
{
    unsigned least = UINT_MAX;

    for (size_t i = 0; i < work->made->count; i++) {
        const struct host_node *from = node_of_cell(work, &work->made->items[i]);

        if (from && from->distances && from->distances[at] < least)
            least = from->distances[at];
    }
    return least;
}

bool nodes_add_nearest(struct cells_work *work, bool *ret_added)
{
    const struct vtopo_host *host = host_of(work);
    size_t nearest = HOST_NONE;
    unsigned least = 0;

    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];
        unsigned distance = distance_to(work, i);

        if (has_node(work->made, node->id) || !node_has_memory(host, node) ||
            idset_empty(&node->cpus) || (nearest != HOST_NONE && distance >= least))
            continue;
        nearest = i;
        least = distance;
    }
    *ret_added = nearest != HOST_NONE;
    return nearest == HOST_NONE || add_cell(work, nearest);
}

/* --- */

/* The host node of a cell's vCPUs is not among those of the memory: no cell can follow both. */
bool nodes_check(struct cells_work *work)
{
    const struct idset *memory = &domain_of(work)->memory_nodes;

    for (size_t i = 0; i < work->made->count; i++) {
        const struct made_cell *cell = &work->made->items[i];
        const struct host_node *node = node_of_cell(work, cell);
        autofree char *nodes = NULL;

        if (!cell->tied || !node)
            continue;
        if (!node_has_memory(host_of(work), node))
            return cells_stop(work, MADE_REFUSED, "node %u would have a cell, and it has no memory",
                              cell->node_id);
        if (idset_empty(memory) || idset_has(memory, cell->node_id))
            continue;
        nodes = idset_format(memory);
        return nodes &&
               cells_stop(work, MADE_REFUSED,
                          "a cell on host node %u would be outside of the nodes that <numatune> "
                          "binds the memory to (%s), and a cell has vCPUs and memory of one node",
                          cell->node_id, nodes);
    }
    return true;
}
