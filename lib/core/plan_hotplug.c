/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_hotplug.c - which root ports stay hot-pluggable
 *
 * Takes:  the layout, the domain's own ports, its firmware.
 * Gives:  hotplug_off on root ports of ours; no spare ports where there is no room for them.
 * Rule:   they stay hot-pluggable, unless OVMF would run out of I/O space for them.
 *
 * OVMF (2022.11) keeps an I/O window of 4 KiB for every port that can hot-plug, whether something is in it or not, and
 * has room for ten.  When they do not fit, what is below the expanders loses its memory, too: seen in guests with 17
 * ports on pcie.0 and four hot-pluggable root ports below expanders; with hotplug='off' on the latter all was there.
 * SeaBIOS keeps nothing for empty ports.
 */
#include "core/planner.h"

#define OVMF_PORTS 9 /* one window is for what else has I/O BARs */

/* libvirt adds controllers of USB, SCSI and consoles and a balloon, each in a port of its own. */
#define UNASKED 4

static size_t ports_there(const struct domain *domain)
{
    size_t n = 0;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        n += (c->model == CTRL_ROOT_PORT || c->model == CTRL_DOWNSTREAM) && c->hotplug != 0;
    }
    return n;
}

/* Does the device need a port that can hot-plug?  It has none yet, or it is not on pcie.0 and its port says nothing else. */
static bool needs_port(const struct domain *domain, const struct domain_device *device)
{
    const struct domain_controller *port;

    if (device->unasked || !device->maybe_pci || device->address.kind == ADDRESS_NONE)
        return device->maybe_pci && !device->unasked;
    if (device->address.kind != ADDRESS_PCI || !device->address.at.bus)
        return false;
    port = domain_controller_at(domain, device->address.at.bus);
    return !port || port->hotplug != 0;
}

/*
 * The hot-pluggable ports that the domain has or will have.  A bare definition and libvirt's dump of it have to give the same
 * number, or a second rewrite would not agree with the first: so what libvirt adds unasked is never counted as it is,
 * but always reckoned with.
 */
static size_t ports_of_domain(const struct planner *p)
{
    size_t there = ports_there(p->domain), needed = UNASKED;

    for (size_t i = 0; i < p->domain->devices.count; i++)
        needed += needs_port(p->domain, &p->domain->devices.items[i]) && !plan_moves(p->plan, i);
    return there > needed ? there : needed;
}

/* Root ports of the plan: all, or those that must be hot-pluggable. */
static size_t root_ports(const struct vtopo_plan *plan, bool must)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->controllers.count; i++)
        n += plan->controllers.items[i].model == CTRL_ROOT_PORT &&
             (!must || plan->controllers.items[i].hotplug_on);
    return n;
}

static int turn_off(struct planner *p, size_t ports)
{
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];

        if (c->model == CTRL_ROOT_PORT && !c->hotplug_on)
            c->hotplug_off = true;
    }
    return plan_finding(p, FINDING_HOTPLUG_OFF, "domain",
                        "the new root ports are not hot-pluggable: OVMF keeps I/O space for every hot-pluggable port, and beside the %zu ports of the domain itself devices below them would get no memory; policy hotplug of a device keeps its port hot-pluggable",
                        ports);
}

/* They are the last controllers of the plan (plan_layout.c). */
static int give_up_spare_ports(struct planner *p, size_t ports)
{
    size_t kept = p->plan->controllers.count;

    while (kept && p->plan->controllers.items[kept - 1].spare)
        free(p->plan->controllers.items[--kept].alias);
    if (kept == p->plan->controllers.count)
        return 0;
    p->plan->controllers.count = kept;
    return plan_finding(p, FINDING_SPARE_GIVEN_UP, "domain",
                        "there are no spare ports: OVMF has I/O space for %d hot-pluggable ports, and the domain itself has %zu; with fewer empty ports on pcie.0 there would be room",
                        OVMF_PORTS, ports);
}

int plan_hotplug(struct planner *p)
{
    size_t ports = ports_of_domain(p);
    int r;

    if (p->domain->firmware != FIRMWARE_OVMF || !p->plan->controllers.count ||
        ports + root_ports(p->plan, false) <= OVMF_PORTS)
        return 0;
    r = turn_off(p, ports);
    if (!r && ports + root_ports(p->plan, true) > OVMF_PORTS)
        r = give_up_spare_ports(p, ports);
    if (!r && root_ports(p->plan, true) && ports + root_ports(p->plan, true) > OVMF_PORTS)
        r = plan_finding(p, FINDING_BUDGET_UNSURE, "domain",
                         "OVMF has I/O space for %d hot-pluggable ports, and the domain has %zu and needs %zu more (teaming transient, or policy hotplug): devices below expanders may get no memory; with fewer empty ports on pcie.0 there would be room",
                         OVMF_PORTS, ports, root_ports(p->plan, true));
    return r;
}
