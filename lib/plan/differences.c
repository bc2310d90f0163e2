/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * differences.c - see differences.h
 *
 * Takes:  the finished layout with the guest's addresses.
 * Gives:  findings for cards without the host's function 0, and for network interfaces whose names
 *         follow from their address.
 * Not here: pairs of cards (card_pairs.c), nodes (cells.c), others' guest addresses (guest_bdf.c).
 */
#include "plan/differences.h"

#include "model/pci_class.h"
#include "plan/stay_pairs.h"

#include "base/buffer.h"

#include <stdio.h>

#define CLASS_INFINIBAND 0x0207

static enum device_kind kind_of(const struct facts *facts, const struct plan_device *device)
{
    return facts->base->devices.items[device->device].kind;
}

/* Its function number in the guest is not the host's. */
static bool is_made_function0(const struct facts *facts, const struct plan_card *card,
                              const struct plan_device *device)
{
    enum device_kind kind = kind_of(facts, device);
    bool whole = (kind == DEVICE_HOSTDEV_PCI || kind == DEVICE_INTERFACE_HOSTDEV) &&
                 !facts->host->functions.items[device->function].is_vf;

    return card->host.function && !card->attach_pci && whole;
}

static int report_functions(const struct facts *facts, const struct vtopo_plan *plan,
                            const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->cards.count; i++) {
        const struct plan_card *card = &plan->cards.items[i];

        const struct plan_device *first = &plan->devices.items[card->first_device];

        if (is_made_function0(facts, card, first))
            r = report_finding(
                reporter, FINDING_FUNCTION_RENUMBERED, BDF_TEXT(&card->host),
                first->single
                    ? "becomes function 0 of a slot of its own in the guest"
                    : "becomes function 0 of its slot in the guest: it is the lowest function there, and a slot needs a function 0");
    }
    return r;
}

/* The port whose ejection ejects the card: above the bridge that it is behind, if it is. */
static const struct plan_controller *port_of_card(const struct vtopo_plan *plan,
                                                  const struct plan_card *card)
{
    const struct plan_controller *c = &plan->controllers.items[card->port];

    return c->model == CTRL_PCIE_TO_PCI ? &plan->controllers.items[c->parent] : c;
}

/* Somebody turned it off, and something else turns it on. */
static int report_port_on(const struct plan_card *card, const struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_PORT_ON, BDF_TEXT(&card->host),
        "comes from a port with hotplug='off', and its new port is hot-pluggable, because it must be (teaming transient, or policy hotplug), so the guest can eject it");
}

/* Ports that can hot-plug, though somebody turned that off. */
static int report_ports_on(const struct vtopo_plan *plan, const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->cards.count; i++) {
        const struct plan_card *card = &plan->cards.items[i];

        if (card->port_off && !port_of_card(plan, card)->hotplug_off)
            r = report_port_on(card, reporter);
    }
    return r;
}

/* --- GPUs at their host addresses --- */

/* With an ACPI table of the domain's own it stays there (devices/who_moves.c). */
static int report_host_addresses(const struct facts *facts, const struct vtopo_plan *plan,
                                 const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];
        const struct address *address = &facts->base->devices.items[d->device].address;

        if (d->fate == FATE_MOVED && kind_of(facts, d) == DEVICE_HOSTDEV_PCI &&
            address->kind == ADDRESS_PCI && bdf_equal(&address->at, &d->host) &&
            class_base(facts->host->functions.items[d->function].class_code) == CLASS_DISPLAY)
            r = report_finding(
                reporter, FINDING_LEAVES_HOST_ADDRESS, BDF_TEXT(&d->host),
                "was at its host address in the guest, too, and leaves it; where the guest's firmware finds "
                "the GPU by that address (laptops), policy \"keep\" of this device keeps it there");
    }
    return r;
}

/* --- interface names --- */

static bool is_network(const struct facts *facts, const struct plan_device *device)
{
    enum device_kind kind = kind_of(facts, device);

    return kind == DEVICE_INTERFACE_HOSTDEV || kind == DEVICE_INTERFACE_VDPA ||
           (kind == DEVICE_HOSTDEV_PCI &&
            class_is_network(facts->host->functions.items[device->function].class_code));
}

/*
 * As systemd's net_id names an interface by its path: enp65s0f1, ibp65s0; the function is named if
 * the slot has several.
 */
static void name_interface(const struct host_function *function, const struct bdf *bdf,
                           bool several, char *text, size_t size)
{
    const char *prefix = function->class_code >> 8 == CLASS_INFINIBAND ? "ib" : "en";

    if (several || bdf->function)
        snprintf(text, size, "%sp%us%uf%u", prefix, bdf->bus, bdf->slot, bdf->function);
    else
        snprintf(text, size, "%sp%us%u", prefix, bdf->bus, bdf->slot);
}

/* Has the domain a place for it, and is that another one?  What the guest sees of either may not be
 * known: a bridge that only QEMU's command line has shifts bus numbers. */
static bool changes_place(const struct plan_device *device)
{
    if (device->before_known && device->after_known)
        return !bdf_equal(&device->guest_before, &device->guest_after);
    return device->before.kind == ADDRESS_PCI && device->after.kind == ADDRESS_PCI &&
           !bdf_equal(&device->before.at, &device->after.at);
}

static int report_interface_names(const struct facts *facts, const struct vtopo_plan *plan,
                                  const struct reporter *reporter)
{
    autobuffer struct buffer names = {0};

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];
        const struct host_function *function;
        char from[32], to[32];

        if (d->fate != FATE_MOVED || !is_network(facts, d) || !changes_place(d))
            continue;
        function = &facts->host->functions.items[d->function];
        name_interface(function, &d->guest_before, d->before.multifunction > 0, from, sizeof(from));
        name_interface(function, &d->guest_after, d->multifunction, to, sizeof(to));
        buffer_printf(&names, "%s%s becomes %s (%s)", names.length ? ", " : "",
                      d->before_known ? from : "its name", d->after_known ? to : "another",
                      BDF_TEXT(&d->host));
    }
    if (names.failed)
        return error_nomem(reporter->reterr);
    if (!names.length)
        return 0;
    return finding_add_list(
               reporter->findings, FINDING_INTERFACE_NAMES, "domain",
               "network interfaces get another guest address, and names that are made from it change",
               names.text)
               ? 0
               : error_nomem(reporter->reterr);
}

int differences_report(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct plan_chain *chains, bool conceded,
                       const struct reporter *reporter)
{
    int r = report_functions(facts, plan, reporter);

    if (!r)
        r = report_ports_on(plan, reporter);
    if (!r)
        r = card_pairs_report(facts, plan, chains, conceded, reporter);
    if (!r)
        r = stay_pairs_report(facts, plan, reporter);
    if (!r)
        r = report_host_addresses(facts, plan, reporter);
    return r ? r : report_interface_names(facts, plan, reporter);
}
