/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * occupancy.h - which indexes, slots and chassis the domain's own controllers and devices use, and
 * those that only QEMU knows
 *
 * Takes:  the domain without what vtopo put in, and which of its devices move.
 * Gives:  what is in use, and what has no address yet.
 * Not here: what libvirt adds to a domain that has no addresses (libvirt_adds.h).
 */
#ifndef VTOPO_PLAN_GROUND_OCCUPANCY_H
#define VTOPO_PLAN_GROUND_OCCUPANCY_H

#include "plan/ground/fate.h"

#define INDEXES 256 /* libvirt: maximum index 255 */
#define BUSES 256
#define SLOTS 32
#define FUNCTIONS 8

struct occupancy {
    const struct domain_controller *at[INDEXES]; /* the domain's controllers by index */
    bool index[INDEXES];    /* there is a controller, or a device's address names it */
    bool there[INDEXES];    /* there is a controller, of the domain or of the plan */
    bool occupied[INDEXES]; /* something that stays has an address there */
    bool slot[SLOTS];       /* on pcie.0 */
    bool chassis[INDEXES];
    unsigned highest;     /* index */
    bool complete;        /* every PCI device and controller has an address, as in a dump */
    bool fewest;          /* libvirt may add fewer ports than are expected: count with none */
    size_t slots_of_qemu; /* of pcie.0, that QEMU will choose, the lowest, for its own devices */
    /* Without an address, so that libvirt will choose one: */
    size_t on_port; /* what needs a port to itself */
    size_t ports;   /* root ports */
    size_t expanders;
};

/* @fewest: see struct occupancy. */
struct occupancy occupancy_of(const struct domain *domain, const struct fates *fates, bool fewest);

/* Without controllers of the domain that are taken out; their slots on pcie.0 are left empty. */
void occupancy_remove(struct occupancy *o, const unsigned *indexes, size_t count);

/* As in a dump: has everything an address, and each bus that one names a controller?  @input: the
 * domain with those that a former rewrite made. */
bool occupancy_is_whole(const struct occupancy *o, const struct domain *input);

/* Is it a port that has a chassis: a root port or a downstream port? */
bool controller_is_port(enum controller_model model);

#endif
