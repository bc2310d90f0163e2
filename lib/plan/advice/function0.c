/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * function0.c - guest slots whose devices nobody will see
 *
 * Takes:  the domain's devices with the addresses that they will have.
 * Gives:  a finding for each slot below a port or bridge that has functions and no function 0.
 * Rule:   software looks for further functions only where there is a function 0 (PCI Local Bus
 * Specification 3.0, 3.2.2.3.4); QEMU starts without a word. Not here: devices that vtopo moves
 * (cards.c gives them one), pcie.0, where the machine has functions of its own.
 */
#include "plan/ground/planner.h"

static const struct address *address_of(const struct planner *p, size_t device)
{
    const struct plan_device *planned = plan_device_at(p->plan, device);

    return planned && planned->fate == FATE_MOVED ? &planned->after
                                                  : &p->facts.base->devices.items[device].address;
}

static bool has_function0(const struct planner *p, const struct bdf *slot)
{
    for (size_t i = 0; i < p->facts.base->devices.count; i++) {
        const struct address *a = address_of(p, i);

        if (a->kind == ADDRESS_PCI && !a->at.function && bdf_same_slot(&a->at, slot))
            return true;
    }
    for (size_t i = 0; i < p->facts.base->controllers.count; i++) {
        const struct address *a = &p->facts.base->controllers.items[i].address;

        if (a->kind == ADDRESS_PCI && !a->at.function && bdf_same_slot(&a->at, slot))
            return true;
    }
    return false;
}

int plan_function0(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->facts.base->devices.count; i++) {
        const struct address *a = address_of(p, i);

        if (a->kind != ADDRESS_PCI || !a->at.bus || !a->at.function || has_function0(p, &a->at))
            continue;
        r = plan_finding(
            p, FINDING_NO_FUNCTION0, p->facts.base->devices.items[i].label,
            "the guest will not see it: it is function %u of slot %u on bus %u, and nothing is function 0 there",
            a->at.function, a->at.slot, a->at.bus);
    }
    return r;
}
