/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ties.c - the nodes of cells that a domain has and nothing ties
 *
 * Takes:  the domain's cells, and the nodes that new ones would be on.
 * Gives:  for each of the domain's cells its node, or that it has none.
 * Rule:   one node for each cell, in order; where there are fewer nodes, several cells share one.
 *         A cell without vCPUs takes no node from one that has some: a node without CPUs is its, or
 *         it shares one.  A cell is never split: one that no node is large enough for is not tied.
 */
#include "plan/cells/work.h"

#define KIB_PER_MIB 1024u

static void free_cells(struct made_cell *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        idset_free(&items[i].vcpus);
    free(items);
}

static bool has_vcpus(const struct domain *domain, size_t cell)
{
    return !idset_empty(&domain->cells.items[cell].vcpus);
}

/* Cells up to this one that are like it: with vCPUs, or without. */
static size_t count_alike(const struct domain *domain, bool vcpus, size_t end)
{
    size_t n = 0;

    for (size_t i = 0; i < end; i++)
        n += has_vcpus(domain, i) == vcpus;
    return n;
}

static size_t nodes_with_cpus(const struct cells_work *work)
{
    size_t n = 0;

    while (n < work->made->count && takes_vcpus(work, &work->made->items[n]))
        n++; /* they are in front (nodes_sort()) */
    return n;
}

/* Nodes for as many cells with vCPUs as there are. */
static bool add_nodes(struct cells_work *work)
{
    const struct domain *domain = domain_of(work);
    size_t wanted = count_alike(domain, true, domain->cells.count);
    bool added = true, done = true;

    while (done && added && nodes_may_grow(work) && work->made->count < wanted)
        done = nodes_add_nearest(work, &added);
    return done && nodes_sort(work);
}

/* Of those that there are for its like; all are for both where one kind of nodes is not there. */
static const struct made_cell *node_for(const struct cells_work *work, size_t cell)
{
    const struct domain *domain = domain_of(work);
    size_t with_cpus = nodes_with_cpus(work), count = work->made->count, first = 0;
    bool vcpus = has_vcpus(domain, cell);
    size_t alike = count_alike(domain, vcpus, domain->cells.count);

    if (with_cpus && with_cpus < count) {
        first = vcpus ? 0 : with_cpus;
        count = vcpus ? with_cpus : count - with_cpus;
    }
    if (count > alike)
        count = alike;
    return &work->made->items[first + count_alike(domain, vcpus, cell) * count / alike];
}

static bool take_cells(struct cells_work *work)
{
    const struct domain *domain = domain_of(work);
    struct made_cells *made = work->made;
    size_t all = domain->cells.count;
    struct made_cell *items = calloc(all, sizeof(*items));
    bool done = items;

    if (!items)
        return false;
    for (size_t i = 0; done && i < all; i++) {
        const struct made_cell *from = node_for(work, i);

        items[i] = (struct made_cell){.node = from->node,
                                      .node_id = from->node_id,
                                      .tied = true,
                                      .memory_kib = domain->cells.items[i].memory_kib};
        done = idset_copy(&domain->cells.items[i].vcpus, &items[i].vcpus);
    }
    free_cells(made->items, made->count);
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
    size_t unpinned, room;
    bool done = true;

    while (done && (small = memory_shortage(work)))
        done = untie(work, small, "memory");
    do {
        done = done && cpu_room_shortage(work, &small, &unpinned, &room);
        done = done && (!small || untie(work, small, "vCPUs"));
    } while (done && small);
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
