/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * function0.c - guest slots whose devices nobody will see
 *
 * Takes:  the domain's devices with the addresses that they will have.
 * Gives:  a finding for each slot below a port or bridge that has functions and no function 0.
 * Rule:   software looks for further functions only where there is a function 0 (PCI Local Bus
 *         Specification 3.0, 3.2.2.3.4); QEMU starts without a word.
 * Not here: devices that vtopo moves (cards.c gives them one), pcie.0, where the machine has
 *         functions of its own.
 */
#include "plan/advice/advice.h"

#define SLOTS 32

/* The slots that have a function 0, by bus. */
struct slots {
    bool has_function0[DOMAIN_INDEXES][SLOTS];
};

static void add_slot(struct slots *slots, const struct address *a)
{
    if (a->kind == ADDRESS_PCI && !a->at.function && a->at.slot < SLOTS)
        slots->has_function0[a->at.bus][a->at.slot] = true;
}

/* Of each device of the domain the address that it will have. */
static void find_addresses(const struct facts *facts, const struct vtopo_plan *plan,
                           const struct address **addresses)
{
    for (size_t i = 0; i < facts->base->devices.count; i++)
        addresses[i] = &facts->base->devices.items[i].address;
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (plan->devices.items[i].fate == FATE_MOVED)
            addresses[plan->devices.items[i].device] = &plan->devices.items[i].after;
    }
}

static void find_slots(const struct domain *domain, const struct address *const *addresses,
                       struct slots *slots)
{
    for (size_t i = 0; i < domain->devices.count; i++)
        add_slot(slots, addresses[i]);
    for (size_t i = 0; i < domain->controllers.count; i++)
        add_slot(slots, &domain->controllers.items[i].address);
}

static bool is_hidden(const struct slots *slots, const struct address *a)
{
    return a->kind == ADDRESS_PCI && a->at.bus && a->at.function &&
           !(a->at.slot < SLOTS && slots->has_function0[a->at.bus][a->at.slot]);
}

int function0_report(const struct facts *facts, const struct vtopo_plan *plan,
                     const struct reporter *reporter)
{
    size_t count = facts->base->devices.count;
    autofree const struct address **addresses = calloc(count + 1, sizeof(*addresses));
    autofree struct slots *slots = calloc(1, sizeof(*slots));
    int r = 0;

    if (!addresses || !slots)
        return error_nomem(reporter->reterr);
    find_addresses(facts, plan, addresses);
    find_slots(facts->base, addresses, slots);
    for (size_t i = 0; !r && i < count; i++) {
        const struct address *a = addresses[i];

        if (is_hidden(slots, a))
            r = report_finding(
                reporter, FINDING_NO_FUNCTION0, facts->base->devices.items[i].label,
                "is function %u of slot %u on bus %u, and nothing is function 0 there, so the guest will not see it: give it function 0, or take its <address> out of the domain",
                a->at.function, a->at.slot, a->at.bus);
    }
    return r;
}
