/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places.c - see places.h
 *
 * Takes:  a domain.
 * Gives:  what it says of its PCI controllers, and of each device that has a PCI address or
 *         stands for one of the host's: in its own order, which is libvirt's in all that libvirt
 *         prints.
 * Rule:   two domains have the same text exactly if QEMU makes the same tree of both, as far as
 *         addresses go.  What differs between a definition and the dump of a guest that starts
 *         with it is left out: passwords, labels, aliases that libvirt gives.
 * Not here: what is compared with what (hooks/guard.c, cmd/vtopod_vm.c).
 */
#include "model/places.h"

#include "model/record.h"

static void add_address(struct buffer *text, const struct address *address)
{
    static const char *const kinds[] = {
        [ADDRESS_NONE] = "nowhere",
        [ADDRESS_UNASSIGNED] = "unassigned",
        [ADDRESS_OTHER] = "elsewhere",
    };

    buffer_add(text, " ");
    if (address->kind != ADDRESS_PCI)
        buffer_add(text, kinds[address->kind]);
    else
        buffer_printf(text, "%s %d", BDF_TEXT(&address->at), address->multifunction);
}

static void add_controller(struct buffer *text, const struct domain_controller *c)
{
    const char *model = controller_model_name(c->model);

    buffer_printf(text, "controller %u %s", c->index, model ? model : "other");
    add_address(text, &c->address);
    buffer_printf(text, " bus %d node %d chassis %d port %d hotplug %d reserve %u\n", c->bus_nr,
                  c->node, c->chassis, c->port, c->hotplug, c->mem_reserve);
}

static void add_device(struct buffer *text, const struct domain_device *device)
{
    bool assigned = device_is_assigned(device);
    autofree char *host = assigned ? record_host_of(device) : NULL;

    if (!assigned && device->address.kind != ADDRESS_PCI)
        return;
    if (assigned && !host)
        text->failed = true;
    buffer_add(text, "device ");
    buffer_add(text, assigned ? host : device->label);
    add_address(text, &device->address);
    buffer_add(text, "\n");
}

void places_add(const struct domain *domain, struct buffer *text)
{
    for (size_t i = 0; i < domain->controllers.count; i++)
        add_controller(text, &domain->controllers.items[i]);
    for (size_t i = 0; i < domain->devices.count; i++)
        add_device(text, &domain->devices.items[i]);
}
