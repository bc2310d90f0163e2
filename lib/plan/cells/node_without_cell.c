/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_without_cell.c - see node_without_cell.h
 *
 * Takes:  the cells that are made, and how their nodes were chosen.
 * Gives:  a reason in words for one node that is not among them.
 * Not here: the choice (nodes.c).
 */
#include "plan/cells/node_without_cell.h"

#include "plan/cells/work.h"

static bool has_memory(const struct vtopo_host *host, int node)
{
    size_t at = host_find_node(host, node);

    return at == HOST_NONE || node_has_memory(host, &host->nodes.items[at]);
}

static bool is_left_untied(const struct made_cells *made, int node)
{
    for (size_t i = 0; i < made->count; i++) {
        if (!made->items[i].tied && made->items[i].node_id == (unsigned)node)
            return true;
    }
    return false;
}

const char *node_why_without_cell(const struct made_cells *made, const struct vtopo_host *host,
                                  int node)
{
    static const char *const bound[] = {
        [BOUND_NOT] = "the domain has fewer cells than its devices have nodes",
        [BOUND_PINS] = "the CPUs that its vCPUs are bound to are on other nodes",
        [BOUND_CPUS] = "the CPUs that its vCPUs are bound to are on other nodes",
        [BOUND_MEMORY] = "<numatune><memory> has the guest's memory on other nodes",
    };

    if (idset_has(&made->chosen, (size_t)node))
        return is_left_untied(made, node) ? "the domain's cell for it is larger than the node"
                                          : bound[BOUND_NOT];
    if (made->wished)
        return "policy cells_nodes names other nodes";
    return has_memory(host, node) ? bound[made->by] : "the node has no memory";
}
