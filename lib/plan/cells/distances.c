/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distances.c - how far the cells are from each other
 *
 * Takes:  the host's table.
 * Gives:  a row for each cell.
 * Rule:   as the host says.  10 is a cell's distance to itself and to no other (libvirt refuses
 *         that): what the host says is 10 or less between two nodes becomes 11.  Where a node has
 *         no row, none is written.
 */
#include "plan/cells/work.h"

#define TO_ITSELF 10u

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
        const unsigned *row = node_of_cell(work, &made->items[i])->distances;

        made->items[i].distances = calloc(made->count, sizeof(*row));
        for (size_t k = 0; made->items[i].distances && k < made->count; k++) {
            unsigned host = row[made->items[k].node];

            made->items[i].distances[k] =
                i == k ? TO_ITSELF : (host > TO_ITSELF ? host : TO_ITSELF + 1);
        }
        if (!made->items[i].distances)
            return false;
    }
    return true;
}
