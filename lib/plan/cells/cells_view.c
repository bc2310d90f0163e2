/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cells_view.c - a domain as it is with made cells
 *
 * Takes:  a domain and what it lacks.
 * Gives:  a view with cells, memnodes, pins and <topology>: what the plan builds on.
 */
#include "plan/cells/cell_elements.h"

#include <string.h>

static bool copy_cells(const struct made_cells *made, struct domain *view)
{
    bool done = true;

    for (size_t i = 0; done && i < made->count; i++) {
        struct domain_cell *cell = vec_add(&view->cells);

        done = cell && idset_copy(&made->items[i].vcpus, &cell->vcpus);
        if (done) {
            cell->id = (unsigned)i;
            cell->memory_kib = made->items[i].memory_kib;
        }
    }
    return done;
}

static bool copy_memnodes(const struct made_cells *made, struct domain *view)
{
    bool done = true;

    for (size_t i = 0; done && i < made->count; i++) {
        struct domain_memnode *memnode;

        if (!made->items[i].tied || made->items[i].node == HOST_NONE)
            continue;
        memnode = vec_add(&view->memnodes);
        done = memnode && idset_add(&memnode->nodes, made->items[i].node_id);
        if (done)
            memnode->cell = (unsigned)i;
    }
    return done;
}

static bool add_pin(unsigned vcpu, const struct idset *cpus, struct domain *view)
{
    struct domain_pin *pin = vec_add(&view->pins);

    if (pin)
        pin->vcpu = vcpu;
    return pin && idset_copy(cpus, &pin->cpus);
}

static bool copy_pins(const struct domain *domain, const struct made_cells *made,
                      struct domain *view)
{
    bool done = true;

    for (size_t i = 0; done && i < domain->pins.count; i++)
        done = add_pin(domain->pins.items[i].vcpu, &domain->pins.items[i].cpus, view);
    for (size_t i = 0; done && i < made->pins.count; i++)
        done = add_pin(made->pins.items[i].vcpu, &made->pins.items[i].cpus, view);
    return done;
}

bool cells_view(const struct domain *domain, const struct made_cells *made, struct domain *ret)
{
    bool done = domain_view(domain, ret);

    if (!done)
        return false;
    memset(&ret->cells, 0, sizeof(ret->cells));
    memset(&ret->memnodes, 0, sizeof(ret->memnodes));
    memset(&ret->pins, 0, sizeof(ret->pins));
    if (made->topology.sockets) {
        ret->sockets = made->topology.sockets;
        ret->dies = 1;
        ret->threads = made->topology.threads;
    }
    done = copy_cells(made, ret) && copy_memnodes(made, ret) && copy_pins(domain, made, ret);
    if (!done)
        cells_view_clear(ret);
    return done;
}

void cells_view_clear(struct domain *view)
{
    for (size_t i = 0; i < view->cells.count; i++)
        idset_free(&view->cells.items[i].vcpus);
    for (size_t i = 0; i < view->memnodes.count; i++)
        idset_free(&view->memnodes.items[i].nodes);
    for (size_t i = 0; i < view->pins.count; i++)
        idset_free(&view->pins.items[i].cpus);
    free(view->cells.items);
    free(view->memnodes.items);
    free(view->pins.items);
    domain_view_clear(view);
}
