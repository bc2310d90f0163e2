/* SPDX-License-Identifier: GPL-2.0-or-later */
/* made_cells.c - see made_cells.h */
#include "plan/cells/made_cells.h"

bool made_cells_have_node(const struct made_cells *made, int node)
{
    for (size_t i = 0; node >= 0 && i < made->count; i++) {
        if (made->items[i].tied && made->items[i].node_id == (unsigned)node)
            return true;
    }
    return false;
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
