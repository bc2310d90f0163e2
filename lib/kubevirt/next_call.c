/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next_call.c - see next_call.h
 *
 * Takes:  a domain that KubeVirt will show again.
 * Gives:  that domain as it will be then, as far as a plan depends on it.
 * Rule:   libvirt has given addresses and added ports (places.h), and KubeVirt has read that back:
 *         its placeholders are gone, behind them it has its own interfaces, without addresses
 *         (WithNetworkIfacesResources() in pkg/virt-launcher/virtwrap/network/nichotplug.go), and
 *         its schema has no address for a video card, a sound card, a virtiofs and a vsock
 *         (virtwrap/api/schema.go). Libvirt will give the same ones again, but a plan counts a
 *         place for what has none.
 */
#include "kubevirt/next_call.h"

#include "domxml/domxml.h"
#include "kubevirt/places.h"

#include <string.h>

/* newInterfacePlaceholder() in pkg/virt-launcher/virtwrap/network/nichotplug.go */
#define PLACEHOLDER "placeholder-"

static bool is_placeholder(const struct domain_device *device)
{
    return device->target && !strncmp(device->target, PLACEHOLDER, strlen(PLACEHOLDER));
}

static bool has_placeholders(const struct domain *domain)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (is_placeholder(&domain->devices.items[i]))
            return true;
    }
    return false;
}

/* @device: before the call.  KubeVirt's schema has no address of some kinds, behind placeholders it
 * puts its own interfaces, and libvirt gives none to what is no PCI device (USB controller "none").
 */
static bool loses_address(const struct domain_device *device, bool had_placeholders)
{
    enum place_group group = device->place.group;

    if (device->address.kind != ADDRESS_NONE)
        return device->address.kind == ADDRESS_PCI && !device->maybe_pci;
    return group == PLACE_FILESYSTEM || group == PLACE_SOUND || group == PLACE_VIDEO ||
           group == PLACE_VSOCK || (group == PLACE_INTERFACE && had_placeholders);
}

/* @held: the same devices as in @domain. */
static void forget(struct edits *edits, const struct vtopo_domain *domain,
                   const struct vtopo_domain *held)
{
    bool had_placeholders = has_placeholders(&domain->model);

    for (size_t i = 0; i < domain->model.devices.count; i++) {
        const struct domain_device *d = &held->model.devices.items[i];
        size_t address = scan_child(&held->scan, held->text, d->element, "address");

        if (is_placeholder(d))
            edits_remove(edits, d->element);
        else if (address != SCAN_NONE &&
                 loses_address(&domain->model.devices.items[i], had_placeholders))
            edits_remove(edits, address);
    }
}

int kubevirt_show_next(const struct vtopo_domain *domain, const struct vtopo_policy *policy,
                       struct vtopo_domain **ret_next, struct vtopo_error **reterr)
{
    struct vtopo_domain *held = NULL;
    const struct vtopo_domain *placed;
    autofree char *text = NULL;
    struct edits edits;
    size_t length;
    int r = kubevirt_hold_places(domain, policy, false, &held, reterr);

    *ret_next = NULL;
    if (r)
        return r;
    placed = held ? held : domain;
    edits = domxml_edits(placed);
    forget(&edits, domain, placed);
    r = domxml_finish(&edits, true, &text, &length, reterr);
    if (!r)
        r = vtopo_domain_parse(text, length, domain->name, ret_next, reterr);
    vtopo_domain_free(held);
    return r;
}
