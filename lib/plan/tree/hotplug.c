/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hotplug.c - which root ports stay hot-pluggable
 *
 * Takes:  the layout, the I/O windows that it needs, the domain's firmware.
 * Gives:  hotplug_off on root ports of ours; plan.ports_off, empty root ports of the domain that
 *         have to be hotplug='off'; a misfit where there is no room for spare ports, or all that is
 *         not enough (concede.c).
 * Rule:   they stay hot-pluggable, unless OVMF has no I/O space for that (ovmf_io.h). Then ours go
 *         first, then spare ports, and then of the domain's as few as will do, those with the
 *         highest indexes. SeaBIOS keeps nothing for empty ports.
 */
#include "base/buffer.h"
#include "model/mark.h"
#include "plan/budget/budget.h"
#include "plan/budget/io_windows.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/reporter.h"
#include "plan/tree/number.h"

/* What firmware makes of the layout as it is now. */
struct verdict {
    bool fits;
    bool unsure;    /* it does not, but that may be so without vtopo, too */
    bool counted;   /* it does not, even with nothing hot-pluggable: address_space.c says that */
    size_t root;    /* windows that pcie.0 needs, */
    size_t padding; /* of which so many for hot-plug */
    size_t others;  /* windows that expanders need */
};

static int judge(const struct layout_input *in, const struct layout *layout, bool exact,
                 struct verdict *ret, struct vtopo_error **reterr)
{
    struct io_view view;
    int r = io_view_make(in, layout, exact, &view, reterr);

    if (r)
        return r;
    *ret = (struct verdict){
        .fits = ovmf_io_fits(view.bridges, view.count),
        .root = ovmf_io_needed(view.bridges, 1),
        .padding = view.bridges[0].padding,
    };
    ret->others = ovmf_io_needed(view.bridges, view.count) - ret->root;
    ret->unsure = view.others || !ret->others;
    ret->counted = view.bars > io_windows_available(in->facts->base);
    free(view.bridges);
    return 0;
}

/* --- our ports --- */

static int turn_off(const struct verdict *verdict, struct layout *layout, struct reporter *reporter)
{
    bool any = false;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];

        if (c->model == CTRL_ROOT_PORT && !c->hotplug_on)
            any = c->hotplug_off = true;
    }
    if (!any)
        return 0;
    return report_finding(
        reporter, FINDING_HOTPLUG_OFF, "domain",
        "the new root ports are not hot-pluggable: OVMF keeps I/O space for every hot-pluggable port, and beside the %zu ports of the domain itself devices below them would get no memory; policy hotplug of a device keeps its port hot-pluggable",
        verdict->padding);
}

static int no_room_for_spare_ports(const struct verdict *verdict, struct layout *layout,
                                   struct vtopo_error **reterr)
{
    return layout_set_shortage(
        layout, reterr, "fewer empty ports on pcie.0 leave more room",
        "OVMF has I/O space for %d hot-pluggable ports, and the domain itself has %zu",
        OVMF_IO_WINDOWS - 1, verdict->padding);
}

/* --- empty ports of the domain --- */

static void find_occupied(const struct layout_input *in, bool *occupied)
{
    for (size_t i = 0; i < in->facts->base->controllers.count; i++) {
        if (in->facts->base->controllers.items[i].address.kind == ADDRESS_PCI)
            occupied[in->facts->base->controllers.items[i].address.at.bus] = true;
    }
    for (size_t i = 0; i < in->facts->base->devices.count; i++) {
        const struct domain_device *d = &in->facts->base->devices.items[i];

        if (d->address.kind == ADDRESS_PCI && !in->fates->moves[i])
            occupied[d->address.at.bus] = true;
    }
}

/* Their indexes, ascending.  NULL: out of memory. */
static char *list_ports_off(const struct layout *layout)
{
    struct buffer text = {0};

    for (size_t i = layout->ports_off.count; i-- > 0;)
        buffer_printf(&text, "%s%u", text.length ? ", " : "", layout->ports_off.items[i]);
    return buffer_steal(&text);
}

/* The alias of the first expander says which ports were hot-pluggable before. */
static int report_ports_off(struct layout *layout, struct reporter *reporter)
{
    autofree char *numbers = list_ports_off(layout);
    struct plan_controller *first = &layout->controllers.items[0];

    if (!numbers ||
        !mark_add_ports_off(&first->alias, layout->ports_off.items, layout->ports_off.count))
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_PORTS_OFF, "domain",
        "hotplug='off' is written into empty root ports of the domain (controllers %s): OVMF keeps I/O space for every hot-pluggable port, and devices below the expanders would get no memory; nothing can be plugged into them while the guest runs",
        numbers);
}

static int turn_off_empty_ports(const struct layout_input *in, struct layout *layout,
                                struct verdict *verdict, struct reporter *reporter)
{
    bool occupied[INDEXES] = {false};
    int r = 0;

    find_occupied(in, occupied);
    for (unsigned i = INDEXES - 1; !r && !verdict->fits && i > 0; i--) {
        const struct domain_controller *c = in->facts->tree->at[i].own;
        unsigned *index;

        if (!c || c->model != CTRL_ROOT_PORT || c->address.at.bus || c->hotplug == 0 || occupied[i])
            continue;
        index = vec_add(&layout->ports_off);
        if (!index)
            return error_nomem(reporter->reterr);
        *index = i;
        r = judge(in, layout, true, verdict, reporter->reterr);
    }
    if (r || !layout->ports_off.count)
        return r;
    if (verdict->fits)
        return report_ports_off(layout, reporter);
    layout->ports_off.count = 0;
    return judge(in, layout, true, verdict, reporter->reterr);
}

/* --- */

static int report_no_room(const struct verdict *v, struct layout *layout, struct reporter *reporter)
{
    if (v->counted)
        return 0;
    if (v->unsure)
        return report_finding(
            reporter, FINDING_BUDGET_UNSURE, "domain",
            "OVMF has I/O space for %d windows of 4 KiB, and pcie.0 needs %zu of them (%zu for ports that are only hot-pluggable) and expanders %zu: devices below expanders may get no memory; <target hotplug='off'/> in root ports makes room",
            OVMF_IO_WINDOWS, v->root, v->padding, v->others);
    return layout_set_shortage(
        layout, reporter->reterr, "<target hotplug='off'/> in root ports of the domain makes room",
        "OVMF has I/O space for %d windows of 4 KiB, and pcie.0 needs %zu of them (%zu for ports that are only hot-pluggable) and the new expanders %zu: no device below them would get memory",
        OVMF_IO_WINDOWS, v->root, v->padding, v->others);
}

int layout_set_hotplug(const struct layout_input *in, const struct concessions *conceded,
                       struct layout *layout, struct vtopo_error **reterr)
{
    bool all = libvirt_adds_nothing(in->facts->base, in->fates), exact = all || conceded->fewest;
    struct reporter reporter = {&layout->findings, reterr};
    struct verdict verdict;
    int r;

    if (in->facts->base->firmware != FIRMWARE_OVMF || !layout->controllers.count)
        return 0;
    r = judge(in, layout, conceded->fewest, &verdict, reterr);
    if (r || verdict.fits)
        return r;
    r = turn_off(&verdict, layout, &reporter);
    if (!r)
        r = judge(in, layout, exact, &verdict, reterr);
    if (!r && !verdict.fits && conceded->spare_ports && in->facts->base->cells.count)
        return no_room_for_spare_ports(&verdict, layout, reterr);
    if (!r && !verdict.fits && all)
        r = turn_off_empty_ports(in, layout, &verdict, &reporter);
    return r || verdict.fits ? r : report_no_room(&verdict, layout, &reporter);
}
