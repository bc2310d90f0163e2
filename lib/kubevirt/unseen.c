/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unseen.c - see unseen.h
 *
 * Takes:  a domain, a host that may lack devices of it, what their drivers say of them.
 * Gives:  which ones it lacks; a host that has those of which a driver says where they are.
 * Rule:   /sys goes before: what it shows is never taken from elsewhere. Of the others there is a
 *         place, and nothing else: no switch above them, no BARs, no class. Devices whose root
 *         complex is not known count as in one for each node, whose number no host has. A node that
 *         /sys does not have is none.
 * Not here: what the drivers say (device_metadata.h), what people are told (hooks/kubevirt).
 */
#include "kubevirt/unseen.h"

#include "base/error.h"
#include "domxml/domxml.h"
#include "model/host.h"

#include <string.h>
#include <strings.h>

#define UNKNOWN_ROOTS 0xffff0000u /* PCI domains; Linux and its drivers number from 0 upwards */

static bool is_seen(const struct domain_device *device, const struct vtopo_host *host)
{
    switch (device->kind) {
    case DEVICE_HOSTDEV_PCI:
    case DEVICE_INTERFACE_HOSTDEV:
    case DEVICE_DISK_NVME:
        return host_find(host, &device->source) != HOST_NONE;
    case DEVICE_HOSTDEV_MDEV:
        return !device->source_id || host_find_mdev(host, device->source_id);
    default:
        return true;
    }
}

bool unseen_find(const struct vtopo_domain *domain, const struct vtopo_host *host,
                 struct unseen *ret)
{
    *ret = (struct unseen){0};
    for (size_t i = 0; i < domain->model.devices.count; i++) {
        const struct domain_device *device = &domain->model.devices.items[i];
        struct unseen_device *unseen;

        if (device->address.kind == ADDRESS_UNASSIGNED || is_seen(device, host))
            continue;
        unseen = vec_add(&ret->devices);
        if (!unseen)
            return false;
        unseen->node = -1;
        unseen->alias = device->alias ? strdup(device->alias) : NULL;
        unseen->name = strdup(device->source_id ? device->source_id : BDF_TEXT(&device->source));
        if (!unseen->name || (device->alias && !unseen->alias))
            return false;
    }
    return true;
}

void unseen_clear(struct unseen *unseen)
{
    for (size_t i = 0; i < unseen->devices.count; i++) {
        free(unseen->devices.items[i].alias);
        free(unseen->devices.items[i].name);
    }
    free(unseen->devices.items);
    *unseen = (struct unseen){0};
}

struct vtopo_host *unseen_host(void)
{
    return calloc(1, sizeof(struct vtopo_host));
}

/* --- adding --- */

/* NULL: nobody knows it. */
static const struct device_metadata *find_metadata(const struct device_metadata_list *list,
                                                   const char *name)
{
    for (size_t i = 0; i < list->devices.count; i++) {
        const struct device_metadata *m = &list->devices.items[i];

        if (!strcasecmp(*m->uuid ? m->uuid : BDF_TEXT(&m->bdf), name))
            return m;
    }
    return NULL;
}

/* Nodes are not in order yet. */
static bool has_node(const struct vtopo_host *host, int node)
{
    for (size_t i = 0; i < host->nodes.count; i++) {
        if (host->nodes.items[i].id == (unsigned)node)
            return true;
    }
    return false;
}

static bool add_node(struct vtopo_host *host, int node)
{
    struct host_node *added = vec_add(&host->nodes);

    if (added)
        added->id = (unsigned)node;
    return added;
}

static bool add_mdev(struct vtopo_host *host, const struct device_metadata *m)
{
    struct host_mdev *mdev = host_find_mdev(host, m->uuid) ? NULL : vec_add(&host->mdevs);

    if (!mdev)
        return host_find_mdev(host, m->uuid);
    *mdev = (struct host_mdev){.parent = m->bdf, .iommu_group = -1};
    memcpy(mdev->uuid, m->uuid, sizeof(mdev->uuid));
    return true;
}

static struct bdf root_of(const struct unseen_device *device)
{
    if (device->has_root)
        return device->root;
    return (struct bdf){.domain = UNKNOWN_ROOTS + (uint32_t)(device->node + 1)};
}

/* The function may be there: a card with two mdevs, or one that is assigned as well. */
static bool add_function(struct vtopo_host *host, const struct device_metadata *m,
                         const struct unseen_device *device)
{
    struct host_function *function;

    for (size_t i = 0; i < host->functions.count; i++) {
        if (bdf_equal(&host->functions.items[i].bdf, &m->bdf))
            return true;
    }
    function = vec_add(&host->functions);
    if (!function)
        return false;
    *function = (struct host_function){.bdf = m->bdf,
                                       .root = root_of(device),
                                       .parent = HOST_NONE,
                                       .node = device->node,
                                       .iommu_group = -1};
    return true;
}

static bool add_device(struct unseen_device *device, const struct device_metadata *m,
                       bool may_add_nodes, struct vtopo_host *host)
{
    device->is_added = true;
    device->has_root = m->has_root;
    device->root = m->root;
    device->node = m->node;
    if (m->node >= 0 && !has_node(host, m->node)) {
        if (!may_add_nodes)
            device->node = -1;
        else if (!add_node(host, m->node))
            return false;
    }
    return add_function(host, m, device) && (!*m->uuid || add_mdev(host, m));
}

/* The order that struct vtopo_host promises, with the parents that there were. */
static int finish(struct vtopo_host *host, struct vtopo_error **reterr)
{
    size_t count = host->functions.count;
    autofree struct bdf *addresses = calloc(count + 1, sizeof(*addresses));
    autofree const struct bdf **parents = calloc(count + 1, sizeof(*parents));

    if (!addresses || !parents)
        return error_nomem(reterr);
    for (size_t i = 0; i < count; i++)
        addresses[i] = host->functions.items[i].bdf;
    for (size_t i = 0; i < count; i++) {
        if (host->functions.items[i].parent != HOST_NONE)
            parents[i] = &addresses[host->functions.items[i].parent];
    }
    return host_finish(host, parents, reterr);
}

int unseen_add(struct unseen *unseen, const struct device_metadata_list *list,
               struct vtopo_host *host, struct vtopo_error **reterr)
{
    bool may_add_nodes = !host->nodes.count;

    for (size_t i = 0; i < unseen->devices.count; i++) {
        const struct device_metadata *m = find_metadata(list, unseen->devices.items[i].name);

        if (m && !add_device(&unseen->devices.items[i], m, may_add_nodes, host))
            return error_nomem(reterr);
    }
    return finish(host, reterr);
}
