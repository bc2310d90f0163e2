/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt_adds.c - see libvirt_adds.h */
#include "plan/ground/libvirt_adds.h"

#include "model/machine.h"

/*
 * To an incomplete domain, at most: controllers of USB, SCSI and consoles, a balloon, a bridge for
 * conventional devices (further SATA controllers, video), the port of the bridge, a port to spare.
 * libvirt_define.c has what adds each, and the exact count.
 */
#define UNASKED_PORTS 8

/* Of these in a hot-pluggable port each: controllers of USB, SCSI and consoles, a balloon. */
#define UNASKED_HOTPLUG_PORTS 4

/* @moves: NULL: none does. */
static bool has_addresses(const struct domain *domain, const bool *moves)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (c->index && c->address.kind != ADDRESS_PCI)
            return false;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->maybe_pci && d->address.kind == ADDRESS_NONE && !(moves && moves[i]))
            return false;
    }
    return true;
}

bool libvirt_adds_nothing(const struct domain *domain, const struct fates *fates)
{
    return has_addresses(domain, fates->moves);
}

/* Of each kind, how many controllers have a number below what the domain needs; of virtio-serial,
 * which ones there are, a bit for each. */
struct there {
    unsigned sata, scsi;
    uint32_t virtio_serial;
};

static struct there find_controllers(const struct domain *domain, unsigned sata, unsigned scsi)
{
    struct there there = {0};

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct device_place *place = &domain->devices.items[i].place;
        unsigned number = (unsigned)place->number; /* -1 is above all */

        if (place->group != PLACE_CONTROLLER)
            continue;
        there.sata += place->controller == CONTROLLER_SATA && number < sata;
        there.scsi += place->controller == CONTROLLER_SCSI && number < scsi;
        if (place->controller == CONTROLLER_VIRTIO_SERIAL && number < 32)
            there.virtio_serial |= UINT32_C(1) << number;
    }
    return there;
}

/* libvirt_define.c says which function of libvirt adds each.  The first SATA controller has a fixed
 * place. */
bool libvirt_adds_devices(const struct domain *domain)
{
    const struct domain_needs *needs = &domain->needs;
    unsigned scsi = needs->scsi > needs->scsi_hostdevs ? needs->scsi : needs->scsi_hostdevs;
    bool unasked = domain_machine(domain)->default_devices;
    struct there there;

    if ((unasked && (!needs->has_usb || !needs->has_balloon)) ||
        (needs->has_graphics && !needs->has_video))
        return true;
    there = find_controllers(domain, needs->sata, scsi);
    return (needs->sata > 1 && there.sata < needs->sata) || there.scsi < scsi ||
           needs->virtio_serial & ~there.virtio_serial;
}

bool libvirt_version_counts(const struct domain *domain)
{
    for (size_t i = 0; i < domain->record.devices.count; i++) {
        if (domain->record.devices.items[i].made)
            return true;
    }
    return !has_addresses(domain, NULL) || libvirt_adds_devices(domain);
}

/* --- ports and slots --- */

size_t libvirt_adds_ports(const struct occupancy *o)
{
    size_t n = o->on_port + (o->complete ? 0 : UNASKED_PORTS);

    if (o->fewest)
        return 0;
    for (unsigned i = 1; i <= o->highest; i++)
        n += !o->there[i];
    return n;
}

/*
 * What libvirt will put there itself has to find room: it packs root ports eight a slot from the
 * lowest slot up, and when pcie.0 is full puts them onto the first expander (tried with 9.0).
 */
size_t libvirt_adds_slots(const struct occupancy *o)
{
    if (o->complete)
        return 0;
    return o->expanders + (o->ports + libvirt_adds_ports(o) + FUNCTIONS - 1) / FUNCTIONS;
}

/* Does the device need a port that can hot-plug?  It has none yet, or it is not on pcie.0 and its
 * port says nothing else. */
static bool needs_hotplug_port(const struct domain_controller *const controllers[DOMAIN_INDEXES],
                               const struct domain_device *device)
{
    bool below = device->address.kind == ADDRESS_PCI && device->address.at.bus;
    const struct domain_controller *port = below ? controllers[device->address.at.bus] : NULL;

    if (device->unasked || !device->maybe_pci || device->address.kind == ADDRESS_NONE)
        return device->maybe_pci && !device->unasked;
    return below && (!port || port->hotplug != 0);
}

size_t libvirt_expected_hotplug_ports(const struct domain *domain, const struct fates *fates)
{
    const struct domain_controller *controllers[DOMAIN_INDEXES];
    size_t needed = UNASKED_HOTPLUG_PORTS;

    domain_controllers_by_index(domain, controllers);
    for (size_t i = 0; i < domain->devices.count; i++)
        needed += needs_hotplug_port(controllers, &domain->devices.items[i]) && !fates->moves[i];
    return needed;
}

/* --- indexes --- */

/* Will libvirt find an empty port at this index: one of the domain, or one that fills a gap? */
static bool has_port_for_others(const struct occupancy *o, unsigned index)
{
    return !o->occupied[index] && (!o->at[index] || controller_is_port(o->at[index]->model));
}

/*
 * Devices without an address get the ports with the lowest indexes from libvirt, so those are left
 * for them: then they are where they are without vtopo, those that libvirt places after the
 * assigned ones excepted.  Where the indexes do not suffice for that, ours go first.
 */
unsigned libvirt_first_free_index(struct occupancy *o, size_t count)
{
    size_t needed = o->on_port;
    unsigned index = 1;

    for (; needed && index < INDEXES; index++)
        needed -= has_port_for_others(o, index);
    if (needed || index + count > INDEXES)
        return 1;
    o->on_port = 0; /* what they need is there, or will be for an index without a controller */
    return index;
}

unsigned libvirt_last_filled_index(const struct occupancy *o, bool by_address)
{
    unsigned last = INDEXES - 1;

    if (by_address)
        return o->highest;
    while (last && !o->at[last])
        last--;
    return last;
}

size_t libvirt_index_gaps(const struct domain *domain)
{
    size_t highest = 0, others = 0;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        others += c->index != 0;
        highest = c->index > highest ? c->index : highest;
    }
    return highest - others; /* duplicate indexes are refused by the parser */
}

/* --- bus numbers --- */

int libvirt_lowest_bus_number(const struct domain *domain)
{
    int lowest = BUSES;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (model_is_expander(c->model) && c->bus_nr >= 0 && c->bus_nr < lowest)
            lowest = c->bus_nr;
    }
    return lowest;
}

/* qemuDomainAddressFindNewBusNr(): the lowest of all, less 2: 254 for the first. */
int libvirt_bus_number(int lowest)
{
    return lowest - 2;
}
