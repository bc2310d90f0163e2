/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_nodes.c - see cell_nodes.h
 *
 * Takes:  memnodes, pins and what else binds the cells of a domain; the host's table of distances.
 * Gives:  for each cell the one node that it stands for; the distance between two.
 * Rule:   the node of its memory, if that is one; else the one that has all CPUs of its pins; a
 *         single cell stands for the node that the whole domain is bound to.
 * Not here: which cell a device goes to (devices/cells.c), where several have a claim to one node.
 */
#include "plan/cells/cell_nodes.h"

static size_t node_with_cpus(const struct vtopo_host *host, const struct idset *cpus)
{
    for (size_t i = 0; !idset_empty(cpus) && i < host->nodes.count; i++) {
        if (idset_common(cpus, &host->nodes.items[i].cpus) == idset_size(cpus))
            return i;
    }
    return HOST_NONE;
}

static size_t only_node(const struct vtopo_host *host, const struct idset *nodes)
{
    return idset_size(nodes) == 1 ? host_find_node(host, (int)idset_next(nodes, 0)) : HOST_NONE;
}

static const struct idset *memory_of(const struct domain *domain, unsigned cell)
{
    for (size_t i = 0; i < domain->memnodes.count; i++) {
        if (domain->memnodes.items[i].cell == cell)
            return &domain->memnodes.items[i].nodes;
    }
    return domain->cells.count == 1 && !idset_empty(&domain->memory_nodes) ? &domain->memory_nodes
                                                                           : NULL;
}

/* False: out of memory. */
static bool find_pinned_cpus(const struct domain *domain, const struct domain_cell *cell,
                             struct idset *ret_cpus)
{
    bool done = true;

    *ret_cpus = (struct idset){0};
    for (size_t i = 0; done && i < domain->pins.count; i++) {
        if (idset_has(&cell->vcpus, domain->pins.items[i].vcpu))
            done = idset_add_all(ret_cpus, &domain->pins.items[i].cpus);
    }
    if (done && idset_empty(ret_cpus) && domain->cells.count == 1)
        done = idset_add_all(ret_cpus, &domain->vcpu_cpuset);
    return done;
}

static bool find_node(const struct facts *facts, const struct domain_cell *cell, size_t *ret)
{
    const struct idset *memory = memory_of(facts->base, cell->id);
    struct idset cpus;
    bool done;

    if (memory) {
        *ret = only_node(facts->host, memory);
        return true;
    }
    done = find_pinned_cpus(facts->base, cell, &cpus);
    *ret = node_with_cpus(facts->host, &cpus);
    idset_free(&cpus);
    return done;
}

size_t *cell_nodes_of(const struct facts *facts)
{
    size_t count = facts->base->cells.count, *nodes = calloc(count + 1, sizeof(*nodes));
    bool done = nodes;

    for (size_t i = 0; done && i < count; i++)
        done = find_node(facts, &facts->base->cells.items[i], &nodes[i]);
    if (done)
        return nodes;
    free(nodes);
    return NULL;
}

size_t *cell_nodes_of_made(const struct made_cells *made)
{
    size_t *nodes = calloc(made->count + 1, sizeof(*nodes));

    for (size_t i = 0; nodes && i < made->count; i++)
        nodes[i] = made->items[i].tied ? made->items[i].node : HOST_NONE;
    return nodes;
}

unsigned cell_distance(const struct vtopo_host *host, size_t from, size_t to)
{
    const unsigned *row =
        from == HOST_NONE || to == HOST_NONE ? NULL : host->nodes.items[from].distances;

    if (!row)
        return 0;
    return row[to] > TO_ITSELF ? row[to] : TO_ITSELF + 1;
}
