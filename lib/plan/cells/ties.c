/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ties.c - the nodes of cells that a domain has and nothing ties
 *
 * Takes:  the domain's cells, and the nodes that new ones would be on.
 * Gives:  for each of the domain's cells its node, or that it has none.
 * Rule:   one node for each cell, in order; where there are fewer nodes, several cells share one.
 *         A cell is never split: one that no node is large enough for is not tied.
 */
#include "plan/cells/work.h"

#define KIB_PER_MIB 1024u

static void free_cells(struct made_cell *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        idset_free(&items[i].vcpus);
    free(items);
}

/* Nodes for as many cells as there are. */
static bool add_nodes(struct cells_work *work)
{
    bool added = true, done = true;

    while (done && added && nodes_may_grow(work) &&
           work->made->count < domain_of(work)->cells.count)
        done = nodes_add_nearest(work, &added);
    return done && nodes_sort(work);
}

static bool take_cells(struct cells_work *work)
{
    const struct domain *domain = domain_of(work);
    struct made_cells *made = work->made;
    struct made_cell *nodes = made->items;
    size_t count = made->count, all = domain->cells.count;
    struct made_cell *items = calloc(all, sizeof(*items));
    bool done = items;

    if (!items)
        return false;
    for (size_t i = 0; done && i < all; i++) {
        const struct made_cell *from = &nodes[i * (count < all ? count : all) / all];

        items[i] = (struct made_cell){.node = from->node,
                                      .node_id = from->node_id,
                                      .tied = true,
                                      .memory_kib = domain->cells.items[i].memory_kib};
        done = idset_copy(&domain->cells.items[i].vcpus, &items[i].vcpus);
    }
    free_cells(nodes, count);
    made->items = items;
    made->count = made->cap = all;
    return done;
}

static bool untie(struct cells_work *work, const struct made_cell *small, const char *what)
{
    size_t id = (size_t)(small - work->made->items);
    autofree char *subject = mem_printf("cell %zu", id);
    struct made_cell *cell = &work->made->items[id];

    cell->tied = false;
    return subject &&
           cells_note(work, FINDING_CELL_UNTIED, subject,
                      "is not tied to a host node: with %llu MiB and %zu vCPUs it has more %s than "
                      "node %u, and a cell that is there is not split",
                      (unsigned long long)(cell->memory_kib / KIB_PER_MIB),
                      idset_size(&cell->vcpus), what, cell->node_id);
}

static size_t count_tied(const struct cells_work *work)
{
    size_t n = 0;

    for (size_t i = 0; i < work->made->count; i++)
        n += work->made->items[i].tied;
    return n;
}

static bool untie_large(struct cells_work *work)
{
    const struct made_cell *small;
    bool done = true;

    while (done && (small = memory_shortage(work)))
        done = untie(work, small, "memory");
    while (done && (small = vcpus_shortage(work)))
        done = untie(work, small, "vCPUs");
    if (done && !count_tied(work))
        return cells_stop(work, MADE_NONE,
                          "no cell can be tied to one node: each has more memory or vCPUs than any "
                          "of the nodes that it could be on");
    return done;
}

bool ties_choose(struct cells_work *work)
{
    bool done = add_nodes(work) && take_cells(work);

    if (done)
        done = nodes_check(work);
    if (done && !cells_stopped(work))
        done = untie_large(work);
    return done;
}
