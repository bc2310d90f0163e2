/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hotplug.c - which root ports stay hot-pluggable
 *
 * Takes:  the layout, the I/O windows that it needs, the domain's firmware.
 * Gives:  hotplug_off on root ports of ours; plan.ports_off, empty root ports of the domain that
 * have to be hotplug='off'; a misfit where there is no room for spare ports, or all that is not
 * enough (concede.c). Rule:   they stay hot-pluggable, unless OVMF has no I/O space for that
 * (ovmf_io.h).  Then ours go first, then spare ports, and then of the domain's as few as will do,
 * those with the highest indexes.  SeaBIOS keeps nothing for empty ports.
 */
#include "model/mark.h"
#include "plan/budget/io_windows.h"
#include "plan/ground/libvirt_adds.h"

/* What firmware makes of the layout as it is now. */
struct verdict {
    bool fits;
    bool unsure;   /* it does not, but that may be so without vtopo, too */
    bool counted;  /* it does not, even with nothing hot-pluggable: address_space.c says that */
    size_t root;   /* windows that pcie.0 needs, */
    size_t kept;   /* of which so many for hot-plug */
    size_t others; /* windows that expanders need */
};

static int judge(struct planner *p, bool exact, struct verdict *ret)
{
    struct io_view view;
    int r = plan_io_look(p, exact, &view);

    if (r)
        return r;
    *ret = (struct verdict){
        .fits = ovmf_io_fits(view.bridges, view.count),
        .root = ovmf_io_needed(view.bridges, 1),
        .kept = view.bridges[0].kept,
    };
    ret->others = ovmf_io_needed(view.bridges, view.count) - ret->root;
    ret->unsure = view.others || !ret->others;
    ret->counted = view.bars > plan_io_windows(p);
    free(view.bridges);
    return 0;
}

/* --- our ports --- */

static int turn_off(struct planner *p, const struct verdict *verdict)
{
    bool any = false;

    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];

        if (c->model == CTRL_ROOT_PORT && !c->hotplug_on)
            any = c->hotplug_off = true;
    }
    if (!any)
        return 0;
    return plan_finding(
        p, FINDING_HOTPLUG_OFF, "domain",
        "the new root ports are not hot-pluggable: OVMF keeps I/O space for every hot-pluggable port, and beside the %zu ports of the domain itself devices below them would get no memory; policy hotplug of a device keeps its port hot-pluggable",
        verdict->kept);
}

static int no_room_for_spare_ports(struct planner *p, const struct verdict *verdict)
{
    return plan_misfit(
        p, "fewer empty ports on pcie.0 leave more room",
        "OVMF has I/O space for %d hot-pluggable ports, and the domain itself has %zu",
        OVMF_IO_WINDOWS - 1, verdict->kept);
}

/* --- empty ports of the domain --- */

static void find_occupied(const struct planner *p, bool *occupied)
{
    for (size_t i = 0; i < p->facts.base->controllers.count; i++) {
        if (p->facts.base->controllers.items[i].address.kind == ADDRESS_PCI)
            occupied[p->facts.base->controllers.items[i].address.at.bus] = true;
    }
    for (size_t i = 0; i < p->facts.base->devices.count; i++) {
        const struct domain_device *d = &p->facts.base->devices.items[i];

        if (d->address.kind == ADDRESS_PCI && !plan_moves(p->plan, i))
            occupied[d->address.at.bus] = true;
    }
}

/* Their indexes, ascending.  NULL: out of memory. */
static char *list_ports_off(const struct vtopo_plan *plan)
{
    autofree char *text = NULL;

    for (size_t i = plan->ports_off.count; i-- > 0;) {
        if (!mem_append(&text, "%s%u", text ? ", " : "", plan->ports_off.items[i]))
            return NULL;
    }
    return steal(text);
}

/* The alias of the first expander tells undo.c which ports were hot-pluggable before. */
static int tell_ports_off(struct planner *p)
{
    autofree char *numbers = list_ports_off(p->plan);
    struct plan_controller *first = &p->plan->controllers.items[0];

    if (!numbers ||
        !mark_add_ports_off(&first->alias, p->plan->ports_off.items, p->plan->ports_off.count))
        return error_nomem(p->reterr);
    return plan_finding(
        p, FINDING_PORTS_OFF, "domain",
        "hotplug='off' is written into empty root ports of the domain (controllers %s): OVMF keeps I/O space for every hot-pluggable port, and devices below the expanders would get no memory; nothing can be plugged into them while the guest runs",
        numbers);
}

static int turn_off_empty_ports(struct planner *p, struct verdict *verdict)
{
    bool occupied[INDEXES] = {false};
    int r = 0;

    find_occupied(p, occupied);
    for (unsigned i = INDEXES - 1; !r && !verdict->fits && i > 0; i--) {
        const struct domain_controller *c = domain_controller_at(p->facts.base, i);
        unsigned *index;

        if (!c || c->model != CTRL_ROOT_PORT || c->address.at.bus || c->hotplug == 0 || occupied[i])
            continue;
        index = vec_add(&p->plan->ports_off);
        if (!index)
            return error_nomem(p->reterr);
        *index = i;
        r = judge(p, true, verdict);
    }
    if (r || !p->plan->ports_off.count)
        return r;
    if (verdict->fits)
        return tell_ports_off(p);
    p->plan->ports_off.count = 0;
    return judge(p, true, verdict);
}

/* --- */

static int give_up(struct planner *p, const struct verdict *v)
{
    if (v->counted)
        return 0;
    if (v->unsure)
        return plan_finding(
            p, FINDING_BUDGET_UNSURE, "domain",
            "OVMF has I/O space for %d windows of 4 KiB, and pcie.0 needs %zu of them (%zu for ports that are only hot-pluggable) and expanders %zu: devices below expanders may get no memory; <target hotplug='off'/> in root ports makes room",
            OVMF_IO_WINDOWS, v->root, v->kept, v->others);
    return plan_misfit(
        p, "<target hotplug='off'/> in root ports of the domain makes room",
        "OVMF has I/O space for %d windows of 4 KiB, and pcie.0 needs %zu of them (%zu for ports that are only hot-pluggable) and the new expanders %zu: no device below them would get memory",
        OVMF_IO_WINDOWS, v->root, v->kept, v->others);
}

int plan_hotplug(struct planner *p)
{
    bool all = libvirt_adds_nothing(p->facts.base, p->plan), exact = all || p->least;
    struct verdict verdict;
    int r;

    if (p->facts.base->firmware != FIRMWARE_OVMF || !p->plan->controllers.count)
        return 0;
    r = judge(p, p->least, &verdict);
    if (r || verdict.fits)
        return r;
    r = turn_off(p, &verdict);
    if (!r)
        r = judge(p, exact, &verdict);
    if (!r && !verdict.fits && p->fidelity.spare_ports && p->facts.base->cells.count)
        return no_room_for_spare_ports(p, &verdict);
    if (!r && !verdict.fits && all)
        r = turn_off_empty_ports(p, &verdict);
    return r || verdict.fits ? r : give_up(p, &verdict);
}
