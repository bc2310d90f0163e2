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

/* What libvirt adds unasked to an incomplete domain: controllers of USB, SATA and consoles, video,
 * a balloon. */
#define UNASKED 8

static void use_address(struct in_use *use, const struct address *address)
{
    if (address->kind != ADDRESS_PCI)
        return;
    use->index[address->at.bus] = use->occupied[address->at.bus] = true;
    if (address->at.bus > use->highest)
        use->highest = address->at.bus;
    if (address->at.bus == 0)
        use->slot[address->at.slot] = true;
}

/*
 * Slots that the machine (00, 1f) and libvirt's fixed devices (video 01, sound 1b, USB 1d and 1a)
 * take, libvirt 9.0 qemuDomainValidateDevicePCISlotsQ35(); a DMI bridge without an address wants
 * 1e.
 */
static void use_fixed_slots(struct in_use *use, const struct domain *domain)
{
    static const unsigned char fixed[] = {0x00, 0x01, 0x1a, 0x1b, 0x1d, 0x1f};

    for (size_t i = 0; i < sizeof(fixed); i++)
        use->slot[fixed[i]] = true;
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].model == CTRL_DMI_TO_PCI)
            use->slot[0x1e] = true;
    }
}

bool plan_is_port(enum controller_model model)
{
    return model == CTRL_ROOT_PORT || model == CTRL_DOWNSTREAM;
}

static void use_controller(struct in_use *use, const struct domain_controller *c)
{
    use->index[c->index] = use->there[c->index] = true;
    use->at[c->index] = c;
    if (c->index > use->highest)
        use->highest = c->index;
    use_address(use, &c->address);
    if (plan_is_port(c->model))
        use->chassis[c->chassis >= 0 ? (unsigned)c->chassis % INDEXES : c->index] = true;
    if (c->model == CTRL_PCIE_ROOT || c->address.kind == ADDRESS_PCI)
        return;
    use->complete = false;
    use->ports += c->model == CTRL_ROOT_PORT;
    use->expanders += c->model == CTRL_EXPANDER;
    use->on_port += c->model == CTRL_UPSTREAM || c->model == CTRL_PCIE_TO_PCI;
}

struct in_use plan_look_at_domain(const struct planner *p)
{
    struct in_use use = {.complete = true, .least = p->least};

    use.index[0] = true;
    for (size_t i = 0; i < p->facts.base->controllers.count; i++)
        use_controller(&use, &p->facts.base->controllers.items[i]);
    use.complete = use.complete && use.there[0];
    use.there[0] = true;
    use_fixed_slots(&use, p->facts.base);
    for (size_t i = 0; i < p->facts.base->devices.count; i++) {
        const struct domain_device *d = &p->facts.base->devices.items[i];

        if (plan_moves(p->plan, i))
            continue;
        use_address(&use, &d->address);
        if (!d->maybe_pci || d->address.kind != ADDRESS_NONE)
            continue;
        use.complete = false;
        use.on_port++;
    }
    return use;
}

/* The root ports that libvirt will add on pcie.0: for indexes without a controller, for what needs
 * a port. */
size_t plan_ports_to_come(const struct in_use *use)
{
    size_t n = use->on_port + (use->complete ? 0 : UNASKED);

    if (use->least)
        return 0;
    for (unsigned i = 1; i <= use->highest; i++)
        n += !use->there[i];
    return n;
}

/* Gaps in the indexes of the domain become root ports, written by libvirt or, so that they are
 * behind all others, by us. */
static size_t count_gaps(const struct domain *domain)
{
    size_t highest = 0, others = 0;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        others += c->model != CTRL_PCIE_ROOT;
        highest = c->index > highest ? c->index : highest;
    }
    return highest - others; /* duplicate indexes are refused by the parser */
}

/* What would help: fewer gaps, if without them there were enough. */
static const char *cure_of(const struct planner *p, size_t gaps_too_many)
{
    if (gaps_too_many && count_gaps(p->facts.base) >= gaps_too_many)
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

static int tell_incomplete(struct planner *p, const struct in_use *use)
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

static int number_layout(struct planner *p, struct in_use *use)
{
    int r = tell_incomplete(p, use);

    if (!r)
        r = plan_make_aliases_unique(p);
    return r ? r : plan_number_indexes(p, use);
}

static int number_places(struct planner *p, struct in_use *use)
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
    struct in_use use = plan_look_at_domain(p);
    int r = p->plan->controllers.count ? number_layout(p, &use) : 0;

    if (!r)
        r = plan_fill_gaps(p, &use);
    /* With nothing to write nothing is numbered, and nothing of others is touched. */
    if (!r && p->plan->controllers.count)
        r = number_places(p, &use);
    return r;
}
