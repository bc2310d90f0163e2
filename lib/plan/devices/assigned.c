/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assigned.c - find the assigned devices on the host
 *
 * Takes:  domain, host, policy.
 * Gives:  an assignment for each: its host function, what the policy says of it.
 * Rule:   a device that the host lacks is an error, unless the guest does not get it.
 * Not here: which of them move (who_moves.c).
 */
#include "plan/devices/devices.h"

size_t host_function_of(const struct vtopo_host *host, const struct domain_device *device)
{
    const struct host_mdev *mdev;
    const struct host_vdpa *vdpa;

    switch (device->kind) {
    case DEVICE_HOSTDEV_PCI:
    case DEVICE_INTERFACE_HOSTDEV:
    case DEVICE_DISK_NVME:
        return host_find(host, &device->source);
    case DEVICE_HOSTDEV_MDEV:
        mdev = host_find_mdev(host, device->source_id);
        return mdev && !mdev->software ? host_find(host, &mdev->parent) : HOST_NONE;
    case DEVICE_INTERFACE_VDPA:
        vdpa = host_find_vdpa(host, device->source_id);
        return vdpa && !vdpa->software ? host_find(host, &vdpa->parent) : HOST_NONE;
    default:
        return HOST_NONE;
    }
}

/* Is it made by software, so that there is no place on the host to mirror? */
static bool is_software(const struct vtopo_host *host, const struct domain_device *device)
{
    const struct host_mdev *mdev = NULL;
    const struct host_vdpa *vdpa = NULL;

    if (device->kind == DEVICE_HOSTDEV_MDEV)
        mdev = host_find_mdev(host, device->source_id);
    if (device->kind == DEVICE_INTERFACE_VDPA)
        vdpa = host_find_vdpa(host, device->source_id);
    return (mdev && mdev->software) || (vdpa && vdpa->software);
}

static int missing(const struct domain_device *device, struct vtopo_error **reterr)
{
    char text[BDF_TEXT_SIZE];
    const char *what = device->source_id ? device->source_id : bdf_format(&device->source, text);

    return error_set(reterr, VTOPO_ERR_HOST,
                     "the host has no device %s, which line %ld of the domain (%s) assigns", what,
                     device->line, device->label);
}

bool device_is_placed(const struct facts *facts, const struct domain_device *device)
{
    return device_is_assigned(device) &&
           (device->kind != DEVICE_DISK_NVME || facts->policy->nvme_disks == NVME_DISKS_MOVE);
}

static int find_one(const struct facts *facts, const struct policy_index *index,
                    struct assignment *assignment, struct vtopo_error **reterr)
{
    const struct domain_device *d = &facts->base->devices.items[assignment->device];

    if (d->kind == DEVICE_INTERFACE_NETWORK)
        return 0;
    assignment->function = host_function_of(facts->host, d);
    if (assignment->function != HOST_NONE) {
        const struct host_function *function = assignment_function(facts, assignment);

        assignment->host = function->bdf;
        assignment->policy = policy_of(index, d, function);
        return 0;
    }
    /* The guest does not get it, so it does not matter whether the host has it. */
    if (d->address.kind == ADDRESS_UNASSIGNED) {
        assignment->host = d->source;
        return 0;
    }
    assignment->software = is_software(facts->host, d);
    return assignment->software ? 0 : missing(d, reterr);
}

int assignments_find(const struct facts *facts, const struct policy_index *index,
                     struct assignments *ret, struct vtopo_error **reterr)
{
    int r = 0;

    for (size_t i = 0; !r && i < facts->base->devices.count; i++) {
        const struct domain_device *d = &facts->base->devices.items[i];
        struct assignment *assignment;

        if (!device_is_placed(facts, d) && d->kind != DEVICE_INTERFACE_NETWORK)
            continue;
        assignment = vec_add(ret);
        if (!assignment)
            return error_nomem(reterr);
        *assignment = (struct assignment){
            .device = i,
            .kind = d->kind,
            .function = HOST_NONE,
            .policy = policy_device_unset,
        };
        r = find_one(facts, index, assignment, reterr);
    }
    return r;
}
