/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.c - controller indexes
 *
 * Takes:  layout.controllers, parents before children; the indexes in use.
 * Gives:  an index for each; root ports for indexes that would stay empty, or word of those that
 *         libvirt adds.
 * Rule:   the lowest free ones in order, so that a parent has a lower index than its children;
 *         behind those of the ports that libvirt will need for devices without an address.
 */
#include "plan/tree/number.h"

#include "model/machine.h"
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
 * slot behind all others (slot.c).  With i440fx it would be a bridge, for which firmware keeps I/O
 * space; an expander without anything takes none.
 */
int indexes_fill_gaps(const struct layout_input *in, struct occupancy *use, struct layout *layout,
                      struct vtopo_error **reterr)
{
    /* Where nothing is built and nothing was taken out, an index that only an address names is the
     * user's affair. */
    bool by_address = layout->controllers.count || in->controllers_go;
    unsigned last = libvirt_last_filled_index(use, by_address);
    const struct machine *machine = domain_machine(in->facts->base);
    enum controller_model model = machine->express ? CTRL_ROOT_PORT : machine->expander;
    /* OVMF would keep I/O space for it (hotplug.c). */
    bool hotplug_off =
        machine->express && in->facts->base->firmware == FIRMWARE_OVMF && !machine->io_is_optional;

    if (!use->complete)
        return 0;
    for (unsigned i = 1; i <= last; i++) {
        char *alias;

        if (use->there[i])
            continue;
        alias = mark_gap_alias(i);
        if (!alias || !layout_add_filler(layout, model, i, hotplug_off, alias))
            return error_nomem(reterr);
        use->index[i] = use->there[i] = true;
    }
    return 0;
}

/* --- what libvirt adds below our indexes --- */

/* pcie-root, or a root port: libvirt has one for each index up to the highest. */
static bool is_missing(const struct occupancy *use, unsigned index)
{
    return index ? !use->there[index] : !use->at[0];
}

/* A filler without a mark is the domain's own for whoever comes next. */
static bool is_own(const struct plan_controller *c)
{
    return c->filler && !c->alias;
}

/* Behind the last controller of the domain's own, and of all. */
static void find_ends(const struct occupancy *use, const struct layout *layout, unsigned *ret_own,
                      unsigned *ret_all)
{
    *ret_own = INDEXES;
    while (*ret_own && !use->at[*ret_own - 1])
        --*ret_own;
    *ret_all = *ret_own;
    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];

        if (is_own(c) && c->index >= *ret_own)
            *ret_own = c->index + 1;
        if (c->index >= *ret_all)
            *ret_all = c->index + 1;
    }
}

/*
 * libvirt 9.0 puts the controllers that it adds behind all others of the text, later ones put them
 * in the order of their indexes.  In its dump without our controllers (--undo) ours would then have
 * to be found a place in front of some with lower indexes; nothing there says so, unless one of the
 * domain's own with a higher index does (domxml/apply.c).  So where there is none, all that libvirt
 * would add up to our highest index are written, without addresses: all of them, so that it chooses
 * these in the same order; but none below ports of the domain's own that have no address, either,
 * because libvirt 9.0 would choose theirs first.
 */
int layout_announce(const struct layout_input *in, struct layout *layout,
                    struct vtopo_error **reterr)
{
    struct occupancy use = occupancy_of(in->facts->base, in->fates, false);
    unsigned own, all;
    bool needed = false;

    if (!domain_machine(in->facts->base)->express)
        return 0; /* number.c refuses those of which libvirt adds any */
    occupancy_remove(&use, layout->removed.items, layout->removed.count);
    for (size_t i = 0; i < layout->controllers.count; i++)
        use.there[layout->controllers.items[i].index] = true;
    find_ends(&use, layout, &own, &all);
    for (unsigned i = own; i < all; i++)
        needed = needed || is_missing(&use, i);
    for (unsigned i = use.ports + use.expanders ? own : 0; needed && i < all; i++) {
        unsigned *index = is_missing(&use, i) ? vec_add(&layout->announced) : NULL;

        if (index)
            *index = i;
        else if (is_missing(&use, i))
            return error_nomem(reterr);
    }
    return 0;
}
