/* SPDX-License-Identifier: GPL-2.0-or-later */
/* occupancy.c - see occupancy.h */
#include "plan/ground/occupancy.h"

#include "model/qemu_device.h"
#include "model/root_slots.h"

#include <string.h>

static void use_address(struct occupancy *o, const struct address *address)
{
    if (address->kind != ADDRESS_PCI)
        return;
    o->index[address->at.bus] = o->occupied[address->at.bus] = true;
    if (address->at.bus > o->highest)
        o->highest = address->at.bus;
    if (address->at.bus == 0)
        o->slot[address->at.slot] = true;
}

bool controller_is_port(enum controller_model model)
{
    return model == CTRL_ROOT_PORT || model == CTRL_DOWNSTREAM;
}

static void use_controller(struct occupancy *o, const struct domain_controller *c)
{
    o->index[c->index] = o->there[c->index] = true;
    o->at[c->index] = c;
    if (c->index > o->highest)
        o->highest = c->index;
    use_address(o, &c->address);
    if (controller_is_port(c->model))
        o->chassis[c->chassis >= 0 ? (unsigned)c->chassis % INDEXES : c->index] = true;
    if (c->told_chassis)
        o->chassis[c->told_chassis % INDEXES] = true;
    if (!c->index || c->address.kind == ADDRESS_PCI)
        return;
    o->complete = false;
    o->ports += c->model == CTRL_ROOT_PORT;
    o->expanders += model_is_expander(c->model);
    o->on_port += c->model == CTRL_UPSTREAM || c->model == CTRL_PCIE_TO_PCI;
}

static void use_device(struct occupancy *o, const struct domain_device *d)
{
    use_address(o, &d->address);
    if (!d->maybe_pci || d->address.kind != ADDRESS_NONE)
        return;
    o->complete = false;
    o->on_port++;
}

/* A device of the command line: a slot of pcie.0 that it does not name, or the bus that is no
 * longer free for others. */
static void use_qemu_device(struct occupancy *o, const struct domain *domain,
                            const struct domain_qemu_device *d)
{
    int bus = qemu_device_bus(domain, d);

    if (bus == 0 && d->slot < 0)
        o->slots_of_qemu++;
    if (bus > 0)
        o->index[bus] = o->occupied[bus] = true;
    if (qemu_device_is_port(d) && d->chassis > 0)
        o->chassis[d->chassis] = true;
}

/* A bus that a property for QEMU gives to a device of libvirt's. */
static void use_override(struct occupancy *o, const struct domain *domain,
                         const struct domain_override *override)
{
    int bus = override->value && !strcmp(override->name, "bus")
                  ? qemu_bus_index(domain, override->value)
                  : -1;

    if (bus > 0)
        o->index[bus] = o->occupied[bus] = true;
}

static void use_what_qemu_is_told(struct occupancy *o, const struct domain *domain)
{
    for (size_t i = 0; i < domain->qemu_devices.count; i++)
        use_qemu_device(o, domain, &domain->qemu_devices.items[i]);
    for (size_t i = 0; i < domain->overrides.count; i++)
        use_override(o, domain, &domain->overrides.items[i]);
}

struct occupancy occupancy_of(const struct domain *domain, const struct fates *fates, bool fewest)
{
    struct occupancy o = {.complete = true, .fewest = fewest};

    o.index[0] = true;
    for (size_t i = 0; i < domain->controllers.count; i++)
        use_controller(&o, &domain->controllers.items[i]);
    o.complete = o.complete && o.there[0];
    o.there[0] = true;
    root_slots_of_qemu(domain, o.slot);
    root_slots_of_libvirt(domain, o.slot);
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (!fates->moves[i])
            use_device(&o, &domain->devices.items[i]);
    }
    use_what_qemu_is_told(&o, domain);
    return o;
}

bool occupancy_is_whole(const struct occupancy *o, const struct domain *input)
{
    bool whole = o->complete && o->at[0];

    for (unsigned i = 1; i < INDEXES; i++)
        whole = whole && (!o->occupied[i] || o->there[i] || domain_controller_at(input, i));
    return whole;
}

void occupancy_remove(struct occupancy *o, const unsigned *indexes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct domain_controller *c = o->at[indexes[i]];

        if (c && controller_is_port(c->model))
            o->chassis[c->chassis >= 0 ? (unsigned)c->chassis % INDEXES : c->index] = false;
        o->index[indexes[i]] = o->there[indexes[i]] = false;
        o->at[indexes[i]] = NULL;
    }
    while (o->highest && !o->index[o->highest])
        o->highest--;
}
