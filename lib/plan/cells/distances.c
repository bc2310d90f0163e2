/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distances.c - how far the cells are from each other
 *
 * Takes:  the host's table.
 * Gives:  a row for each cell.
 * Rule:   as the host says.  Where a node has no row, none is written.
 * Not here: the distance of two (cell_nodes.c).
 */
#include "plan/cells/cell_nodes.h"
#include "plan/cells/work.h"

static bool are_known(const struct cells_work *work)
{
    for (size_t i = 0; i < work->made->count; i++) {
        const struct host_node *node = node_of_cell(work, &work->made->items[i]);

        if (!node || !node->distances)
            return false;
    }
    return work->made->count > 1;
}

bool distances_copy(struct cells_work *work)
{
    struct made_cells *made = work->made;

    for (size_t i = 0; i < made->count && are_known(work); i++) {
        unsigned *row = calloc(made->count, sizeof(*row));

        if (!row)
            return false;
        for (size_t k = 0; k < made->count; k++)
            row[k] = i == k
                         ? TO_ITSELF
                         : cell_distance(host_of(work), made->items[i].node, made->items[k].node);
        made->items[i].distances = row;
    }
    return true;
}
