/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assigned.c - find the assigned devices on the host, and decide which of them move
 *
 * Takes:  domain, host, policy.
 * Gives:  plan.devices with their host function and fate.
 * Rule:   what has no address, or is directly on pcie.0, or below a root port on pcie.0, moves.
 * Everything else was put where it is on purpose; so was function 0 of a guest slot in which
 * another function stays. Not here: the policy for nodes without a cell, and what is said of
 * devices that stay (cells.c).
 */
#include "plan/ground/planner.h"

#include <string.h>

/* The host function whose place the device takes; HOST_NONE: the host has none such. */
static size_t function_of(const struct planner *p, const struct domain_device *device)
{
    const struct host_mdev *mdev;
    const struct host_vdpa *vdpa;

    switch (device->kind) {
    case DEVICE_HOSTDEV_PCI:
    case DEVICE_INTERFACE_HOSTDEV:
    case DEVICE_DISK_NVME:
        return host_find(p->facts.host, &device->source);
    case DEVICE_HOSTDEV_MDEV:
        mdev = host_find_mdev(p->facts.host, device->source_id);
        return mdev && !mdev->software ? host_find(p->facts.host, &mdev->parent) : HOST_NONE;
    case DEVICE_INTERFACE_VDPA:
        vdpa = host_find_vdpa(p->facts.host, device->source_id);
        return vdpa && !vdpa->software ? host_find(p->facts.host, &vdpa->parent) : HOST_NONE;
    default:
        return HOST_NONE;
    }
}

/* Is it made by software, so that there is no place on the host to mirror? */
static bool is_software(const struct planner *p, const struct domain_device *device)
{
    const struct host_mdev *mdev = NULL;
    const struct host_vdpa *vdpa = NULL;

    if (device->kind == DEVICE_HOSTDEV_MDEV)
        mdev = host_find_mdev(p->facts.host, device->source_id);
    if (device->kind == DEVICE_INTERFACE_VDPA)
        vdpa = host_find_vdpa(p->facts.host, device->source_id);
    return (mdev && mdev->software) || (vdpa && vdpa->software);
}

static int missing(const struct planner *p, const struct domain_device *device)
{
    char text[BDF_TEXT_SIZE];
    const char *what = device->source_id ? device->source_id : bdf_format(&device->source, text);

    return error_set(p->reterr, VTOPO_ERR_HOST,
                     "the host has no device %s, which line %ld of the domain (%s) assigns", what,
                     device->line, device->label);
}

const char *plan_subject(const struct planner *p, const struct plan_device *device,
                         char text[BDF_TEXT_SIZE])
{
    const struct domain_device *d = &p->facts.base->devices.items[device->device];

    return d->source_id ? d->source_id : bdf_format(&device->host, text);
}

const struct plan_device *plan_device_at(const struct vtopo_plan *plan, size_t device)
{
    size_t low = 0,
           high = plan->devices.count; /* plan.devices are in the order of domain.devices */

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (plan->devices.items[middle].device == device)
            return &plan->devices.items[middle];
        if (plan->devices.items[middle].device < device)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool plan_moves(const struct vtopo_plan *plan, size_t device)
{
    const struct plan_device *planned = plan_device_at(plan, device);

    return planned && planned->fate == FATE_MOVED;
}

/*
 * QEMU's and the guest driver's idea of an integrated GPU holds only at 00:02.0 (QEMU:
 * hw/vfio/igd.c), so such a device at that place must stay there.
 */
static bool is_integrated_graphics(const struct host_function *function,
                                   const struct address *address)
{
    static const struct bdf place = {0, 0, 2, 0};

    return function->vendor == 0x8086 && function->class_code >> 16 == 0x03 &&
           bdf_equal(&function->bdf, &place) && address->kind == ADDRESS_PCI &&
           bdf_equal(&address->at, &place);
}

/* Is the bus that of pcie.0, or of a root port on pcie.0?  A bus without a controller becomes such
 * a port. */
static bool is_flat_place(const struct planner *p, unsigned bus)
{
    const struct domain_controller *port = domain_controller_at(p->facts.base, bus);

    if (bus == 0 || !port)
        return true;
    return port->model == CTRL_ROOT_PORT &&
           (port->address.kind != ADDRESS_PCI || port->address.at.bus == 0);
}

/* VFIO refuses functions with a bridge header (Linux, drivers/vfio/pci/vfio_pci_core.c). */
static int tell_bridge(struct planner *p, const char *subject)
{
    return plan_finding(
        p, FINDING_BRIDGE, subject,
        "is a bridge or port of the host, which VFIO does not give to a guest: the guest will not start with it");
}

static int tell_unassigned(struct planner *p, struct plan_device *device, const char *subject)
{
    device->fate = FATE_UNASSIGNED;
    return plan_finding(
        p, FINDING_UNASSIGNED, subject,
        "its address is of type unassigned: the guest does not get it, and it is not placed");
}

static int decide_fate(struct planner *p, struct plan_device *device,
                       const struct host_function *function, const char *subject)
{
    const struct address *address = &p->facts.base->devices.items[device->device].address;

    device->fate = FATE_STAYS;
    if (address->kind == ADDRESS_UNASSIGNED)
        return tell_unassigned(p, device, subject);
    if (function->port != PORT_NONE && tell_bridge(p, subject))
        return VTOPO_ERR_NOMEM;
    if (plan_policy_of(p, function).keep > 0)
        device->reason = STAY_KEPT;
    else if (is_integrated_graphics(function, address))
        device->reason = STAY_GRAPHICS;
    else if (address->kind == ADDRESS_NONE ||
             (address->kind == ADDRESS_PCI && is_flat_place(p, address->at.bus)))
        device->fate = FATE_MOVED;
    return 0; /* findings about the ones that stay need cells: cells.c */
}

/* The guest does not get it, so it does not matter whether the host has it. */
static int leave_unassigned(struct planner *p, struct plan_device *device,
                            const struct domain_device *d)
{
    char text[BDF_TEXT_SIZE];

    device->host = d->source;
    return tell_unassigned(p, device, plan_subject(p, device, text));
}

static int add_device(struct planner *p, size_t at)
{
    const struct domain_device *d = &p->facts.base->devices.items[at];
    struct plan_device *device = vec_add(&p->plan->devices);
    char text[BDF_TEXT_SIZE];

    if (!device)
        return error_nomem(p->reterr);
    *device = (struct plan_device){
        .device = at, .function = HOST_NONE, .fate = FATE_STAYS, .card = PLAN_NONE, .clique = -1};
    device->before = p->facts.input->devices.items[at].address;
    device->after = d->address;
    if (d->kind == DEVICE_INTERFACE_NETWORK)
        return 0;
    device->function = function_of(p, d);
    if (device->function == HOST_NONE && d->address.kind == ADDRESS_UNASSIGNED)
        return leave_unassigned(p, device, d);
    if (is_software(p, d))
        return plan_finding(
            p, FINDING_SOFTWARE, plan_subject(p, device, text),
            "stays where it is: it is on no PCI function of the host, so there is no place to mirror");
    if (device->function == HOST_NONE)
        return missing(p, d);
    device->host = p->facts.host->functions.items[device->function].bdf;
    return decide_fate(p, device, &p->facts.host->functions.items[device->function],
                       plan_subject(p, device, text));
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The networks that interfaces are on, sorted, each once; @names has room for all devices. */
static size_t collect_networks(const struct domain *domain, const char **names)
{
    size_t all = 0, n = 0;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->kind == DEVICE_INTERFACE_NETWORK && d->source_id)
            names[all++] = d->source_id;
    }
    qsort(names, all, sizeof(*names), compare_names);
    for (size_t i = 0; i < all; i++) {
        if (!n || strcmp(names[n - 1], names[i]) != 0)
            names[n++] = names[i];
    }
    return n;
}

#define NETWORKS_NAMED 8 /* of more the number is told */

/* One finding for all of them: most networks have no host devices, and the domain does not say
 * which have. */
static int tell_about_networks(struct planner *p)
{
    autofree const char **names = calloc(p->facts.base->devices.count + 1, sizeof(*names));
    autofree char *text = NULL;
    size_t n = names ? collect_networks(p->facts.base, names) : 0;
    bool ok = names != NULL;

    for (size_t i = 0; ok && i < n && i < NETWORKS_NAMED; i++)
        ok = mem_append(&text, "%s\"%s\"", text ? ", " : "", names[i]);
    if (ok && n > NETWORKS_NAMED)
        ok = mem_append(&text, " and %zu more", n - NETWORKS_NAMED);
    if (!ok)
        return error_nomem(p->reterr);
    if (!text)
        return 0;
    return plan_finding(
        p, FINDING_NETWORK_POOL, "domain",
        "interfaces on the network %s stay where they are; if a network is a pool of host devices, which one an interface gets is known only when the guest starts",
        text);
}

/* An NVMe disk is a host device only if the policy says so. */
static bool is_placed(const struct planner *p, const struct domain_device *device)
{
    return device_is_assigned(device) &&
           (device->kind != DEVICE_DISK_NVME || p->facts.policy->nvme_disks == NVME_DISKS_MOVE);
}

bool *plan_wishes_to_stay(const struct planner *p)
{
    bool *stays = calloc(p->facts.input->devices.count + 1, sizeof(*stays));

    for (size_t i = 0; stays && i < p->facts.input->devices.count; i++) {
        const struct domain_device *d = &p->facts.input->devices.items[i];
        size_t function = is_placed(p, d) ? function_of(p, d) : HOST_NONE;

        stays[i] = !is_placed(p, d) ||
                   (function != HOST_NONE &&
                    plan_policy_of(p, &p->facts.host->functions.items[function]).keep > 0);
    }
    return stays;
}

int plan_devices(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->facts.base->devices.count; i++) {
        const struct domain_device *d = &p->facts.base->devices.items[i];

        if (is_placed(p, d) || d->kind == DEVICE_INTERFACE_NETWORK)
            r = add_device(p, i);
    }
    return r ? r : tell_about_networks(p);
}

/* --- guest slots that are left in part --- */

/* A place in the guest, and who is there: a place in plan.devices, or PLAN_NONE for what never
 * moves. */
struct tenant {
    struct bdf at;
    size_t device;
};

static int compare_tenants(const void *left, const void *right)
{
    const struct tenant *a = left, *b = right;

    return bdf_compare(&a->at, &b->at);
}

/* Everything that has a place in the guest, sorted by it. */
static size_t collect_tenants(const struct planner *p, struct tenant *tenants)
{
    size_t n = 0, next = 0;

    for (size_t i = 0; i < p->facts.base->controllers.count; i++) {
        const struct address *address = &p->facts.base->controllers.items[i].address;

        if (address->kind == ADDRESS_PCI)
            tenants[n++] = (struct tenant){address->at, PLAN_NONE};
    }
    for (size_t i = 0; i < p->facts.base->devices.count;
         i++) { /* plan.devices are in this order, too */
        const struct address *address = &p->facts.base->devices.items[i].address;
        bool listed = next < p->plan->devices.count && p->plan->devices.items[next].device == i;

        if (address->kind == ADDRESS_PCI)
            tenants[n++] = (struct tenant){address->at, listed ? next : PLAN_NONE};
        next += listed;
    }
    qsort(tenants, n, sizeof(*tenants), compare_tenants);
    return n;
}

/* Does @other stay behind when the device at function 0 of its slot moves? */
static bool stays_behind(const struct planner *p, const struct plan_device *device,
                         const struct tenant *other)
{
    const struct plan_device *o;

    if (other->device == PLAN_NONE)
        return true;
    o = &p->plan->devices.items[other->device];
    if (o->fate != FATE_MOVED)
        return true;
    /* Without cells only cards that share a switch move (layout.c): together only if they are
     * one card. */
    return !p->facts.base->cells.count && (plan_is_alone(p, device) || plan_is_alone(p, o) ||
                                           !bdf_same_slot(&device->host, &o->host));
}

/* Is function 0 of the slot, at @slot[0], on its way out while another function stays? */
static bool loses_function_0(const struct planner *p, const struct tenant *slot, size_t count)
{
    const struct plan_device *first =
        slot->device == PLAN_NONE ? NULL : &p->plan->devices.items[slot->device];

    if (!first || first->fate != FATE_MOVED || slot->at.function)
        return false;
    for (size_t i = 1; i < count; i++) {
        if (stays_behind(p, first, &slot[i]))
            return true;
    }
    return false;
}

/* Whole, because the functions of a card belong together. */
static int hold_slot(struct planner *p, const struct tenant *slot, size_t count)
{
    int r = 0;

    for (size_t i = 0; !r && i < count; i++) {
        struct plan_device *device =
            slot[i].device == PLAN_NONE ? NULL : &p->plan->devices.items[slot[i].device];
        char text[BDF_TEXT_SIZE];

        if (!device || device->fate != FATE_MOVED)
            continue;
        device->fate = FATE_STAYS;
        device->reason = STAY_OTHER;
        r = plan_finding(
            p, FINDING_SLOT_SHARED, plan_subject(p, device, text),
            "stays where it is, because it shares its guest slot with a device that stays and would be left without function 0; give that one another slot, and vtopo places this one");
    }
    return r;
}

int plan_shared_slots(struct planner *p)
{
    size_t limit = p->facts.base->controllers.count + p->facts.base->devices.count, n;
    autofree struct tenant *tenants = calloc(limit + 1, sizeof(*tenants));
    int r = 0;

    if (!tenants)
        return error_nomem(p->reterr);
    n = collect_tenants(p, tenants);
    for (size_t i = 0, count; !r && i < n; i += count) {
        for (count = 1; i + count < n && bdf_same_slot(&tenants[i + count].at, &tenants[i].at);)
            count++;
        if (loses_function_0(p, &tenants[i], count))
            r = hold_slot(p, &tenants[i], count);
    }
    return r;
}
