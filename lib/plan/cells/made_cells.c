/* SPDX-License-Identifier: GPL-2.0-or-later */
/* made_cells.c - see made_cells.h */
#include "plan/cells/made_cells.h"

#include "plan/cells/work.h"

bool made_cells_have_node(const struct made_cells *made, int node)
{
    for (size_t i = 0; node >= 0 && i < made->count; i++) {
        if (made->items[i].tied && made->items[i].node_id == (unsigned)node)
            return true;
    }
    return false;
}

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

const char *made_cells_why_without(const struct made_cells *made, const struct vtopo_host *host,
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

static void clear_cell(struct made_cell *cell)
{
    idset_free(&cell->vcpus);
    free(cell->distances);
}

void made_cells_clear(struct made_cells *made)
{
    for (size_t i = 0; i < made->count; i++)
        clear_cell(&made->items[i]);
    for (size_t i = 0; i < made->pins.count; i++)
        idset_free(&made->pins.items[i].cpus);
    for (size_t i = 0; i < made->notes.count; i++) {
        free(made->notes.items[i].subject);
        free(made->notes.items[i].text);
    }
    free(made->items);
    free(made->pins.items);
    free(made->notes.items);
    free(made->page_nodeset);
    free(made->why);
    idset_free(&made->chosen);
    *made = (struct made_cells){0};
}
