/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt_buses.c - see libvirt_buses.h */
#include "plan/ground/libvirt_buses.h"

#define LAST_SLOT 31
#define ENDPOINT (CONNECT_EXPRESS | CONNECT_CONVENTIONAL)
#define CONVENTIONAL_BUS (CONNECT_CONVENTIONAL | CONNECT_BRIDGE)

/* Hot-plug is asked about only by attach-device, so it is left out. */
static const struct libvirt_bus kinds[] = {
    [CTRL_PCIE_ROOT] = {.offers =
                            CONNECT_EXPRESS | CONNECT_ROOT_PORT | CONNECT_DMI | CONNECT_EXPANDER,
                        .first = 1,
                        .last = LAST_SLOT},
    [CTRL_PCI_ROOT] = {.offers = CONVENTIONAL_BUS | CONNECT_EXPANDER | CONNECT_AUTOMATIC,
                       .first = 1,
                       .last = LAST_SLOT},
    [CTRL_EXPANDER] = {.offers = CONNECT_ROOT_PORT | CONNECT_DMI, .last = LAST_SLOT},
    [CTRL_PCI_EXPANDER] = {.offers = CONVENTIONAL_BUS | CONNECT_AUTOMATIC, .last = LAST_SLOT},
    [CTRL_ROOT_PORT] = {.offers = CONNECT_EXPRESS | CONNECT_UPSTREAM | CONNECT_TO_PCI |
                                  CONNECT_AUTOMATIC},
    [CTRL_DOWNSTREAM] = {.offers = CONNECT_EXPRESS | CONNECT_UPSTREAM | CONNECT_TO_PCI |
                                   CONNECT_AUTOMATIC},
    [CTRL_UPSTREAM] = {.offers = CONNECT_DOWNSTREAM, .last = LAST_SLOT},
    [CTRL_PCIE_TO_PCI] = {.offers = CONVENTIONAL_BUS | CONNECT_AUTOMATIC,
                          .first = 1,
                          .last = LAST_SLOT},
    [CTRL_PCI_BRIDGE] = {.offers = CONVENTIONAL_BUS | CONNECT_AUTOMATIC,
                         .first = 1,
                         .last = LAST_SLOT},
    [CTRL_DMI_TO_PCI] = {.offers = CONVENTIONAL_BUS, .last = LAST_SLOT},
};

void libvirt_bus_set_model(struct libvirt_bus *bus, enum controller_model model)
{
    bus->model = model;
    bus->offers = kinds[model].offers;
    bus->first = kinds[model].first;
    bus->last = kinds[model].last;
}

unsigned libvirt_wants_of(enum controller_model model)
{
    switch (model) {
    case CTRL_EXPANDER:
    case CTRL_PCI_EXPANDER:
        return CONNECT_EXPANDER;
    case CTRL_ROOT_PORT:
        return CONNECT_ROOT_PORT | CONNECT_SHARES;
    case CTRL_UPSTREAM:
        return CONNECT_UPSTREAM;
    case CTRL_DOWNSTREAM:
        return CONNECT_DOWNSTREAM;
    case CTRL_PCIE_TO_PCI:
        return CONNECT_TO_PCI;
    case CTRL_PCI_BRIDGE:
        return CONNECT_BRIDGE;
    case CTRL_DMI_TO_PCI:
        return CONNECT_DMI;
    case CTRL_PCIE_ROOT:
    case CTRL_PCI_ROOT:
    case CTRL_OTHER:
        break;
    }
    return 0;
}

/* --- may it be there? --- */

/* virDomainPCIAddressFlagsCompatible() */
static bool is_compatible(unsigned bus, unsigned offers, unsigned wants, bool given)
{
    if (wants & CONNECT_INTEGRATED) {
        if (bus)
            return false;
        offers |= CONNECT_CONVENTIONAL | CONNECT_AUTOMATIC; /* conventional ones: since 11.3 */
    }
    if (given) {
        if (offers & ENDPOINT)
            offers |= ENDPOINT;
        if (wants & CONNECT_BRIDGE)
            wants |= CONNECT_CONVENTIONAL;
    } else if (wants & CONNECT_AUTOMATIC && !(offers & CONNECT_AUTOMATIC)) {
        return false;
    }
    return wants & offers & CONNECT_TYPES;
}

/* virDomainPCIAddressValidate() */
static bool is_valid(const struct libvirt_buses *buses, const struct bdf *at, unsigned wants,
                     bool given)
{
    const struct libvirt_bus *bus = &buses->at[at->bus];

    return at->domain == 0 && at->bus < buses->count &&
           is_compatible(at->bus, bus->offers, wants, given) && at->slot >= bus->first &&
           at->slot <= bus->last;
}

/* --- more buses --- */

/* A conventional device in a domain that has PCIe only so far needs a bridge in a port. */
static bool needs_bridge(const struct libvirt_buses *buses)
{
    for (size_t i = 0; i < buses->count; i++) {
        if (buses->at[i].offers & CONNECT_BRIDGE)
            return false;
    }
    return true;
}

/* virDomainPCIAddressSetGrow(): so many buses that there is one at @at. */
static bool add_buses(struct libvirt_buses *buses, struct bdf *at, unsigned wants)
{
    bool bridge = wants & CONNECT_CONVENTIONAL && needs_bridge(buses);
    size_t count = at->bus + 1u;

    if (!(wants & (ENDPOINT | CONNECT_UPSTREAM)))
        return false;
    if (bridge && count == buses->count + 1) {
        count++;
        at->bus++;
    }
    if (count > LIBVIRT_BUSES)
        return false;
    if (bridge) {
        /* This port is for the bridge alone. */
        libvirt_bus_set_model(&buses->at[buses->count], CTRL_ROOT_PORT);
        buses->at[buses->count++].offers = CONNECT_TO_PCI;
        libvirt_bus_set_model(&buses->at[buses->count++], CTRL_PCIE_TO_PCI);
    }
    while (buses->count < count)
        libvirt_bus_set_model(&buses->at[buses->count++],
                              wants & CONNECT_CONVENTIONAL ? CTRL_PCI_BRIDGE : CTRL_ROOT_PORT);
    return true;
}

/* --- reserve --- */

/* virDomainPCIAddressReserveAddrInternal() */
static bool reserve(struct libvirt_buses *buses, struct bdf *at, unsigned wants, bool given)
{
    struct libvirt_bus *bus;

    if (buses->dry_run && at->bus >= buses->count && !add_buses(buses, at, wants))
        return false;
    if (!is_valid(buses, at, wants, given))
        return false;
    bus = &buses->at[at->bus];
    if (bus->functions[at->slot] & 1u << at->function)
        return false;
    if (!bus->functions[at->slot] && wants & CONNECT_SHARES)
        bus->shares[at->slot] = true;
    bus->functions[at->slot] |= (unsigned char)(1u << at->function);
    return true;
}

bool libvirt_buses_reserve(struct libvirt_buses *buses, struct bdf *at, unsigned wants)
{
    return reserve(buses, at, wants, true);
}

/* A free function in a slot of the bus: 0, or -1: none. */
static int free_function(const struct libvirt_bus *bus, unsigned slot, unsigned wants, int function)
{
    unsigned first = function < 0 ? 0 : (unsigned)function;

    if (!bus->functions[slot])
        return (int)first;
    if (!(wants & CONNECT_SHARES) || !bus->shares[slot])
        return -1;
    for (unsigned f = first; f < (function < 0 ? 8 : first + 1); f++) {
        if (!(bus->functions[slot] & 1u << f))
            return (int)f;
    }
    return -1;
}

/* virDomainPCIAddressFindUnusedFunctionOnBus() */
static bool find_on_bus(const struct libvirt_buses *buses, unsigned index, unsigned wants,
                        int function, struct bdf *ret_at)
{
    const struct libvirt_bus *bus = &buses->at[index];

    if (!is_compatible(index, bus->offers, wants, false))
        return false;
    for (unsigned slot = bus->first; slot <= bus->last; slot++) {
        int f = free_function(bus, slot, wants, function);

        if (f < 0)
            continue;
        *ret_at = (struct bdf){0, (uint8_t)index, (uint8_t)slot, (uint8_t)f};
        return true;
    }
    return false;
}

/* virDomainPCIAddressGetNextAddr(); isolation groups are for pSeries only. */
bool libvirt_buses_choose(struct libvirt_buses *buses, unsigned wants, int function,
                          struct bdf *ret_at)
{
    for (unsigned i = 0; i < buses->count; i++) {
        if (find_on_bus(buses, i, wants, function, ret_at))
            return reserve(buses, ret_at, wants, false);
    }
    if (!buses->dry_run || buses->count >= LIBVIRT_BUSES)
        return false;
    *ret_at = (struct bdf){0, (uint8_t)buses->count, 0, (uint8_t)(function < 0 ? 0 : function)};
    if (!add_buses(buses, ret_at, wants))
        return false;
    ret_at->slot = buses->at[ret_at->bus].first;
    return reserve(buses, ret_at, wants, false);
}

bool libvirt_slot_in_use(const struct libvirt_buses *buses, unsigned slot)
{
    return buses->at[0].functions[slot];
}
