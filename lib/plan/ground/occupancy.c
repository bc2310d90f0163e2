/* SPDX-License-Identifier: GPL-2.0-or-later */
/* occupancy.c - see occupancy.h */
#include "plan/ground/occupancy.h"

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

/*
 * Slots that the machine (00, 1f) and libvirt's fixed devices (video 01, sound 1b, USB 1d and 1a)
 * take, libvirt 9.0 qemuDomainValidateDevicePCISlotsQ35(); a DMI bridge without an address wants
 * 1e.
 */
static void use_fixed_slots(struct occupancy *o, const struct domain *domain)
{
    static const unsigned char fixed[] = {0x00, 0x01, 0x1a, 0x1b, 0x1d, 0x1f};

    for (size_t i = 0; i < sizeof(fixed); i++)
        o->slot[fixed[i]] = true;
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].model == CTRL_DMI_TO_PCI)
            o->slot[0x1e] = true;
    }
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
    if (c->model == CTRL_PCIE_ROOT || c->address.kind == ADDRESS_PCI)
        return;
    o->complete = false;
    o->ports += c->model == CTRL_ROOT_PORT;
    o->expanders += c->model == CTRL_EXPANDER;
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

struct occupancy occupancy_of(const struct domain *domain, const struct fates *fates, bool fewest)
{
    struct occupancy o = {.complete = true, .fewest = fewest};

    o.index[0] = true;
    for (size_t i = 0; i < domain->controllers.count; i++)
        use_controller(&o, &domain->controllers.items[i]);
    o.complete = o.complete && o.there[0];
    o.there[0] = true;
    use_fixed_slots(&o, domain);
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (!fates->moves[i])
            use_device(&o, &domain->devices.items[i]);
    }
    return o;
}
