/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo_ports.c - see undo_ports.h */
#include "model/undo_ports.h"

#include "model/machine.h"
#include "model/mark.h"
#include "model/qemu_device.h"

#include <stdlib.h>
#include <string.h>

#define INDEXES DOMAIN_INDEXES
#define FUNCTIONS 8

void undo_room_find(const struct domain *domain, struct undo_room *ret_room)
{
    *ret_room = (struct undo_room){.index = {true}};
    root_slots_of_qemu(domain, ret_room->slot);
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];

        if (qemu_device_is_port(d) && d->chassis > 0 && d->chassis < INDEXES)
            ret_room->chassis[d->chassis] = true;
    }
}

/* The lowest that is not taken; @count: all are. */
static unsigned lowest_free(const bool *taken, unsigned count)
{
    unsigned i = 0;

    while (i < count && taken[i])
        i++;
    return i;
}

void undo_room_leave_to_qemu(const struct domain *domain, struct undo_room *room)
{
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];
        unsigned slot = lowest_free(room->slot, ROOT_SLOTS);

        if (d->slot < 0 && slot < ROOT_SLOTS && qemu_device_bus(domain, d) == 0)
            room->slot[slot] = true;
    }
    root_slots_of_libvirt(domain, room->slot);
}

void undo_room_take(struct undo_room *room, const struct domain_controller *controller)
{
    const struct domain_controller *c = controller;

    room->index[c->index] = true;
    if (c->address.kind == ADDRESS_PCI && !c->address.at.bus && c->address.at.slot < ROOT_SLOTS)
        room->slot[c->address.at.slot] = true;
    /* libvirt's default is the index. */
    if (c->model == CTRL_ROOT_PORT || c->model == CTRL_DOWNSTREAM)
        room->chassis[c->chassis >= 0 ? (unsigned)c->chassis % INDEXES : c->index] = true;
}

/* The index, or, where another port has that number written down, the highest number that is
 * neither a chassis nor an index; 0: there is none. */
static unsigned free_chassis(const struct undo_room *room, unsigned index)
{
    unsigned chassis = index;

    if (room->chassis[chassis]) {
        for (chassis = INDEXES - 1; chassis && (room->chassis[chassis] || room->index[chassis]);)
            chassis--;
    }
    return chassis;
}

static bool is_alias_taken(const struct domain *domain, const char *alias)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const char *other = domain->controllers.items[i].alias;

        if (other && !strcmp(other, alias))
            return true;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const char *other = domain->devices.items[i].alias;

        if (other && !strcmp(other, alias))
            return true;
    }
    return false;
}

/* NULL: out of memory. */
static char *free_alias(const struct domain *domain, unsigned index)
{
    autofree char *first = mark_back_alias(index);
    char *alias = first ? strdup(first) : NULL;

    for (unsigned n = 2; alias && is_alias_taken(domain, alias); n++) {
        free(alias);
        alias = mark_another_alias(first, n);
    }
    return alias;
}

bool undo_port_add(const struct domain *domain, struct undo_room *room, bool off,
                   struct undo_ports *ports, unsigned *ret_index)
{
    unsigned index = lowest_free(room->index, INDEXES), slot = lowest_free(room->slot, ROOT_SLOTS);
    unsigned chassis = index < INDEXES ? free_chassis(room, index) : 0;
    const struct machine *machine = domain_machine(domain);
    struct undo_port *port;

    *ret_index = 0;
    if (!machine->rewritten || !machine->express || !chassis || slot == ROOT_SLOTS)
        return true;
    port = vec_add(ports);
    if (!port)
        return false;
    *port = (struct undo_port){index, slot, chassis, off, free_alias(domain, index)};
    room->index[index] = room->slot[slot] = room->chassis[chassis] = true;
    *ret_index = index;
    return port->alias;
}

struct domain_controller undo_port_controller(const struct undo_port *port)
{
    static char name[] = "pcie-root-port";

    return (struct domain_controller){
        .index = port->index,
        .index_given = true,
        .model = CTRL_ROOT_PORT,
        .address = {ADDRESS_PCI, {0, 0, (uint8_t)port->slot, 0}, -1},
        .bus_nr = -1,
        .node = -1,
        .chassis = (int)port->chassis,
        .port = (int)(port->slot * FUNCTIONS),
        .hotplug = port->off ? 0 : -1,
        .model_name = name,
        .alias = port->alias,
        .element = SIZE_MAX,
    };
}

void undo_ports_clear(struct undo_ports *ports)
{
    for (size_t i = 0; i < ports->count; i++)
        free(ports->items[i].alias);
    free(ports->items);
    *ports = (struct undo_ports){0};
}
