/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_devices.c - find the assigned devices on the host, and decide which of them move
 *
 * Takes:  domain, host, policy.
 * Gives:  plan.devices with their host function and fate.
 * Rule:   what has no address, or is directly on pcie.0, or below a root port on pcie.0, moves.  Everything else was
 *         put where it is on purpose.
 * Not here: the policy for nodes without a cell (plan_cells.c).
 */
#include "core/planner.h"

#include <string.h>

/* The host function whose place the device takes; *ret_missing: what to say if there is none. */
static size_t function_of(const struct planner *p, const struct domain_device *device)
{
    const struct host_mdev *mdev;
    const struct host_vdpa *vdpa;

    switch (device->kind) {
    case DEVICE_HOSTDEV_PCI:
    case DEVICE_INTERFACE_HOSTDEV:
    case DEVICE_DISK_NVME:
        return host_find(p->host, &device->source);
    case DEVICE_HOSTDEV_MDEV:
        mdev = host_find_mdev(p->host, device->source_id);
        return mdev ? host_find(p->host, &mdev->parent) : HOST_NONE;
    case DEVICE_INTERFACE_VDPA:
        vdpa = host_find_vdpa(p->host, device->source_id);
        return vdpa ? host_find(p->host, &vdpa->parent) : HOST_NONE;
    default:
        return HOST_NONE;
    }
}

static int missing(const struct planner *p, const struct domain_device *device)
{
    char text[BDF_TEXT_SIZE];
    const char *what = device->source_id ? device->source_id : bdf_format(&device->source, text);

    return error_set(p->reterr, VTOPO_ERR_HOST, "the host has no device %s, which line %ld of the domain (%s) assigns",
                     what, device->line, device->label);
}

const struct policy_device *plan_policy_of(const struct planner *p,
                                           const struct host_function *function)
{
    const struct policy_device *by_id = NULL;

    for (size_t i = 0; i < p->policy->devices.count; i++) {
        const struct policy_device *entry = &p->policy->devices.items[i];

        if (entry->by_bdf && bdf_equal(&entry->bdf, &function->bdf))
            return entry;
        if (!entry->by_bdf && !by_id && entry->vendor == function->vendor &&
            entry->device == function->device)
            by_id = entry;
    }
    return by_id;
}

const char *plan_subject(const struct planner *p, const struct plan_device *device,
                         char text[BDF_TEXT_SIZE])
{
    const struct domain_device *d = &p->domain->devices.items[device->device];

    return d->source_id ? d->source_id : bdf_format(&device->host, text);
}

/*
 * QEMU's and the guest driver's idea of an integrated GPU holds only at 00:02.0 (QEMU: hw/vfio/igd.c), so such a
 * device at that place must stay there.
 */
static bool is_integrated_graphics(const struct host_function *function,
                                   const struct address *address)
{
    static const struct bdf place = {0, 0, 2, 0};

    return function->vendor == 0x8086 && function->class_code >> 16 == 0x03 &&
           bdf_equal(&function->bdf, &place) && address->kind == ADDRESS_PCI &&
           bdf_equal(&address->at, &place);
}

/* Is the bus that of pcie.0, or of a root port on pcie.0?  A bus without a controller becomes such a port. */
static bool is_flat_place(const struct planner *p, unsigned bus)
{
    const struct domain_controller *port = domain_controller_at(p->domain, bus);

    if (bus == 0 || !port)
        return true;
    return port->model == CTRL_ROOT_PORT && !port->marked &&
           (port->address.kind != ADDRESS_PCI || port->address.at.bus == 0);
}

static int decide_fate(struct planner *p, struct plan_device *device,
                       const struct host_function *function, const char *subject)
{
    const struct address *address = &p->domain->devices.items[device->device].address;
    const struct policy_device *wish = plan_policy_of(p, function);

    device->fate = FATE_STAYS;
    if (address->kind == ADDRESS_UNASSIGNED) {
        device->fate = FATE_UNASSIGNED;
        return plan_finding(p, FINDING_UNASSIGNED, subject,
                            "its address is of type unassigned: the guest does not get it, and it is not placed");
    }
    if (wish && wish->keep > 0)
        return plan_finding(p, FINDING_KEPT, subject, "stays where it is: the policy says keep");
    if (is_integrated_graphics(function, address))
        return plan_finding(p, FINDING_INTEGRATED_GRAPHICS, subject,
                            "integrated graphics at 00:02.0 of the guest stay there");
    if (address->kind == ADDRESS_OTHER)
        return plan_finding(p, FINDING_PLACED_ON_PURPOSE, subject,
                            "has an address that is not of type pci, and stays where it is");
    if (address->kind == ADDRESS_NONE || is_flat_place(p, address->at.bus))
        device->fate = FATE_MOVED;
    return 0; /* findings about the ones that stay need cells: plan_cells.c */
}

static int add_device(struct planner *p, size_t at)
{
    const struct domain_device *d = &p->domain->devices.items[at];
    struct plan_device *device = vec_add(&p->plan->devices);
    char text[BDF_TEXT_SIZE];

    if (!device)
        return error_nomem(p->reterr);
    *device = (struct plan_device){.device = at, .function = HOST_NONE, .fate = FATE_STAYS, .card = PLAN_NONE};
    device->before = p->input->devices.items[at].address;
    device->after = d->address;
    if (d->kind == DEVICE_INTERFACE_NETWORK)
        return 0;
    device->function = function_of(p, d);
    if (device->function == HOST_NONE)
        return missing(p, d);
    device->host = p->host->functions.items[device->function].bdf;
    return decide_fate(p, device, &p->host->functions.items[device->function],
                       plan_subject(p, device, text));
}

static bool network_is_named(const struct planner *p, size_t before, const char *network)
{
    for (size_t i = 0; i < before; i++) {
        const struct domain_device *d = &p->domain->devices.items[i];

        if (d->kind == DEVICE_INTERFACE_NETWORK && d->source_id && !strcmp(d->source_id, network))
            return true;
    }
    return false;
}

/* One finding for all of them: most networks have no host devices, and the domain does not say which have. */
static int tell_about_networks(struct planner *p)
{
    autofree char *names = NULL;

    for (size_t i = 0; i < p->domain->devices.count; i++) {
        const struct domain_device *d = &p->domain->devices.items[i];

        if (d->kind != DEVICE_INTERFACE_NETWORK || !d->source_id || network_is_named(p, i, d->source_id))
            continue;
        if (!mem_append(&names, "%s\"%s\"", names ? ", " : "", d->source_id))
            return error_nomem(p->reterr);
    }
    if (!names)
        return 0;
    return plan_finding(p, FINDING_NETWORK_POOL, "domain",
                        "interfaces on the network %s stay where they are; if a network is a pool of host devices, which one an interface gets is known only when the guest starts",
                        names);
}

int plan_devices(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->domain->devices.count; i++) {
        const struct domain_device *d = &p->domain->devices.items[i];

        if (d->kind == DEVICE_DISK_NVME && !p->policy->move_nvme_disks)
            continue;
        if (device_is_assigned(d) || d->kind == DEVICE_INTERFACE_NETWORK)
            r = add_device(p, i);
    }
    return r ? r : tell_about_networks(p);
}
