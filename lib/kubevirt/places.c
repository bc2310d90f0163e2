/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places.c - see places.h
 *
 * Takes:  a domain of which devices or ports have no address, such as KubeVirt's interfaces in
 *         every call and all that it has in the first one, and what libvirt will make of it
 *         (plan/ground/libvirt_define.h).
 * Gives:  the same domain with those addresses, and the ports that libvirt will add, written down.
 * Rule:   libvirt gives the lowest free port. Controllers that come behind all others leave it what
 *         it would choose, so nothing is written; but a host device that is moved leaves its port
 *         to the next device, expanders of others that are taken over leave indexes, which libvirt
 *         would fill with ports that are lower still, and spare ports are free ones. Host devices
 *         get their places from the plan, so theirs are not written. Where they have ports already,
 *         it is enough to look at devices behind them: KubeVirt's schema has no address for a
 * vsock, so it loses the one that libvirt gave it. Nothing is where versions of libvirt make
 * different things of the domain, or add a device that needs a port.
 */
#include "kubevirt/places.h"

#include "base/error.h"
#include "domxml/addresses.h"
#include "plan/ground/libvirt_define.h"

#include <string.h>

static bool has_expander_of_others(const struct domain *domain)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (model_is_expander(c->model) && !c->marked)
            return true;
    }
    return false;
}

/* libvirt would have given it a port. */
static bool has_host_device_without_place(const struct domain *domain)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (device_is_assigned(&domain->devices.items[i]) &&
            domain->devices.items[i].address.kind == ADDRESS_NONE)
            return true;
    }
    return false;
}

static bool is_needed(const struct domain *domain, const struct vtopo_policy *policy)
{
    return policy->spare_ports || has_host_device_without_place(domain) ||
           (policy->adopt && has_expander_of_others(domain));
}

static bool is_in_port(const struct address *address)
{
    return address->kind == ADDRESS_PCI && address->at.bus;
}

/* The lowest port of a host device; a number behind all of them: none has one. */
static unsigned first_host_port(const struct domain *domain)
{
    unsigned first = DOMAIN_INDEXES;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *device = &domain->devices.items[i];

        if (device_is_assigned(device) && is_in_port(&device->address) &&
            device->address.at.bus < first)
            first = device->address.at.bus;
    }
    return first;
}

/* Would a device without an address come behind a host device, so that it takes the port which that
 * one leaves? */
static bool one_comes_behind(const struct domain *domain, const struct domain *defined)
{
    unsigned first = first_host_port(domain);

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *device = &domain->devices.items[i];

        if (!device_is_assigned(device) && device->address.kind == ADDRESS_NONE &&
            is_in_port(&defined->devices.items[i].address) &&
            defined->devices.items[i].address.at.bus > first)
            return true;
    }
    return false;
}

/* Has an earlier call written it, so that it is in the text, and not in the model? */
static bool is_announced(const struct domain *domain, unsigned index)
{
    for (size_t i = 0; i < domain->announced.count; i++) {
        if (domain->announced.items[i].index == index)
            return true;
    }
    return false;
}

static bool is_added(const struct domain *domain, const struct domain_controller *controller)
{
    return controller->element == DOMAIN_NO_ELEMENT && !is_announced(domain, controller->index);
}

/* Will libvirt add ports?  It adds one more than it needs, if none is free, and does not where
 * vtopo's are. */
static bool adds_port(const struct domain *domain, const struct domain *defined)
{
    for (size_t i = 0; i < defined->controllers.count; i++) {
        if (is_added(domain, &defined->controllers.items[i]) &&
            defined->controllers.items[i].model == CTRL_ROOT_PORT)
            return true;
    }
    return false;
}

static void write(struct edits *edits, const struct vtopo_domain *domain, size_t element,
                  const struct address *address)
{
    address_write(edits, domain, element, &address->at,
                  address->multifunction == 1 ? MULTIFUNCTION_TURN_ON : MULTIFUNCTION_AS_IT_IS);
}

/* Returns whether there was any to write. */
static bool write_devices(struct edits *edits, const struct vtopo_domain *domain,
                          const struct domain *defined)
{
    bool any = false;

    for (size_t i = 0; i < domain->model.devices.count; i++) {
        const struct domain_device *device = &domain->model.devices.items[i];
        const struct address *address = &defined->devices.items[i].address;

        if (device_is_assigned(device) || device->address.kind != ADDRESS_NONE ||
            address->kind != ADDRESS_PCI)
            continue;
        write(edits, domain, device->element, address);
        any = true;
    }
    return any;
}

static bool write_ports(struct edits *edits, const struct vtopo_domain *domain,
                        const struct domain *defined)
{
    bool any = false;

    for (size_t i = 0; i < defined->controllers.count; i++) {
        const struct domain_controller *after = &defined->controllers.items[i];
        const struct domain_controller *before = domain_controller_at(&domain->model, after->index);

        if (!before || before->model != CTRL_ROOT_PORT || before->address.kind != ADDRESS_NONE)
            continue;
        write(edits, domain, before->element, &after->address);
        any = true;
    }
    return any;
}

/* Those that libvirt adds, in the form in which KubeVirt writes its own. */
static bool add_controllers(struct edits *edits, const struct vtopo_domain *domain,
                            const struct domain *defined)
{
    bool any = false;

    for (size_t i = 0; i < defined->controllers.count; i++) {
        const struct domain_controller *c = &defined->controllers.items[i];
        autobuffer struct buffer lines = {0};

        if (!is_added(&domain->model, c))
            continue;
        buffer_printf(&lines, "<controller type='pci' index='%u' model='%s'", c->index,
                      controller_model_name(c->model));
        if (c->address.kind == ADDRESS_PCI) {
            buffer_add(&lines, ">\n  ");
            address_add(&lines, &c->address.at, c->address.multifunction == 1 ? "on" : NULL);
            buffer_add(&lines, "\n</controller>");
        } else {
            buffer_add(&lines, "/>");
        }
        edits->no_memory |= lines.failed;
        if (!lines.failed)
            edits_append_child(edits, domain->devices, lines.text);
        any = true;
    }
    return any;
}

static int hold(const struct vtopo_domain *domain, const struct domain *defined,
                struct vtopo_domain **ret_held, struct vtopo_error **reterr)
{
    struct edits edits = domxml_edits(domain);
    autofree char *text = NULL;
    size_t length;
    bool any = write_devices(&edits, domain, defined);
    int r;

    any = write_ports(&edits, domain, defined) || any;
    any = add_controllers(&edits, domain, defined) || any;
    r = domxml_finish(&edits, true, &text, &length, reterr);
    if (r || !any)
        return r;
    return vtopo_domain_parse(text, length, domain->name, ret_held, reterr);
}

/* It would take the lowest port that is free then. */
static bool adds_device_in_a_port(const struct domain *domain, const struct domain *defined)
{
    for (size_t i = domain->devices.count; i < defined->devices.count; i++) {
        if (is_in_port(&defined->devices.items[i].address))
            return true;
    }
    return false;
}

int kubevirt_hold_places(const struct vtopo_domain *domain, const struct vtopo_policy *policy,
                         bool always, struct vtopo_domain **ret_held, struct vtopo_error **reterr)
{
    struct domain defined = {0};
    const char *unknown;
    int r;

    bool needed = always || is_needed(&domain->model, policy);

    *ret_held = NULL;
    if (domain->devices == SCAN_NONE || (!needed && !vtopo_domain_assigned_count(domain)))
        return 0;
    r = libvirt_define(&domain->model, policy->libvirt_version, &defined, &unknown, reterr);
    needed = needed ||
             (!r && !unknown &&
              (one_comes_behind(&domain->model, &defined) || adds_port(&domain->model, &defined)));
    if (!r && !unknown && needed && !adds_device_in_a_port(&domain->model, &defined))
        r = hold(domain, &defined, ret_held, reterr);
    domain_clear(&defined);
    return r;
}
