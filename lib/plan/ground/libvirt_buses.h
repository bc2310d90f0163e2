/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt_buses.h - the PCI buses of a domain as libvirt sees them while it gives out addresses
 *
 * Takes:  the models of the controllers, what each device wants of its bus.
 * Gives:  whether an address can be had, and the address that libvirt chooses where none is given.
 * Rule:   libvirt's src/conf/domain_addr.c; the functions are named below. The same in 9.0 and 11.3
 *         (compared), and in 12.8 (tried).
 * Not here: which devices there are, and in what order they are served (libvirt_define.h).
 */
#ifndef VTOPO_PLAN_GROUND_LIBVIRT_BUSES_H
#define VTOPO_PLAN_GROUND_LIBVIRT_BUSES_H

#include "model/domain.h"

#define LIBVIRT_BUSES 256 /* controller indexes: 0 to 255 */

/* VIR_PCI_CONNECT_*: what a bus offers and a device wants. */
enum {
    CONNECT_EXPRESS = 1 << 0,      /* a PCIe endpoint */
    CONNECT_CONVENTIONAL = 1 << 1, /* a conventional PCI device */
    CONNECT_ROOT_PORT = 1 << 2,
    CONNECT_UPSTREAM = 1 << 3,
    CONNECT_DOWNSTREAM = 1 << 4,
    CONNECT_TO_PCI = 1 << 5, /* a PCIe-to-PCI bridge */
    CONNECT_DMI = 1 << 6,
    CONNECT_EXPANDER = 1 << 7,
    CONNECT_BRIDGE = 1 << 8, /* a conventional bridge */
    CONNECT_TYPES = (1 << 9) - 1,
    CONNECT_AUTOMATIC = 1 << 9,   /* a bus may be chosen for it; a bus may be chosen */
    CONNECT_SHARES = 1 << 10,     /* eight of them in one slot */
    CONNECT_INTEGRATED = 1 << 11, /* on pcie.0 only, also where no bus is chosen otherwise */
};

struct libvirt_bus {
    enum controller_model model; /* CTRL_OTHER: not set yet */
    unsigned offers;
    unsigned char first, last;   /* slots */
    unsigned char functions[32]; /* in use, a bit each */
    bool shares[32];             /* the first one there was a root port */
};

struct libvirt_buses {
    struct libvirt_bus at[LIBVIRT_BUSES];
    size_t count;
    bool dry_run; /* buses that are needed are added; otherwise there are no others */
};

/* virDomainPCIAddressBusSetModel() */
void libvirt_bus_set_model(struct libvirt_bus *bus, enum controller_model model);
/* virDomainPCIControllerModelToConnectType(): what a controller wants. */
unsigned libvirt_wants_of(enum controller_model model);
/*
 * Reserves an address that the domain gives.  False: libvirt refuses the domain.  In a dry run @at
 * may be moved to another bus, as libvirt does when it has to add a bridge for it.
 */
bool libvirt_buses_reserve(struct libvirt_buses *buses, struct bdf *at, unsigned wants);
/*
 * Reserves the address that libvirt chooses.  False: it finds none.
 *
 * @function  of the slot; -1: the lowest that is free
 */
bool libvirt_buses_choose(struct libvirt_buses *buses, unsigned wants, int function,
                          struct bdf *ret_at);
/* Has the slot of bus 0 a device? */
bool libvirt_slot_in_use(const struct libvirt_buses *buses, unsigned slot);

#endif
