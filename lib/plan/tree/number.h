/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number.h - what the files that number controllers share (number.c calls them)
 */
#ifndef VTOPO_PLAN_TREE_NUMBER_H
#define VTOPO_PLAN_TREE_NUMBER_H

#include "plan/ground/planner.h"

#define INDEXES 256 /* libvirt: maximum index 255 */
#define BUSES 256
#define SLOTS 32
#define FUNCTIONS 8

/* What the domain's own controllers and devices use, and what libvirt will add to them. */
struct in_use {
    const struct domain_controller *at[INDEXES]; /* the domain's controllers by index */
    bool index[INDEXES];    /* there is a controller, or a device's address names it */
    bool there[INDEXES];    /* there is a controller, of the domain or of the plan */
    bool occupied[INDEXES]; /* something that stays has an address there */
    bool slot[SLOTS];       /* on pcie.0 */
    bool chassis[INDEXES];
    unsigned highest; /* index */
    bool complete;    /* every PCI device and controller has an address, as in a dump */
    bool least;       /* planner.least */
    /* Without an address, so that libvirt will choose one: */
    size_t on_port; /* what needs a port to itself */
    size_t ports;   /* root ports */
    size_t expanders;
};

struct in_use plan_look_at_domain(const struct planner *p);
/* Is it a port that has a chassis: a root port or a downstream port? */
bool plan_is_port(enum controller_model model);
/* Root ports that libvirt will add for devices without an address. */
size_t plan_ports_to_come(const struct in_use *use);
/* A misfit: "LIMIT: NEEDED needed, AVAILABLE there". */
enum limit { LIMIT_SLOTS, LIMIT_PORTS, LIMIT_BUSES, LIMIT_INDEXES, LIMIT_CHASSIS };
int plan_does_not_fit(struct planner *p, enum limit limit, size_t needed, size_t available);

/* alias.c */
int plan_make_aliases_unique(struct planner *p);

/* index.c */
/* Where the plan's indexes begin, so that others have the ports before it.  May change
 * use->on_port. */
unsigned plan_first_index(const struct planner *p, struct in_use *use);
int plan_number_indexes(struct planner *p, struct in_use *use);
int plan_fill_gaps(struct planner *p, struct in_use *use);

/* slot.c */
/* Slots of pcie.0 that are kept for what libvirt will add. */
size_t plan_slots_to_come(const struct in_use *use);
int plan_number_slots(struct planner *p, struct in_use *use);
int plan_number_chassis(struct planner *p, struct in_use *use);

/* bus.c */
int plan_number_buses(struct planner *p, const struct in_use *use);

#endif
