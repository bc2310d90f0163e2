/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo.c - see undo.h */
#include "model/undo.h"

#include "base/search.h"
#include "model/mark.h"
#include "model/qemu_device.h"
#include "model/record.h"
#include "model/restore.h"

#include <string.h>

#define INDEXES DOMAIN_INDEXES

/* A device of the command line names its bus, which so cannot go. */
void undo_find_named_by_qemu(const struct domain *domain, bool named[INDEXES])
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
static void find_going(const struct domain *domain, struct undo_buses *buses)
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
                !buses->going[c->address.at.bus] || undo_is_gap(buses, c->address.at.bus))
                continue;
            buses->going[c->address.at.bus] = false;
            changed = true;
        }
    }
}

static void find_occupied(const struct domain *domain, struct undo_buses *buses)
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
    for (unsigned i = 0; i < INDEXES; i++) {
        if (buses->restored[i] && buses->restored[i]->address.kind == ADDRESS_PCI)
            buses->occupied[buses->restored[i]->address.at.bus] = true;
        buses->occupied[i] = buses->occupied[i] || buses->named[i];
    }
}

/* Those that a mark or the record names: one of the two can be missing (mark.h). */
static bool find_ports_off(const struct domain *domain, struct undo_buses *buses, struct undo *undo)
{
    bool off[INDEXES] = {false};

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (buses->going[c->index] && c->marked && c->alias)
            mark_read_ports_off(c->alias, off);
    }
    for (size_t i = 0; i < domain->record.targets.count; i++) {
        if (!domain->record.targets.items[i].bus_nr)
            off[domain->record.targets.items[i].index] = true;
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

static bool find_bus_numbers(const struct domain *domain, const struct undo_buses *buses,
                             struct undo *undo)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];
        size_t *at;

        if (buses->going[c->index] || c->bus_nr < 0 || !record_of_target(domain, c->index, true))
            continue;
        at = vec_add(&undo->bus_numbers);
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
static bool collect_overrides(const struct domain *domain, const struct undo_buses *buses,
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
static bool collect_marks(const struct domain *domain, const struct undo_buses *buses,
                          struct undo *undo)
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

static bool collect_restored(const struct domain *domain, const struct undo_buses *buses,
                             struct undo *undo)
{
    for (size_t i = 0; i < domain->record.controllers.count; i++) {
        const struct domain_controller *c = &domain->record.controllers.items[i].controller;
        size_t *at;

        if (buses->restored[c->index] != c)
            continue;
        at = vec_add(&undo->restored);
        if (!at)
            return false;
        *at = i;
    }
    return true;
}

static bool make(const struct domain *domain, bool adds_ports, struct undo *ret_undo)
{
    struct undo_buses buses = {0};
    struct undo undo = {.announced = domain->announced.count, .record = domain->record.there};
    bool ok = true;

    guest_tree_make(domain, &buses.tree);
    undo_find_named_by_qemu(domain, buses.named);
    find_going(domain, &buses);
    restore_find(domain, &buses);
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
    ok = ok && find_bus_numbers(domain, &buses, &undo);
    ok = ok && collect_restored(domain, &buses, &undo);
    ok = ok && undo_find_places(domain, &buses, &undo.devices, adds_ports ? &undo.ports_new : NULL);
    if (!ok || !collect_marks(domain, &buses, &undo)) {
        undo_clear(&undo);
        return false;
    }
    *ret_undo = undo;
    return true;
}

bool undo_make(const struct domain *domain, struct undo *ret_undo)
{
    return make(domain, true, ret_undo);
}

bool undo_make_to_rebuild(const struct domain *domain, struct undo *ret_undo)
{
    return make(domain, false, ret_undo);
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

static void take_back_off(const struct domain *domain, struct domain_controller *port)
{
    const struct record_target *before = record_of_target(domain, port->index, false);

    port->hotplug = before && before->on ? 1 : -1;
}

/* What comes back, and what is new. */
static bool add_controllers(const struct domain *domain, const struct undo *undo,
                            struct domain *view)
{
    for (size_t i = 0; i < undo->restored.count + undo->ports_new.count; i++) {
        struct domain_controller *c = vec_add(&view->controllers);

        if (!c)
            return false;
        *c = i < undo->restored.count
                 ? domain->record.controllers.items[undo->restored.items[i]].controller
                 : undo_port_controller(&undo->ports_new.items[i - undo->restored.count]);
    }
    return true;
}

bool undo_apply(const struct domain *domain, const struct undo *undo, struct domain *ret_view)
{
    if (!domain_view(domain, ret_view))
        return false;
    drop_overrides(ret_view, undo);
    ret_view->record = (struct domain_record){0};
    memset(&ret_view->announced, 0, sizeof(ret_view->announced));
    for (size_t i = 0; i < undo->aliases.count; i++)
        ret_view->devices.items[undo->aliases.items[i]].alias = NULL;
    for (size_t i = 0; i < undo->devices.count; i++)
        ret_view->devices.items[undo->devices.items[i].device].address =
            undo->devices.items[i].address;
    for (size_t i = 0; i < undo->ports.count; i++)
        take_back_off(domain, &ret_view->controllers.items[undo->ports.items[i]]);
    for (size_t i = 0; i < undo->bus_numbers.count; i++)
        ret_view->controllers.items[undo->bus_numbers.items[i]].bus_nr = -1;
    drop_controllers(ret_view, undo);
    if (add_controllers(domain, undo, ret_view))
        return true;
    domain_view_clear(ret_view);
    return false;
}

bool undo_changes_nothing(const struct undo *undo)
{
    return undo_is_empty(undo) && !undo->ports.count && !undo->devices.count &&
           !undo->bus_numbers.count && !undo->restored.count;
}

bool undo_is_empty(const struct undo *undo)
{
    return !undo->controllers.count && !undo->overrides.count && !undo->aliases.count &&
           !undo->announced && !undo->record;
}

void undo_clear(struct undo *undo)
{
    free(undo->overrides.items);
    free(undo->aliases.items);
    free(undo->controllers.items);
    free(undo->ports.items);
    free(undo->bus_numbers.items);
    free(undo->restored.items);
    free(undo->devices.items);
    undo_ports_clear(&undo->ports_new);
    *undo = (struct undo){0};
}
