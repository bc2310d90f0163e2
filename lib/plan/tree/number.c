/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number.c - every number that is written to the XML
 *
 * Takes:  the tree of plan.controllers, and what the domain has.
 * Gives:  indexes, slots, chassis, bus numbers, and the addresses of the devices that move.
 * Rule:   nothing is left to libvirt's defaults.
 * Not here: each kind of number (alias.c, index.c, slot.c, bus.c); counting
 * them (table.c).
 */
#include "plan/tree/number.h"

#include "plan/ground/libvirt_adds.h"

/* What would help: fewer gaps, if without them there were enough. */
static const char *cure_of(const struct planner *p, size_t gaps_too_many)
{
    if (gaps_too_many && libvirt_index_gaps(p->facts.base) >= gaps_too_many)
        return "lower indexes for the domain's own controllers make room, because each index that is left out becomes a root port";
    if (p->facts.policy->mirror == MIRROR_NUMA)
        return "fewer devices need less";
    return "fewer devices, or a coarser mirror (\"numa\" is the coarsest), need less";
}

int plan_does_not_fit(struct planner *p, enum limit limit, size_t needed, size_t available)
{
    /* How many gaps take one of them. */
    static const struct {
        const char *name;
        size_t gaps;
    } limits[] = {
        [LIMIT_SLOTS] = {"slots on pcie.0", FUNCTIONS},
        [LIMIT_PORTS] = {"ports on one bus", 0},
        [LIMIT_BUSES] = {"bus numbers", 1},
        [LIMIT_INDEXES] = {"controller indexes", 0}, /* a gap is a free one */
        [LIMIT_CHASSIS] = {"chassis numbers", 1},
    };

    return plan_misfit(p, cure_of(p, (needed - available) * limits[limit].gaps),
                       "%s: %zu needed, %zu there", limits[limit].name, needed, available);
}

static void number_devices(struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];
        const struct plan_card *card;

        if (device->fate != FATE_MOVED)
            continue;
        card = &plan->cards.items[device->card];
        device->after = (struct address){
            .kind = ADDRESS_PCI,
            .at = {0, (uint8_t)plan->controllers.items[card->port].index, (uint8_t)card->slot,
                   (uint8_t)device->guest_function},
            .multifunction = device->multifunction ? 1 : -1,
        };
    }
}

static int tell_incomplete(struct planner *p, const struct occupancy *use)
{
    if (use->complete)
        return 0;
    if (p->facts.policy->spare_ports)
        return error_set(
            p->reterr, VTOPO_ERR_REFUSED,
            "spare ports need a domain that has all its PCI addresses, because libvirt would put other devices into them: define it first, then rewrite what \"virsh dumpxml --inactive\" prints");
    return plan_finding(
        p, FINDING_ADDRESSES_LEFT, "domain",
        "some devices or controllers have no PCI address: libvirt will choose them when the domain is defined, and they can differ from those that it would choose without vtopo; to keep them, define the domain first and rewrite the dump");
}

static int number_layout(struct planner *p, struct occupancy *use)
{
    int r = tell_incomplete(p, use);

    if (!r)
        r = plan_make_aliases_unique(p);
    return r ? r : plan_number_indexes(p, use);
}

static int number_places(struct planner *p, struct occupancy *use)
{
    int r = plan_number_slots(p, use);

    if (!r)
        r = plan_number_chassis(p, use);
    if (!r)
        r = plan_number_buses(p, use);
    if (!r)
        number_devices(p->plan);
    return r;
}

int plan_number(struct planner *p)
{
    struct occupancy use = occupancy_of(p->facts.base, p->plan, p->least);
    int r = p->plan->controllers.count ? number_layout(p, &use) : 0;

    if (!r)
        r = plan_fill_gaps(p, &use);
    /* With nothing to write nothing is numbered, and nothing of others is touched. */
    if (!r && p->plan->controllers.count)
        r = number_places(p, &use);
    return r;
}
