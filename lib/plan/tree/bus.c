/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.c - the bus numbers of the expanders
 *
 * Takes:  the tree of layout.controllers, the expanders of others.
 * Gives:  a range for each expander, wide enough for all below it; bus numbers of others' expanders
 *         written down.
 * Rule:   packed up to 255, so that pcie.0 can grow; at multiples of 16 when all fit that way.
 */
#include "plan/tree/number.h"

#include "model/machine.h"
#include "model/qemu_device.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/reporter.h"

#include <stdio.h>

/* The bus numbers that are taken, and by whom. */
struct ranges {
    bool taken[BUSES];
    struct qemu_device_places qemu;
    size_t root;   /* pcie.0 and all that hangs off it */
    size_t others; /* expanders of others and all below them */
};

/* QEMU puts a bridge of its own into a conventional expander, and all devices behind that
 * (pci_expander_bridge.c, pxb_dev_realize_common()). */
static size_t buses_of_model(enum controller_model model)
{
    return model == CTRL_PCI_EXPANDER ? 2 : 1;
}

/* The number of bridges below (and at) the domain's expander with this index; 0: below none. */
static size_t buses_below(const struct facts *facts, const struct qemu_device_places *qemu,
                          unsigned expander)
{
    const struct guest_tree *tree = facts->tree;
    struct qemu_place place = {expander ? QEMU_TOP_CONTROLLER : QEMU_TOP_ROOT, expander};
    size_t n = qemu_bridges_below(facts->base, qemu, place);

    for (unsigned i = 0; i < tree->end; i++) {
        if (tree->at[i].there && tree->at[i].expander == expander)
            n += buses_of_model(tree->at[i].model);
    }
    return n;
}

/* The controller of the plan on pcie.0 that is above (or is) this one. */
static const struct plan_controller *top_of(const struct layout *layout, size_t at)
{
    while (layout->controllers.items[at].parent != PLAN_NONE)
        at = layout->controllers.items[at].parent;
    return &layout->controllers.items[at];
}

/* Bus numbers that pcie.0 needs: itself, each bridge that hangs off it, and each that libvirt will
 * add. */
static size_t buses_of_root(const struct facts *facts, const struct occupancy *use,
                            const struct qemu_device_places *qemu, const struct layout *layout)
{
    size_t n = buses_below(facts, qemu, 0) + (use->at[0] ? 0 : 1);

    for (size_t i = 0; i < layout->controllers.count; i++)
        n += !model_is_expander(top_of(layout, i)->model);
    return n + libvirt_adds_ports(use);
}

/* Written down, so that what vtopo adds does not change libvirt's choice. */
static int fix_bus_numbers(const struct facts *facts, const struct occupancy *use,
                           struct layout *layout, struct vtopo_error **reterr)
{
    int lowest = libvirt_lowest_bus_number(facts->base);

    for (unsigned index = 1; index < INDEXES; index++) {
        const struct domain_controller *c = use->at[index];
        struct plan_bus_fix *fix;

        if (!c || !model_is_expander(c->model) || c->bus_nr >= 0)
            continue;
        fix = vec_add(&layout->bus_fixes);
        if (!fix)
            return error_nomem(reterr);
        if (libvirt_bus_number(lowest) < 1)
            return layout_set_shortage(
                layout, reterr, "other bus numbers for the domain's own expanders can make room",
                "libvirt finds no bus number below %d for the expander with index %u", lowest,
                index);
        lowest = libvirt_bus_number(lowest);
        *fix = (struct plan_bus_fix){index, (unsigned)lowest};
    }
    return 0;
}

static int report_fixes(const struct layout *layout, struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < layout->bus_fixes.count; i++) {
        char subject[32];

        snprintf(subject, sizeof(subject), "controller %u", layout->bus_fixes.items[i].index);
        r = report_finding(
            reporter, FINDING_BUS_FIXED, subject,
            "this expander had no bus number; busNr %u, which libvirt would have chosen, is written down, so that it does not move",
            layout->bus_fixes.items[i].bus_nr);
    }
    return r;
}

static int bus_number_of(const struct layout *layout, const struct domain_controller *expander)
{
    if (expander->told_bus_nr)
        return (int)expander->told_bus_nr;
    for (size_t i = 0; i < layout->bus_fixes.count; i++) {
        if (layout->bus_fixes.items[i].index == expander->index)
            return (int)layout->bus_fixes.items[i].bus_nr;
    }
    return expander->bus_nr;
}

/* Reserves the bus numbers of an expander of others.  False: they end past 255, or some are taken
 * already. */
static bool reserve_range(struct ranges *ranges, size_t first, size_t n)
{
    bool whole = true;

    for (size_t b = first; b < first + n; b++) {
        whole = whole && b < BUSES && !ranges->taken[b];
        if (b < BUSES)
            ranges->taken[b] = true;
    }
    return whole;
}

/* One that is broken already gets a finding, since it is not ours. */
static int reserve_others(const struct facts *facts, const struct occupancy *use,
                          const struct layout *layout, struct ranges *ranges,
                          struct reporter *reporter)
{
    int r = 0;

    for (unsigned i = 1; !r && i < INDEXES; i++) {
        const struct domain_controller *c = use->at[i];
        char subject[32];
        size_t first, n;

        if (!c || !model_is_expander(c->model) || bus_number_of(layout, c) < 0)
            continue;
        first = (size_t)bus_number_of(layout, c);
        n = buses_below(facts, &ranges->qemu, i);
        ranges->others += n;
        /* Of an incomplete domain it is not known how many numbers pcie.0 will need. */
        if (reserve_range(ranges, first, n) && (!use->complete || first >= ranges->root))
            continue;
        snprintf(subject, sizeof(subject), "controller %u", c->index);
        r = report_finding(
            reporter, FINDING_BUS_RANGE_BROKEN, subject,
            "this expander starts at bus %zu and needs %zu bus numbers, which end past 255 or overlap those of %s or of another expander: devices will be missing in the guest; give it another busNr",
            first, n, domain_machine(facts->base)->root_bus);
    }
    return r;
}

/* Those of expanders of the command line; where they overlap others, the guest has them wrong
 * without vtopo, too. */
static void reserve_qemu_expanders(const struct facts *facts, struct ranges *ranges)
{
    const struct domain *domain = facts->base;

    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];
        size_t n;

        if (!qemu_device_is_expander(d) || d->bus_nr <= 0)
            continue;
        n = 1 + qemu_bridges_below(domain, &ranges->qemu, (struct qemu_place){QEMU_TOP_DEVICE, i});
        reserve_range(ranges, (size_t)d->bus_nr, n);
        ranges->others += n;
    }
}

/* Bus numbers of an expander of ours: its own and one for each port below. */
static void count_buses(struct layout *layout)
{
    for (size_t i = 0; i < layout->controllers.count; i++) {
        size_t top = (size_t)(top_of(layout, i) - layout->controllers.items);

        if (model_is_expander(layout->controllers.items[top].model))
            layout->controllers.items[top].buses +=
                (unsigned)buses_of_model(layout->controllers.items[i].model);
    }
}

/* The highest start at a multiple of @step below @end where @n free numbers are; 0: there is none.
 */
static size_t highest_start(const struct ranges *ranges, size_t end, size_t n, size_t step)
{
    size_t start, free_ones;

    if (n > end)
        return 0;
    for (start = (end - n) / step * step; start > 0; start -= step) {
        for (free_ones = 0; free_ones < n && !ranges->taken[start + free_ones]; free_ones++)
            ;
        if (free_ones == n)
            return start;
    }
    return 0;
}

/* From the last expander to the first, each as high as it can be.  False: they do not fit. */
static bool try_ranges(struct layout *layout, const struct ranges *ranges, size_t step)
{
    size_t end = BUSES;

    for (size_t i = layout->controllers.count; i-- > 0;) {
        struct plan_controller *c = &layout->controllers.items[i];

        if (!model_is_expander(c->model))
            continue;
        end = highest_start(ranges, end, c->buses, step);
        if (end < ranges->root || !end)
            return false;
        c->bus_nr = (unsigned)end;
    }
    return true;
}

/* Whose bus numbers are in the way. */
static const char *range_cure(const struct domain *domain)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (model_is_expander(domain->controllers.items[i].model))
            return "other bus numbers for the domain's own expanders can make room";
    }
    return "another bus_nr for the expanders of <qemu:commandline> can make room";
}

static int place_ranges(const struct facts *facts, const struct ranges *ranges, size_t ours,
                        size_t expanders, struct layout *layout, struct reporter *reporter)
{
    size_t needed = ranges->root + ours + ranges->others;

    if (needed > BUSES)
        return layout_set_limit(facts, layout, reporter->reterr, LIMIT_BUSES, needed, BUSES);
    if (!try_ranges(layout, ranges, 1))
        return layout_set_shortage(
            layout, reporter->reterr, range_cure(facts->base),
            "bus numbers: %zu needed, unbroken for each of the new expanders (%zu), and those that the domain has leave no room for them in this order",
            ours, expanders);
    for (size_t i = 0; i < layout->controllers.count; i++)
        layout->controllers.items[i].bus_nr_packed = layout->controllers.items[i].bus_nr;
    if (try_ranges(layout, ranges, 16))
        return 0;
    try_ranges(layout, ranges, 1);
    return report_finding(
        reporter, FINDING_RANGES, "domain",
        "the bus ranges of the expanders do not start at multiples of 16, because the layout would not fit that way");
}

int bus_numbers_set(const struct facts *facts, const struct occupancy *use, struct layout *layout,
                    struct vtopo_error **reterr)
{
    struct ranges ranges = {.root = 0};
    struct reporter reporter = {&layout->findings, reterr};
    size_t ours = 0, expanders = 0;
    int r;

    qemu_device_places_find(facts->base, facts->tree, &ranges.qemu);
    ranges.root = buses_of_root(facts, use, &ranges.qemu, layout);
    count_buses(layout);
    for (size_t i = 0; i < layout->controllers.count; i++) {
        ours += layout->controllers.items[i].buses;
        expanders += model_is_expander(layout->controllers.items[i].model);
    }
    r = expanders ? fix_bus_numbers(facts, use, layout, reterr) : 0;
    if (!r)
        r = report_fixes(layout, &reporter);
    if (!r)
        r = reserve_others(facts, use, layout, &ranges, &reporter);
    reserve_qemu_expanders(facts, &ranges);
    return r || !expanders ? r : place_ranges(facts, &ranges, ours, expanders, layout, &reporter);
}
