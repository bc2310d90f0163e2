/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.c - controller indexes
 *
 * Takes:  layout.controllers, parents before children; the indexes in use.
 * Gives:  an index for each; root ports for indexes that would stay empty.
 * Rule:   the lowest free ones in order, so that a parent has a lower index than its children;
 *         behind those of the ports that libvirt will need for devices without an address.
 */
#include "plan/tree/number.h"

#include "model/mark.h"
#include "plan/ground/libvirt_adds.h"

int indexes_set(const struct facts *facts, struct occupancy *use, struct layout *layout,
                struct vtopo_error **reterr)
{
    unsigned next = libvirt_first_free_index(use, layout->controllers.count), free_ones = 0;

    for (unsigned i = 1; i < INDEXES; i++)
        free_ones += !use->index[i];
    if (layout->controllers.count > free_ones)
        return layout_set_limit(facts, layout, reterr, LIMIT_INDEXES, layout->controllers.count,
                                free_ones);
    for (size_t i = 0; i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];

        while (use->index[next])
            next++;
        use->index[next] = use->there[next] = true;
        c->index = next;
        if (next > use->highest)
            use->highest = next;
        if (c->parent != PLAN_NONE)
            c->parent_index = layout->controllers.items[c->parent].index;
    }
    return 0;
}

/*
 * In a domain whose addresses are all there an index without a controller is one that a former
 * rewrite or an adopted expander left.  libvirt would fill it with a root port on pcie.0, perhaps
 * before others, whose guest bus numbers would move: so the root port is written, with a mark, in a
 * slot behind all others (slot.c).
 */
int indexes_fill_gaps(const struct layout_input *in, struct occupancy *use, struct layout *layout,
                      struct vtopo_error **reterr)
{
    /* Where nothing is built and nothing was taken out, an index that only an address names is the
     * user's affair. */
    bool by_address = layout->controllers.count || in->controllers_go;
    unsigned last = libvirt_last_filled_index(use, by_address);
    /* OVMF would keep I/O space for it (hotplug.c). */
    bool hotplug_off = in->facts->base->firmware == FIRMWARE_OVMF;

    if (!use->complete)
        return 0;
    for (unsigned i = 1; i <= last; i++) {
        char *alias;

        if (use->there[i])
            continue;
        alias = mark_gap_alias(i);
        if (!alias || !layout_add_filler(layout, i, hotplug_off, alias))
            return error_nomem(reterr);
        use->index[i] = use->there[i] = true;
    }
    return 0;
}
