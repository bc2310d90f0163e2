/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * missing_tie.c - which cell could stand for a node that no cell stands for
 *
 * Takes:  the domain's cells, of which some are tied to nodes; the node of a device.
 * Gives:  words that name a cell without a tie and the <memnode> that would be one.
 * Rule:   cells that neither a <memnode> nor a <vcpupin> binds, in order, for the nodes of the
 *         devices in order; nothing where the cell does not fit, or libvirt would refuse the
 *         <memnode>.
 * Not here: domains none of whose cells is tied (plan/cells): this one says itself which cells are
 *         bound, so vtopo adds nothing.
 */
#include "plan/devices/devices.h"

#include <string.h>

static bool is_bound(const struct domain *domain, const struct domain_cell *cell)
{
    for (size_t i = 0; i < domain->memnodes.count; i++) {
        if (domain->memnodes.items[i].cell == cell->id)
            return true;
    }
    for (size_t i = 0; i < domain->pins.count; i++) {
        if (idset_has(&cell->vcpus, domain->pins.items[i].vcpu))
            return true;
    }
    return false;
}

/* The @rank-th cell that is not bound, NULL: there are not so many. */
static const struct domain_cell *find_cell(const struct domain *domain, size_t rank)
{
    for (size_t i = 0; i < domain->cells.count; i++) {
        if (!is_bound(domain, &domain->cells.items[i]) && !rank--)
            return &domain->cells.items[i];
    }
    return NULL;
}

static bool may_be_on(const struct domain *domain, const struct domain_cell *cell,
                      const struct host_node *node)
{
    const struct idset *memory = &domain->memory_nodes;

    return !domain->placement_auto && (idset_empty(memory) || idset_has(memory, node->id)) &&
           (!node->memory_kib || cell->memory_kib < node->memory_kib) &&
           (idset_empty(&node->cpus) || idset_size(&cell->vcpus) <= idset_size(&node->cpus));
}

/* Of <memory>, which that of <memnode> follows. */
static const char *mode_of(const struct domain *domain)
{
    static const char *const modes[] = {"strict", "preferred", "interleave", "restrictive"};

    for (size_t i = 0; domain->memory_mode && i < sizeof(modes) / sizeof(*modes); i++) {
        if (!strcmp(domain->memory_mode, modes[i]))
            return modes[i];
    }
    return modes[0];
}

char *missing_tie_words(const struct facts *facts, int node, size_t rank)
{
    const struct domain *domain = facts->base;
    const struct domain_cell *cell = find_cell(domain, rank);
    size_t at = host_find_node(facts->host, node);

    /* Where vtopo has made ties, it has said why a cell has none. */
    if (!cell || at == HOST_NONE || domain->memnodes.count > facts->input->memnodes.count ||
        !may_be_on(domain, cell, &facts->host->nodes.items[at]))
        return strdup("");
    return mem_printf(
        "; cell %u is tied to no node, and <memnode cellid='%u' mode='%s' "
        "nodeset='%d'/> inside <numatune> would tie it to this one (--cells make ties "
        "cells only where the domain itself ties none)",
        cell->id, cell->id, mode_of(domain), node);
}
