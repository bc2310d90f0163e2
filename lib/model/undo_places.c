/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo_places.c - see undo_places.h */
#include "model/undo_places.h"

#include "model/machine.h"
#include "model/mark.h"
#include "model/qemu_device.h"
#include "model/record.h"

#include <string.h>

#define INDEXES DOMAIN_INDEXES
#define SLOTS 32
#define FUNCTIONS 8

/* A device in a slot of a bus that goes. */
struct tenant {
    struct bdf slot; /* function 0 */
    size_t device;
    const struct record_device *before; /* NULL: nothing is remembered */
};

/* The tenants of one slot. */
struct group {
    const struct tenant *tenants;
    size_t count;
    bool back; /* all go where they were */
};

/* Who is where after the undo. */
struct places {
    const struct domain *domain;
    uint8_t stays[INDEXES][SLOTS];              /* a bit for each function */
    bool shared[INDEXES][SLOTS];                /* function 0 stays, and says multifunction='on' */
    uint32_t claims[INDEXES][SLOTS][FUNCTIONS]; /* how many devices that go back were here: a record
                                                   is others' input, and may say it of all */
    bool known0[INDEXES][SLOTS]; /* function 0 is remembered as the place of a device here */
};

static int compare_tenants(const void *left, const void *right)
{
    const struct tenant *a = left, *b = right;
    int order = bdf_compare(&a->slot, &b->slot);

    return order ? order : (a->device > b->device) - (a->device < b->device);
}

/* By slot, then in the order of the domain. */
static size_t collect_tenants(const struct domain *domain, const struct undo_buses *buses,
                              struct tenant *tenants)
{
    size_t n = 0;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && buses->going[address->at.bus])
            tenants[n++] = (struct tenant){
                {0, address->at.bus, address->at.slot, 0}, i, record_of_device(domain, i)};
    }
    qsort(tenants, n, sizeof(*tenants), compare_tenants);
    return n;
}

bool undo_is_gap(const struct undo_buses *buses, unsigned bus)
{
    const struct domain_controller *port = buses->tree.at[bus].own;

    return port && port->alias && mark_is_of_gap(port->alias);
}

/*
 * Has something that is no host device come into a port of ours (a spare one, say), or anything
 * into one that only takes an index?  It keeps its address, and libvirt makes a root port on pcie.0
 * of an index that only an address names.
 */
static bool has_other_device(const struct domain *domain, const struct undo_buses *buses,
                             const struct tenant *slot, size_t count)
{
    if (undo_is_gap(buses, slot->slot.bus))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (!device_is_assigned(&domain->devices.items[slot[i].device]))
            return true;
    }
    return false;
}

static bool are_all_remembered(const struct tenant *slot, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!slot[i].before)
            return false;
    }
    return true;
}

/* --- who stays --- */

static void add_stayer(struct places *places, const struct address *address)
{
    if (address->kind != ADDRESS_PCI || address->at.slot >= SLOTS)
        return;
    places->stays[address->at.bus][address->at.slot] |=
        (uint8_t)(1U << (address->at.function % FUNCTIONS));
    if (address->at.function == 0 && address->multifunction == 1)
        places->shared[address->at.bus][address->at.slot] = true;
}

static void add_qemu_device(const struct domain *domain, const struct domain_qemu_device *device,
                            struct places *places)
{
    int bus = device->slot >= 0 ? qemu_device_bus(domain, device) : -1;
    struct address address = {.kind = ADDRESS_PCI, .multifunction = device->multifunction};

    address.at = (struct bdf){0, (uint8_t)bus, (uint8_t)device->slot, (uint8_t)device->function};
    if (bus >= 0)
        add_stayer(places, &address);
}

static void find_stayers(const struct domain *domain, const struct undo_buses *buses,
                         struct places *places)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (!buses->going[domain->controllers.items[i].index])
            add_stayer(places, &domain->controllers.items[i].address);
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && !buses->going[address->at.bus])
            add_stayer(places, address);
    }
    for (size_t i = 0; i < INDEXES; i++) {
        if (buses->restored[i])
            add_stayer(places, &buses->restored[i]->address);
    }
    for (size_t i = 0; i < domain->qemu_devices.count; i++)
        add_qemu_device(domain, &domain->qemu_devices.items[i], places);
}

/* --- is a remembered place free? --- */

/* Can a device be there at all? */
static bool bus_accepts(const struct undo_buses *buses, const struct places *places,
                        const struct bdf *at)
{
    const struct domain_controller *bus = buses->restored[at->bus] ? buses->restored[at->bus]
                                          : buses->going[at->bus]  ? NULL
                                                                   : buses->tree.at[at->bus].own;

    if (at->bus == 0)
        return !(domain_machine(places->domain)->slots >> at->slot & 1);
    /* libvirt makes a root port of an index that only an address names. */
    if (!bus || bus->model == CTRL_ROOT_PORT || bus->model == CTRL_DOWNSTREAM)
        return at->slot == 0;
    return bus->model == CTRL_PCI_EXPANDER || (model_is_bridge(bus->model) && at->slot > 0);
}

static bool is_free(const struct undo_buses *buses, const struct places *places,
                    const struct bdf *at)
{
    uint8_t stays = places->stays[at->bus][at->slot];
    const uint32_t *claims = places->claims[at->bus][at->slot];

    if (!bus_accepts(buses, places, at) || stays & 1U << at->function || claims[at->function] > 1 ||
        qemu_may_use_place(places->domain, at))
        return false;
    if (stays)
        return places->shared[at->bus][at->slot];
    return at->function == 0 || claims[0] || !places->known0[at->bus][at->slot];
}

static void claim(struct places *places, const struct group *group, int by)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct address *address = &group->tenants[i].before->address;
        uint32_t *claims;

        if (address->kind != ADDRESS_PCI)
            continue;
        claims = &places->claims[address->at.bus][address->at.slot][address->at.function];
        *claims += (uint32_t)by;
        if (address->at.function == 0)
            places->known0[address->at.bus][address->at.slot] = true;
    }
}

static bool can_go_back(const struct undo_buses *buses, const struct places *places,
                        const struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct address *address = &group->tenants[i].before->address;

        if (address->kind == ADDRESS_PCI && !is_free(buses, places, &address->at))
            return false;
    }
    return true;
}

/* A group that cannot go back may be what another one needed for function 0 of its slot. */
static void find_who_goes_back(const struct undo_buses *buses, struct places *places,
                               struct group *groups, size_t count)
{
    bool changed = true;

    for (size_t i = 0; i < count; i++) {
        if (groups[i].back)
            claim(places, &groups[i], 1);
    }
    while (changed) {
        changed = false;
        for (size_t i = 0; i < count; i++) {
            if (!groups[i].back || can_go_back(buses, places, &groups[i]))
                continue;
            groups[i].back = false;
            claim(places, &groups[i], -1);
            changed = true;
        }
    }
}

/* --- new places --- */

static bool move(struct undo_devices *devices, size_t device, const struct address *address,
                 bool restored)
{
    struct undo_device *moved = vec_add(devices);

    if (moved)
        *moved = (struct undo_device){device, *address, restored};
    return moved;
}

static bool go_back(struct undo_buses *buses, const struct group *group,
                    struct undo_devices *devices)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct address *address = &group->tenants[i].before->address;

        if (address->kind == ADDRESS_PCI)
            buses->occupied[address->at.bus] = true;
        if (!move(devices, group->tenants[i].device, address, true))
            return false;
    }
    return true;
}

/* Was the device on this bus of ours in a port that is hotplug='off'?  Of a controller that is only
 * taken over, its own word. */
static bool comes_from_off(const struct undo_buses *buses, unsigned bus)
{
    const struct domain_controller *port = buses->tree.at[bus].own;

    if (mark_is_of_controller(port->alias))
        return mark_is_of_port_off(port->alias);
    return port->model == CTRL_ROOT_PORT && !port->hotplug;
}

/* Does anything stay in the slot, or go back there? */
static bool is_slot_taken(const struct places *places, unsigned bus, unsigned slot)
{
    bool taken = places->stays[bus][slot];

    for (unsigned f = 0; f < FUNCTIONS; f++)
        taken = taken || places->claims[bus][slot][f];
    return taken;
}

/* What is taken once the undo is done, the ports that it adds excepted. */
static void find_room(const struct domain *domain, const struct undo_buses *buses,
                      const struct places *places, struct undo_room *room)
{
    undo_room_find(domain, room);
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (!buses->going[domain->controllers.items[i].index])
            undo_room_take(room, &domain->controllers.items[i]);
    }
    for (unsigned i = 0; i < INDEXES; i++) {
        if (buses->restored[i])
            undo_room_take(room, buses->restored[i]);
        room->index[i] = room->index[i] || buses->named[i];
    }
    for (unsigned bus = 0; bus < INDEXES; bus++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            bool taken = is_slot_taken(places, bus, slot);

            room->index[bus] = room->index[bus] || taken;
            if (!bus)
                room->slot[slot] = room->slot[slot] || taken;
        }
    }
    undo_room_leave_to_qemu(domain, room);
}

/* Where those go that do not go back. */
struct targets {
    const struct domain *domain;
    struct undo_buses *buses;
    struct undo_devices *devices;
    struct undo_ports *ports; /* NULL: none are added */
    struct undo_room room;    /* what they have to leave free */
    bool taken[INDEXES];      /* ports that another slot has got */
};

static bool is_empty_port(const struct targets *to, const struct places *places, unsigned index,
                          bool off)
{
    const struct domain_controller *restored = to->buses->restored[index],
                                   *c = restored ? restored : to->buses->tree.at[index].own;

    if (!c || c->model != CTRL_ROOT_PORT || to->taken[index] ||
        (c->address.kind == ADDRESS_PCI && c->address.at.bus))
        return false;
    if (restored)
        return !is_slot_taken(places, index, 0) && (c->hotplug == 0) == off;
    return !to->buses->going[index] && !to->buses->occupied[index] && to->buses->off[index] == off;
}

/* The lowest empty root port on pcie.0 that is hotplug='off', or is not; 0: there is none. */
static unsigned lowest_empty_port(const struct targets *to, const struct places *places, bool off)
{
    unsigned i = 1;

    while (i < INDEXES && !is_empty_port(to, places, i, off))
        i++;
    return i < INDEXES ? i : 0;
}

static bool go_to_a_port(struct targets *to, const struct places *places, const struct group *group)
{
    bool off = comes_from_off(to->buses, group->tenants->slot.bus);
    unsigned port = lowest_empty_port(to, places, off);

    if (!port && to->ports && !undo_port_add(to->domain, &to->room, off, to->ports, &port))
        return false;
    to->taken[port] = true;
    for (size_t i = 0; i < group->count; i++) {
        size_t device = group->tenants[i].device;
        struct address address = to->domain->devices.items[device].address;

        address.at = (struct bdf){0, (uint8_t)port, 0, address.at.function};
        if (!port)
            address = (struct address){.kind = ADDRESS_NONE, .multifunction = -1};
        if (!move(to->devices, device, &address, false))
            return false;
    }
    return true;
}

static bool go_to_ports(struct targets *to, const struct places *places, const struct group *groups,
                        size_t count)
{
    if (to->ports)
        find_room(to->domain, to->buses, places, &to->room);
    for (size_t i = 0; i < count; i++) {
        if (!groups[i].back && !go_to_a_port(to, places, &groups[i]))
            return false;
    }
    return true;
}

static size_t make_groups(const struct domain *domain, const struct undo_buses *buses,
                          const struct tenant *tenants, size_t n, struct places *places,
                          struct group *groups)
{
    size_t count = 0;

    for (size_t i = 0, size; i < n; i += size) {
        for (size = 1; i + size < n && bdf_equal(&tenants[i + size].slot, &tenants[i].slot);)
            size++;
        if (!has_other_device(domain, buses, &tenants[i], size)) {
            groups[count++] =
                (struct group){&tenants[i], size, are_all_remembered(&tenants[i], size)};
            continue;
        }
        for (size_t k = 0; k < size; k++)
            add_stayer(places, &domain->devices.items[tenants[i + k].device].address);
    }
    return count;
}

bool undo_find_places(const struct domain *domain, struct undo_buses *buses,
                      struct undo_devices *devices, struct undo_ports *ports)
{
    struct targets to = {.domain = domain, .buses = buses, .devices = devices, .ports = ports};
    autofree struct tenant *tenants = calloc(domain->devices.count + 1, sizeof(*tenants));
    autofree struct group *groups = calloc(domain->devices.count + 1, sizeof(*groups));
    autofree struct places *places = calloc(1, sizeof(*places));
    bool ok = tenants && groups && places;
    size_t n = ok ? collect_tenants(domain, buses, tenants) : 0, count = 0;

    if (n) {
        places->domain = domain;
        find_stayers(domain, buses, places);
        count = make_groups(domain, buses, tenants, n, places, groups);
        find_who_goes_back(buses, places, groups, count);
    }
    for (size_t i = 0; ok && i < count; i++) {
        if (groups[i].back)
            ok = go_back(buses, &groups[i], devices);
    }
    return ok && (!count || go_to_ports(&to, places, groups, count));
}
