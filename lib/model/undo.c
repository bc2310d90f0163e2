/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo.c - see undo.h */
#include "model/undo.h"

#include "base/search.h"
#include "model/guest_tree.h"
#include "model/mark.h"
#include "model/qemu_device.h"

#include <string.h>

#define INDEXES DOMAIN_INDEXES

/* What stands on each bus (index) of the domain. */
struct buses {
    bool going[INDEXES];    /* the controller is taken out */
    bool occupied[INDEXES]; /* something that is not taken out is on this bus */
    bool off[INDEXES];      /* a port that stays hotplug='off' */
    bool named[INDEXES];    /* a device that only QEMU knows is */
    struct guest_tree tree;
};

/* A device of the command line names its bus, which so cannot go. */
static void find_named_by_qemu(const struct domain *domain, bool named[INDEXES])
{
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        int bus = qemu_device_bus(domain, &domain->qemu_devices.items[i]);

        if (bus >= 0)
            named[bus] = true;
    }
    for (size_t i = 0; i < domain->overrides.count; i++) {
        const struct domain_override *o = &domain->overrides.items[i];
        int bus = o->value && !strcmp(o->name, "bus") ? qemu_bus_index(domain, o->value) : -1;

        if (bus >= 0)
            named[bus] = true;
    }
}

/* A marked controller stays if one that is not marked hangs below it: others built on it. */
static void find_going(const struct domain *domain, struct buses *buses)
{
    bool changed = true;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        unsigned index = domain->controllers.items[i].index;

        if (domain->controllers.items[i].marked)
            buses->going[index] = !buses->named[index];
    }
    /* A device of somebody else's behind a bridge of ours has no place elsewhere that would not be
     * another slot. */
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];
        const struct domain_controller *bus =
            d->address.kind == ADDRESS_PCI ? buses->tree.at[d->address.at.bus].own : NULL;

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
        const struct domain_controller *c = buses->tree.at[i].own;

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
    for (unsigned i = 0; i < INDEXES; i++)
        buses->occupied[i] = buses->occupied[i] || buses->named[i];
}

/* The lowest empty root port on pcie.0 that is hotplug='off', or is not; 0: there is none. */
static unsigned lowest_empty_port(const struct buses *buses, bool off)
{
    for (unsigned i = 1; i < INDEXES; i++) {
        const struct domain_controller *c = buses->tree.at[i].own;

        if (c && c->model == CTRL_ROOT_PORT && !buses->going[i] && !buses->occupied[i] &&
            buses->off[i] == off && (c->address.kind != ADDRESS_PCI || c->address.at.bus == 0))
            return i;
    }
    return 0;
}

/* A device in a slot of a bus that goes. */
struct tenant {
    struct bdf slot; /* function 0 */
    size_t device;
};

static int compare_tenants(const void *left, const void *right)
{
    const struct tenant *a = left, *b = right;
    int order = bdf_compare(&a->slot, &b->slot);

    return order ? order : (a->device > b->device) - (a->device < b->device);
}

/* By slot, then in the order of the domain. */
static size_t collect_tenants(const struct domain *domain, const struct buses *buses,
                              struct tenant *tenants)
{
    size_t n = 0;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && buses->going[address->at.bus])
            tenants[n++] = (struct tenant){{0, address->at.bus, address->at.slot, 0}, i};
    }
    qsort(tenants, n, sizeof(*tenants), compare_tenants);
    return n;
}

/*
 * Has something that is no host device come into a port of ours (a spare one, say)?  It keeps its
 * address, and libvirt makes a root port on pcie.0 of an index that only an address names.
 */
static bool has_other_device(const struct domain *domain, const struct tenant *slot, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!device_is_assigned(&domain->devices.items[slot[i].device]))
            return true;
    }
    return false;
}

/* Was the device on this bus of ours in a port that is hotplug='off'?  Of a controller that is only
 * taken over, its own word. */
static bool comes_from_off(const struct buses *buses, unsigned bus)
{
    const struct domain_controller *port = buses->tree.at[bus].own;

    if (mark_is_of_controller(port->alias))
        return mark_is_of_port_off(port->alias);
    return port->model == CTRL_ROOT_PORT && !port->hotplug;
}

/* All devices in one slot of a bus that goes move together. */
static bool move_slot(const struct domain *domain, struct buses *buses, const struct tenant *slot,
                      size_t count, struct undo *undo)
{
    unsigned port;

    if (has_other_device(domain, slot, count))
        return true;
    port = lowest_empty_port(buses, comes_from_off(buses, slot->slot.bus));
    if (port)
        buses->occupied[port] = true;
    for (size_t i = 0; i < count; i++) {
        const struct address *from = &domain->devices.items[slot[i].device].address;
        struct undo_device *moved = vec_add(&undo->devices);

        if (!moved)
            return false;
        moved->device = slot[i].device;
        moved->address = *from;
        moved->address.at = (struct bdf){0, (uint8_t)port, 0, from->at.function};
        if (!port)
            moved->address = (struct address){.kind = ADDRESS_NONE, .multifunction = -1};
    }
    return true;
}

static bool move_slots(const struct domain *domain, struct buses *buses, struct undo *undo)
{
    autofree struct tenant *tenants = calloc(domain->devices.count + 1, sizeof(*tenants));
    bool ok = tenants != NULL;
    size_t n = ok ? collect_tenants(domain, buses, tenants) : 0;

    for (size_t i = 0, count; ok && i < n; i += count) {
        for (count = 1; i + count < n && bdf_equal(&tenants[i + count].slot, &tenants[i].slot);)
            count++;
        ok = move_slot(domain, buses, &tenants[i], count, undo);
    }
    return ok;
}

static bool find_ports_off(const struct domain *domain, struct buses *buses, struct undo *undo)
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

        if (buses->going[c->index] || c->model != CTRL_ROOT_PORT || c->hotplug != 0)
            continue;
        buses->off[c->index] = !off[c->index];
        if (!off[c->index])
            continue;
        at = vec_add(&undo->ports);
        if (!at)
            return false;
        *at = i;
    }
    return true;
}

static int compare_aliases(const void *left, const void *right)
{
    const struct domain_controller *a = *(const struct domain_controller *const *)left;
    const struct domain_controller *b = *(const struct domain_controller *const *)right;
    int order = strcmp(a->alias, b->alias);

    return order ? order : (a > b) - (a < b);
}

static int compare_alias(const void *key, const void *item)
{
    const struct domain_controller *c = *(const struct domain_controller *const *)item;

    return strcmp(key, c->alias);
}

/* Sorted by alias, with room for all. */
static size_t collect_aliases(const struct domain *domain,
                              const struct domain_controller **ret_controllers)
{
    size_t n = 0;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].alias)
            ret_controllers[n++] = &domain->controllers.items[i];
    }
    qsort(ret_controllers, n, sizeof(*ret_controllers), compare_aliases);
    return n;
}

/* Marked properties; a marked controller that stays, because others built on it, keeps its own. */
static bool collect_overrides(const struct domain *domain, const struct buses *buses,
                              struct undo *undo)
{
    autofree const struct domain_controller **by_alias =
        calloc(domain->controllers.count + 1, sizeof(const struct domain_controller *));
    size_t count = by_alias ? collect_aliases(domain, by_alias) : 0;

    for (size_t i = 0; by_alias && i < domain->overrides.count; i++) {
        const struct domain_override *o = &domain->overrides.items[i];
        size_t n, *at;

        if (!o->marked)
            continue;
        n = search_lower_bound(o->alias, by_alias, count, sizeof(*by_alias), compare_alias);
        if (n < count && !strcmp(by_alias[n]->alias, o->alias) && !buses->going[by_alias[n]->index])
            continue;
        at = vec_add(&undo->overrides);
        if (!at)
            return false;
        *at = i;
    }
    return by_alias != NULL;
}

/* Marked properties, and marked aliases of devices. */
static bool collect_marks(const struct domain *domain, const struct buses *buses, struct undo *undo)
{
    if (!collect_overrides(domain, buses, undo))
        return false;
    for (size_t i = 0; i < domain->devices.count; i++) {
        size_t *at;

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
    bool ok = true;

    guest_tree_make(domain, &buses.tree);
    find_named_by_qemu(domain, buses.named);
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
    ok = ok && move_slots(domain, &buses, &undo);
    if (!ok || !collect_marks(domain, &buses, &undo)) {
        undo_clear(&undo);
        return false;
    }
    *ret_undo = undo;
    return true;
}

static void drop_overrides(struct domain *base, const struct undo *undo)
{
    size_t left = 0, gone = 0;

    for (size_t i = 0; i < base->overrides.count; i++) {
        if (gone < undo->overrides.count && undo->overrides.items[gone] == i)
            gone++;
        else
            base->overrides.items[left++] = base->overrides.items[i];
    }
    base->overrides.count = left;
}

static void drop_controllers(struct domain *base, const struct undo *undo)
{
    size_t left = 0, gone = 0;

    for (size_t i = 0; i < base->controllers.count; i++) {
        if (gone < undo->controllers.count && undo->controllers.items[gone] == i)
            gone++;
        else
            base->controllers.items[left++] = base->controllers.items[i];
    }
    base->controllers.count = left;
}

bool undo_apply(const struct domain *domain, const struct undo *undo, struct domain *ret_view)
{
    if (!domain_view(domain, ret_view))
        return false;
    drop_overrides(ret_view, undo);
    for (size_t i = 0; i < undo->aliases.count; i++)
        ret_view->devices.items[undo->aliases.items[i]].alias = NULL;
    for (size_t i = 0; i < undo->devices.count; i++)
        ret_view->devices.items[undo->devices.items[i].device].address =
            undo->devices.items[i].address;
    for (size_t i = 0; i < undo->ports.count; i++)
        ret_view->controllers.items[undo->ports.items[i]].hotplug = -1;
    drop_controllers(ret_view, undo);
    return true;
}

bool undo_changes_nothing(const struct undo *undo)
{
    return undo_is_empty(undo) && !undo->ports.count && !undo->devices.count;
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
