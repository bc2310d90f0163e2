/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo_places.h - where the devices below controllers that go are put
 *
 * Takes:  the domain, which controllers go, what the domain remembers.
 * Gives:  a new place for each device in a port that goes.
 * Rule:   all devices of one slot go together: to the places that the domain remembers, if all of
 *         these are free; otherwise as one slot to the lowest empty root port on pcie.0, keeping
 *         their functions; and where there is none they lose their addresses.
 * Not here: which controllers go (undo.c).
 */
#ifndef VTOPO_MODEL_UNDO_PLACES_H
#define VTOPO_MODEL_UNDO_PLACES_H

#include "model/guest_tree.h"
#include "model/undo_ports.h"

struct undo_device {
    size_t device;          /* place in domain.devices */
    struct address address; /* ADDRESS_PCI, or ADDRESS_NONE: take the address out */
    bool restored;          /* it goes where it was, as the domain remembers */
};

struct undo_devices {
    struct undo_device *items;
    size_t count, cap;
};

/* What stands on each bus (index) of the domain. */
struct undo_buses {
    bool going[DOMAIN_INDEXES];    /* the controller is taken out */
    bool occupied[DOMAIN_INDEXES]; /* something that is not taken out is on this bus */
    bool off[DOMAIN_INDEXES];      /* a port that stays hotplug='off' */
    bool named[DOMAIN_INDEXES];    /* a device that only QEMU knows is */
    /* the controllers that come back (restore.h); NULL: none */
    const struct domain_controller *restored[DOMAIN_INDEXES];
    struct guest_tree tree;
};

/* Is it a root port that only takes an index?  libvirt makes it again where an address names that.
 */
bool undo_is_gap(const struct undo_buses *buses, unsigned bus);
/* Adds those that move, and the ports that they need (@ports NULL: none are added);
 * buses.occupied changes.  False: out of memory. */
bool undo_find_places(const struct domain *domain, struct undo_buses *buses,
                      struct undo_devices *devices, struct undo_ports *ports);

#endif
