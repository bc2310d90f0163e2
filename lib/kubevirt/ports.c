/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ports.c - see ports.h
 *
 * Takes:  a domain that an earlier call has rewritten, to which KubeVirt has added its root ports.
 * Gives:  the same domain with those that it has left out, as it would have written them.
 * Rule:   KubeVirt wants a number of free ports by memory and devices, and adds what placeholders
 *         have not kept, above the highest index and not above 31 (calculateHotplugPortCountV2()
 *         and appendPCIeRootPortControllers() in pkg/virt-launcher/virtwrap/manager.go). So indexes
 *         that vtopo's controllers take may cost ports. The ports that devices left by being moved
 *         make up for that; what these do not is added above index 31, once all up to it are taken.
 *         Where it is not sure how many it would have been, it is the larger number.
 */
#include "kubevirt/ports.h"

#include "base/error.h"
#include "domxml/domxml.h"
#include "kubevirt/shown.h"
#include "model/guest_tree.h"

#define HIGHEST_INDEX 31
#define LARGE_MEMORY_KIB (UINT64_C(2) << 20)

struct ports {
    unsigned own;  /* highest index of a controller that libvirt or KubeVirt's placement made */
    unsigned last; /* highest of all */
    size_t bare;   /* that KubeVirt has added */
    bool adopted;  /* vtopo's controllers are where others were */
};

static struct ports find_ports(const struct domain *domain)
{
    struct ports ports = {0};

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];
        bool bare = c->model == CTRL_ROOT_PORT && c->address.kind == ADDRESS_NONE;

        ports.bare += bare;
        ports.last = c->index > ports.last ? c->index : ports.last;
        if (!c->marked && !bare && c->index > ports.own)
            ports.own = c->index;
    }
    for (size_t i = 0; i < domain->controllers.count; i++)
        ports.adopted = ports.adopted || (domain->controllers.items[i].marked &&
                                          domain->controllers.items[i].index < ports.own);
    return ports;
}

/* Devices that had a port to themselves before vtopo moved them. */
static size_t count_moved(const struct domain *domain)
{
    const struct domain_controller *controllers[DOMAIN_INDEXES];
    size_t count = 0;

    domain_controllers_by_index(domain, controllers);
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];
        const struct domain_controller *port =
            d->address.kind == ADDRESS_PCI ? controllers[d->address.at.bus] : NULL;

        count += device_is_assigned(d) && port && port->marked;
    }
    return count;
}

/* CountPCIDevices(), without what libvirt has added since. */
static size_t count_devices(const struct domain *domain)
{
    size_t count = 0;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        count += d->kind == DEVICE_HOSTDEV_PCI || d->place.group == PLACE_INTERFACE ||
                 d->place.group == PLACE_DISK || d->place.group == PLACE_BALLOON ||
                 d->place.group == PLACE_RNG ||
                 (d->place.group == PLACE_CONTROLLER && d->place.controller != CONTROLLER_SATA);
    }
    return count;
}

/* How many ports KubeVirt would have added, were it not for vtopo's indexes. */
static size_t count_wanted(const struct domain *domain, const struct ports *ports,
                           size_t placeholders)
{
    bool large = domain->memory_kib > LARGE_MEMORY_KIB;
    size_t devices = count_devices(domain), total = large ? 16 : 8, wanted = large ? 6 : 3;
    size_t room = ports->own < HIGHEST_INDEX ? HIGHEST_INDEX - ports->own : 0;

    if (devices < total && total - devices > wanted)
        wanted = total - devices;
    wanted = wanted > placeholders ? wanted - placeholders : 0;
    return wanted < room ? wanted : room;
}

static int add(const struct vtopo_domain *domain, unsigned first, size_t count,
               struct vtopo_domain **ret_domain, struct vtopo_error **reterr)
{
    struct edits edits = domxml_edits(domain);
    autofree char *text = NULL;
    size_t length;
    int r;

    for (size_t i = 0; i < count && first + i < DOMAIN_INDEXES; i++) {
        autofree char *line =
            mem_printf("<controller type='pci' index='%zu' model='pcie-root-port'/>", first + i);

        edits.no_memory |= !line;
        if (line)
            edits_append_child(&edits, domain->devices, line);
    }
    r = domxml_finish(&edits, true, &text, &length, reterr);
    return r ? r : vtopo_domain_parse(text, length, domain->name, ret_domain, reterr);
}

int kubevirt_add_ports(const struct vtopo_domain *domain, size_t placeholders,
                       struct vtopo_domain **ret_domain, struct vtopo_error **reterr)
{
    struct ports ports = find_ports(&domain->model);
    size_t wanted = count_wanted(&domain->model, &ports, placeholders);
    size_t there = ports.bare + (ports.adopted ? 0 : count_moved(&domain->model));

    *ret_domain = NULL;
    if (domain->devices == SCAN_NONE || !kubevirt_is_rewritten(domain) ||
        ports.last < HIGHEST_INDEX || wanted <= there)
        return 0;
    return add(domain, ports.last + 1, wanted - there, ret_domain, reterr);
}

int kubevirt_add_own_ports(const struct vtopo_domain *domain, size_t placeholders,
                           struct vtopo_domain **ret, struct vtopo_error **reterr)
{
    struct ports ports = find_ports(&domain->model);
    size_t wanted = count_wanted(&domain->model, &ports, placeholders);
    size_t room = ports.last < HIGHEST_INDEX ? HIGHEST_INDEX - ports.last : 0;

    *ret = NULL;
    if (domain->devices == SCAN_NONE || !wanted || !room)
        return 0;
    return add(domain, ports.last + 1, wanted < room ? wanted : room, ret, reterr);
}
