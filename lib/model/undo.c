/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo.c - see undo.h */
#include "model/undo.h"

#include "model/mark.h"

#include <string.h>

#define INDEXES 256

/* What stands on each bus (index) of the domain. */
struct buses {
    bool going[INDEXES];    /* the controller is taken out */
    bool occupied[INDEXES]; /* something that is not taken out is on this bus */
    const struct domain_controller *at[INDEXES];
};

static void list_controllers(const struct domain *domain, struct buses *buses)
{
    for (size_t i = 0; i < domain->controllers.count; i++)
        buses->at[domain->controllers.items[i].index] = &domain->controllers.items[i];
}

/* A marked controller stays if one that is not marked hangs below it: others built on it. */
static void find_going(const struct domain *domain, struct buses *buses)
{
    bool changed = true;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].marked)
            buses->going[domain->controllers.items[i].index] = true;
    }
    /* A device of somebody else's behind a bridge of ours has no place elsewhere that would not be
     * another slot. */
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];
        const struct domain_controller *bus =
            d->address.kind == ADDRESS_PCI ? buses->at[d->address.at.bus] : NULL;

        if (bus && bus->model == CTRL_PCIE_TO_PCI && !device_is_assigned(d))
            buses->going[bus->index] = false;
    }
    while (changed) {
        changed = false;
        for (size_t i = 0; i < domain->controllers.count; i++) {
            const struct domain_controller *c = &domain->controllers.items[i];

            if (buses->going[c->index] || c->address.kind != ADDRESS_PCI ||
                !buses->going[c->address.at.bus])
                continue;
            buses->going[c->address.at.bus] = false;
            changed = true;
        }
    }
}

static void find_occupied(const struct domain *domain, struct buses *buses)
{
    for (unsigned i = 0; i < INDEXES; i++) {
        const struct domain_controller *c = buses->at[i];

        if (!c || buses->going[i])
            continue;
        if (c->address.kind == ADDRESS_PCI)
            buses->occupied[c->address.at.bus] = true;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;

        if (address->kind == ADDRESS_PCI)
            buses->occupied[address->at.bus] = true;
    }
}

/* The lowest empty root port on pcie.0; 0: there is none. */
static unsigned lowest_empty_port(const struct buses *buses)
{
    for (unsigned i = 1; i < INDEXES; i++) {
        const struct domain_controller *c = buses->at[i];

        if (c && c->model == CTRL_ROOT_PORT && !buses->going[i] && !buses->occupied[i] &&
            (c->address.kind != ADDRESS_PCI || c->address.at.bus == 0))
            return i;
    }
    return 0;
}

/*
 * Has something that is no host device come into a port of ours (a spare one, say)?  It keeps its
 * address, and libvirt makes a root port on pcie.0 of an index that only an address names.
 */
static bool has_other_device(const struct domain *domain, const struct bdf *slot)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->address.kind == ADDRESS_PCI && bdf_same_slot(&d->address.at, slot) &&
            !device_is_assigned(d))
            return true;
    }
    return false;
}

/* All devices in one slot of a bus that goes move together. */
static bool move_slot(const struct domain *domain, struct buses *buses, const struct bdf *slot,
                      struct undo *undo)
{
    unsigned port;

    if (has_other_device(domain, slot))
        return true;
    port = lowest_empty_port(buses);
    if (port)
        buses->occupied[port] = true;
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *from = &domain->devices.items[i].address;
        struct undo_device *moved;

        if (from->kind != ADDRESS_PCI || !bdf_same_slot(&from->at, slot))
            continue;
        moved = vec_add(&undo->devices);
        if (!moved)
            return false;
        moved->device = i;
        moved->address = *from;
        moved->address.at = (struct bdf){0, (uint8_t)port, 0, from->at.function};
        if (!port)
            moved->address = (struct address){.kind = ADDRESS_NONE, .multifunction = -1};
    }
    return true;
}

/* The lowest bus and slot behind @after that devices must leave; false: there is none. */
static bool next_slot(const struct domain *domain, const struct buses *buses,
                      const struct bdf *after, struct bdf *ret_slot)
{
    bool found = false;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;
        struct bdf slot = {0, address->at.bus, address->at.slot, 7};

        if (address->kind != ADDRESS_PCI || !buses->going[slot.bus] ||
            (after && bdf_compare(&slot, after) <= 0) ||
            (found && bdf_compare(&slot, ret_slot) >= 0))
            continue;
        *ret_slot = slot;
        found = true;
    }
    return found;
}

static bool find_ports_off(const struct domain *domain, const struct buses *buses,
                           struct undo *undo)
{
    bool off[INDEXES] = {false};

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (buses->going[c->index] && c->marked && c->alias)
            mark_read_ports_off(c->alias, off);
    }
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];
        size_t *at;

        if (!off[c->index] || buses->going[c->index] || c->model != CTRL_ROOT_PORT ||
            c->hotplug != 0)
            continue;
        at = vec_add(&undo->ports);
        if (!at)
            return false;
        *at = i;
    }
    return true;
}

/* A marked controller that stays, because others built on it, keeps its properties. */
static bool is_of_staying_controller(const struct domain *domain, const struct buses *buses,
                                     const char *alias)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (c->alias && !strcmp(c->alias, alias))
            return !buses->going[c->index];
    }
    return false;
}

/* Marked properties and aliases of devices. */
static bool take_marks(const struct domain *domain, const struct buses *buses, struct undo *undo)
{
    size_t *at;

    for (size_t i = 0; i < domain->overrides.count; i++) {
        const struct domain_override *o = &domain->overrides.items[i];

        if (!o->marked || is_of_staying_controller(domain, buses, o->alias))
            continue;
        at = vec_add(&undo->overrides);
        if (!at)
            return false;
        *at = i;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (!mark_is_of_device(&domain->devices.items[i]))
            continue;
        at = vec_add(&undo->aliases);
        if (!at)
            return false;
        *at = i;
    }
    return true;
}

bool undo_make(const struct domain *domain, struct undo *ret_undo)
{
    struct buses buses = {0};
    struct undo undo = {0};
    struct bdf slot, last;
    bool ok = true;

    list_controllers(domain, &buses);
    find_going(domain, &buses);
    find_occupied(domain, &buses);
    for (size_t i = 0; ok && i < domain->controllers.count; i++) {
        size_t *at;

        if (!buses.going[domain->controllers.items[i].index])
            continue;
        at = vec_add(&undo.controllers);
        if (at)
            *at = i;
        ok = at != NULL;
    }
    ok = ok && find_ports_off(domain, &buses, &undo);
    for (bool more = next_slot(domain, &buses, NULL, &slot); ok && more;
         last = slot, more = next_slot(domain, &buses, &last, &slot))
        ok = move_slot(domain, &buses, &slot, &undo);
    if (!ok || !take_marks(domain, &buses, &undo)) {
        undo_clear(&undo);
        return false;
    }
    *ret_undo = undo;
    return true;
}

static void drop_overrides(struct domain *base, const struct undo *undo)
{
    size_t kept = 0, gone = 0;

    for (size_t i = 0; i < base->overrides.count; i++) {
        if (gone < undo->overrides.count && undo->overrides.items[gone] == i) {
            override_clear(&base->overrides.items[i]);
            gone++;
            continue;
        }
        base->overrides.items[kept++] = base->overrides.items[i];
    }
    base->overrides.count = kept;
}

static void drop_aliases(struct domain *base, const struct undo *undo)
{
    for (size_t i = 0; i < undo->aliases.count; i++) {
        struct domain_device *device = &base->devices.items[undo->aliases.items[i]];

        free(device->alias);
        device->alias = NULL;
    }
}

bool undo_apply(const struct domain *domain, const struct undo *undo, struct domain *ret_domain)
{
    struct domain base = {0};
    size_t kept = 0, gone = 0;

    if (!domain_copy(domain, &base))
        return false;
    drop_overrides(&base, undo);
    drop_aliases(&base, undo);
    for (size_t i = 0; i < undo->devices.count; i++)
        base.devices.items[undo->devices.items[i].device].address = undo->devices.items[i].address;
    for (size_t i = 0; i < undo->ports.count; i++)
        base.controllers.items[undo->ports.items[i]].hotplug = -1;
    for (size_t i = 0; i < base.controllers.count; i++) {
        struct domain_controller *c = &base.controllers.items[i];

        if (gone < undo->controllers.count && undo->controllers.items[gone] == i) {
            free(c->model_name);
            free(c->alias);
            gone++;
            continue;
        }
        base.controllers.items[kept++] = *c;
    }
    base.controllers.count = kept;
    *ret_domain = base;
    return true;
}

bool undo_is_empty(const struct undo *undo)
{
    return !undo->controllers.count && !undo->overrides.count && !undo->aliases.count;
}

void undo_clear(struct undo *undo)
{
    free(undo->overrides.items);
    free(undo->aliases.items);
    free(undo->controllers.items);
    free(undo->ports.items);
    free(undo->devices.items);
    *undo = (struct undo){0};
}
