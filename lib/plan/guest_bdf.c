/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_bdf.c - the PCI addresses that the guest will see
 *
 * Takes:  controllers with their addresses, before and after.
 * Gives:  the guest BDF of each assigned device before and after, and of each controller of ours.
 * Rule:   firmware numbers buses depth first: from bus 0, and from each expander's number, every
 * bridge in the order of slot and function takes the next number (SeaBIOS pci_bios_init_bus_rec(),
 * edk2 PciScanBus(); seen in booted guests with both).  Nothing is reserved for hot-plug.
 */
#include "plan/ground/planner.h"

#include <string.h>

#define INDEXES 256

struct bridge {
    bool there;
    enum controller_model model;
    bool placed; /* has an address */
    uint8_t bus, slot, function;
    int bus_nr;
    int secondary; /* guest bus number, -1: none yet */
};

struct tree {
    struct bridge bridges[INDEXES];
    bool known; /* every controller is listed and has an address */
};

static void add_own(struct tree *tree, const struct domain *domain)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        tree->bridges[c->index] = (struct bridge){
            .there = true,
            .model = c->model,
            .placed = c->address.kind == ADDRESS_PCI || c->model == CTRL_PCIE_ROOT,
            .bus = c->address.at.bus,
            .slot = c->address.at.slot,
            .function = c->address.at.function,
            .bus_nr = c->bus_nr,
            .secondary = -1,
        };
    }
}

static void add_planned(struct tree *tree, const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->bus_fixes.count; i++)
        tree->bridges[plan->bus_fixes.items[i].index].bus_nr = (int)plan->bus_fixes.items[i].bus_nr;
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *c = &plan->controllers.items[i];

        tree->bridges[c->index] = (struct bridge){
            .there = true,
            .model = c->model,
            .placed = true,
            .bus = (uint8_t)c->parent_index,
            .slot = (uint8_t)c->slot,
            .function = (uint8_t)c->function,
            .bus_nr = c->model == CTRL_EXPANDER ? (int)c->bus_nr : -1,
            .secondary = -1,
        };
    }
}

/* The next bridge on @bus behind slot and function @after, or 0. */
static unsigned next_bridge(const struct tree *tree, unsigned bus, int after)
{
    unsigned best = 0;
    int best_place = INDEXES;

    for (unsigned i = 1; i < INDEXES; i++) {
        const struct bridge *b = &tree->bridges[i];
        int place = b->slot << 3 | b->function;

        if (b->there && b->placed && b->bus == bus && b->model != CTRL_EXPANDER && place > after &&
            place < best_place) {
            best = i;
            best_place = place;
        }
    }
    return best;
}

/* Numbers everything below the bridge at @index, whose own bus has the number *@last. */
static void number_below(struct tree *tree, unsigned index, int *last)
{
    unsigned child;

    for (int after = -1; (child = next_bridge(tree, index, after)) != 0;) {
        struct bridge *b = &tree->bridges[child];

        after = b->slot << 3 | b->function;
        if (b->secondary >= 0)
            continue; /* a loop; domains with one are refused earlier */
        b->secondary = ++*last;
        number_below(tree, child, last);
    }
}

static void number_tree(struct tree *tree)
{
    unsigned highest = 0;
    int last = 0;

    tree->known = true;
    for (unsigned i = 0; i < INDEXES; i++) {
        if (tree->bridges[i].there)
            highest = i;
    }
    for (unsigned i = 0; i <= highest; i++) {
        const struct bridge *b = &tree->bridges[i];

        if (!b->there || !b->placed || (b->model == CTRL_EXPANDER && b->bus_nr < 0))
            tree->known = false;
    }
    tree->bridges[0].secondary = 0;
    number_below(tree, 0, &last);
    for (unsigned i = 1; i < INDEXES; i++) {
        struct bridge *b = &tree->bridges[i];

        if (!b->there || b->model != CTRL_EXPANDER || b->bus_nr < 0)
            continue;
        b->secondary = last = b->bus_nr;
        number_below(tree, i, &last);
    }
}

/* Is the bus below an expander?  Its numbers do not depend on what libvirt does on pcie.0. */
static bool below_expander(const struct tree *tree, unsigned bus)
{
    for (unsigned steps = 0; bus && steps < INDEXES; steps++) {
        const struct bridge *b = &tree->bridges[bus];

        if (b->there && b->model == CTRL_EXPANDER)
            return true;
        if (!b->there || !b->placed)
            return false;
        bus = b->bus;
    }
    return false;
}

static bool guest_bdf(const struct tree *tree, const struct address *address, struct bdf *ret_bdf)
{
    const struct bridge *b = &tree->bridges[address->at.bus];
    bool root = address->at.bus == 0;

    if (address->kind != ADDRESS_PCI ||
        (!root && (!b->there || b->secondary < 0 || b->secondary > 255)))
        return false;
    if (!root && !tree->known && !below_expander(tree, address->at.bus))
        return false;
    *ret_bdf =
        (struct bdf){0, (uint8_t)(root ? 0 : b->secondary), address->at.slot, address->at.function};
    return true;
}

/* Is a device of the input in a port of vtopo's, which is not for it? */
static bool is_guest_of_ours(const struct planner *p, size_t device)
{
    unsigned bus = p->facts.input->devices.items[device].address.at.bus;

    for (size_t i = 0; i < p->plan->undo.controllers.count; i++) {
        if (p->facts.input->controllers.items[p->plan->undo.controllers.items[i]].index == bus)
            return true;
    }
    return false;
}

static int tell_change(struct planner *p, size_t device, const struct bdf *from,
                       const struct bdf *to)
{
    const char *label = p->facts.input->devices.items[device].label;

    if (is_guest_of_ours(p, device) && device_is_assigned(&p->facts.input->devices.items[device]))
        return plan_finding(
            p, FINDING_GUEST_BDF_CHANGES, label,
            "was placed by a former rewrite and is on a port of pcie.0 now: its guest address changes from %s to %s",
            BDF_TEXT(from), BDF_TEXT(to));
    if (is_guest_of_ours(p, device))
        return plan_finding(
            p, FINDING_GUEST_BDF_CHANGES, label,
            "was in a port of vtopo's, which are for host devices only: its port is now one on pcie.0, and its guest address changes from %s to %s",
            BDF_TEXT(from), BDF_TEXT(to));
    return plan_finding(p, FINDING_GUEST_BDF_CHANGES, label,
                        "is not moved, but its guest address changes from %s to %s", BDF_TEXT(from),
                        BDF_TEXT(to));
}

/* Devices that vtopo does not move must keep their guest address; where one does not, say so. */
static int watch_others(struct planner *p, const struct tree *before, const struct tree *after)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->facts.input->devices.count; i++) {
        const struct address *was = &p->facts.input->devices.items[i].address;
        const struct address *is = &p->facts.base->devices.items[i].address;
        struct bdf from, to;

        if (!plan_moves(p->plan, i) && guest_bdf(before, was, &from) && guest_bdf(after, is, &to) &&
            !bdf_equal(&from, &to))
            r = tell_change(p, i, &from, &to);
    }
    return r;
}

int plan_predict(struct planner *p)
{
    autofree struct tree *before = calloc(1, sizeof(*before));
    autofree struct tree *after = calloc(1, sizeof(*after));

    if (!before || !after)
        return error_nomem(p->reterr);
    add_own(before, p->facts.input);
    number_tree(before);
    add_own(after, p->facts.base);
    add_planned(after, p->plan);
    number_tree(after);
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        struct plan_device *device = &p->plan->devices.items[i];

        device->before_known = guest_bdf(before, &device->before, &device->guest_before);
        device->after_known = guest_bdf(after, &device->after, &device->guest_after);
    }
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];
        int bus = c->parent_index ? after->bridges[c->parent_index].secondary : 0;

        c->guest = (struct bdf){0, (uint8_t)bus, (uint8_t)c->slot, (uint8_t)c->function};
    }
    return watch_others(p, before, after);
}
