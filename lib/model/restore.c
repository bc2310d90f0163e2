/* SPDX-License-Identifier: GPL-2.0-or-later */
/* restore.c - see restore.h */
#include "model/restore.h"

#include "model/qemu_device.h"

#define INDEXES DOMAIN_INDEXES
#define SLOTS 32
#define FUNCTIONS 8

/* What those that stay have. */
struct taken {
    uint8_t places[INDEXES][SLOTS]; /* a bit for each function */
    bool chassis[INDEXES], bus_nr[INDEXES];
    bool index[INDEXES]; /* somebody put a device onto what has that index now */
};

static void take_place(struct taken *taken, const struct address *address)
{
    if (address->kind == ADDRESS_PCI && address->at.slot < SLOTS)
        taken->places[address->at.bus][address->at.slot] |=
            (uint8_t)(1U << (address->at.function % FUNCTIONS));
}

/* libvirt's default is the index. */
static unsigned chassis_of(const struct domain_controller *c)
{
    return c->chassis >= 0 ? (unsigned)c->chassis : c->index;
}

static bool has_chassis(const struct domain_controller *c)
{
    return c->model == CTRL_ROOT_PORT || c->model == CTRL_DOWNSTREAM;
}

static void find_taken(const struct domain *domain, const struct undo_buses *buses,
                       struct taken *taken)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (buses->going[c->index])
            continue;
        take_place(taken, &c->address);
        if (has_chassis(c) && chassis_of(c) < INDEXES)
            taken->chassis[chassis_of(c)] = true;
        if (c->bus_nr >= 0 && c->bus_nr < INDEXES)
            taken->bus_nr[c->bus_nr] = true;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->address.kind == ADDRESS_PCI &&
            (!buses->going[d->address.at.bus] || !device_is_assigned(d))) {
            take_place(taken, &d->address);
            taken->index[d->address.at.bus] = buses->going[d->address.at.bus];
        }
    }
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];

        if (d->slot >= 0 && d->slot < SLOTS && qemu_device_bus(domain, d) == 0)
            taken->places[0][d->slot] = UINT8_MAX;
        if (d->chassis >= 0 && d->chassis < INDEXES)
            taken->chassis[d->chassis] = true;
        if (d->bus_nr >= 0 && d->bus_nr < INDEXES)
            taken->bus_nr[d->bus_nr] = true;
    }
}

static bool is_free(const struct undo_buses *buses, const struct taken *taken,
                    const struct domain_controller *c)
{
    if ((buses->tree.at[c->index].own && !buses->going[c->index]) || buses->named[c->index])
        return false;
    if (taken->index[c->index])
        return false;
    if (has_chassis(c) && chassis_of(c) < INDEXES && taken->chassis[chassis_of(c)])
        return false;
    if (c->bus_nr >= 0 && c->bus_nr < INDEXES && taken->bus_nr[c->bus_nr])
        return false;
    return c->address.kind != ADDRESS_PCI || c->address.at.slot >= SLOTS ||
           !(taken->places[c->address.at.bus][c->address.at.slot] &
             1U << (c->address.at.function % FUNCTIONS));
}

/* @remembered: another controller with that index is not the one that it was on. */
static bool has_parent(const struct undo_buses *buses, const bool *remembered,
                       const struct domain_controller *c)
{
    unsigned bus = c->address.kind == ADDRESS_PCI ? c->address.at.bus : 0;

    if (!bus || buses->restored[bus])
        return true;
    return !remembered[bus] && buses->tree.at[bus].own && !buses->going[bus];
}

/* From the top down, so that none is below itself. */
void restore_find(const struct domain *domain, struct undo_buses *buses)
{
    struct taken taken = {0};
    bool remembered[INDEXES] = {false};
    bool changed = domain->record.controllers.count;

    if (!changed)
        return;
    find_taken(domain, buses, &taken);
    for (size_t i = 0; i < domain->record.controllers.count; i++)
        remembered[domain->record.controllers.items[i].controller.index] = true;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < domain->record.controllers.count; i++) {
            const struct domain_controller *c = &domain->record.controllers.items[i].controller;

            if (buses->restored[c->index] || !has_parent(buses, remembered, c) ||
                !is_free(buses, &taken, c))
                continue;
            take_place(&taken, &c->address);
            buses->restored[c->index] = c;
            changed = true;
        }
    }
}
