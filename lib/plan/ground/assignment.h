/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assignment.h - the assigned devices of a domain, and what is known of each besides its fate
 *
 * The arrays of this folder that have one entry for each assignment are parallel to it.
 */
#ifndef VTOPO_PLAN_GROUND_ASSIGNMENT_H
#define VTOPO_PLAN_GROUND_ASSIGNMENT_H

#include "plan/ground/facts.h"

/* Is it to have PCIe atomics in the guest? */
enum atomics_wish {
    ATOMICS_UNASKED,
    ATOMICS_WANTED,   /* so it is alone in a slot directly below a root port */
    ATOMICS_GIVEN_UP, /* it is to be in a switch, because that was asked for in this run */
};

/* An assigned device, or a network interface that may be one. */
struct assignment {
    size_t device; /* place in domain.devices */
    enum device_kind kind;
    size_t function; /* place in host.functions of the one whose place it takes; HOST_NONE: none */
    struct bdf host; /* of the function, or as an unassigned device names it; otherwise zero */
    bool software;   /* made by software, so that there is no place on the host to mirror */
    struct policy_device policy; /* what file and domain say of it, merged */
    bool single;                 /* needs a slot of its own (devices/slot_needs.c) */
    enum atomics_wish atomics;
};

struct assignments {
    struct assignment *items; /* in the order of domain.devices */
    size_t count, cap;
};

/* The node and the cell that a device belongs to. */
struct device_cell {
    int node;    /* host node that it counts to, -1: unknown */
    int cell;    /* the one that stands for the node, or is taken instead; -1: none */
    int nearest; /* the nearest one where none stands for the node, otherwise that; -1: unknown */
    bool mapped; /* a cell stands for the node */
};

/* The one that a device of the domain is; NULL: it is not assigned. */
const struct assignment *assignment_at(const struct assignments *assigned, size_t device);
/* The function on the host; NULL: none. */
const struct host_function *assignment_function(const struct facts *facts,
                                                const struct assignment *assignment);
/* What to call a device's host side in findings. */
const char *assignment_subject(const struct facts *facts, const struct assignment *assignment,
                               char text[BDF_TEXT_SIZE]);
/* The host node that it counts as being on: the policy's word, else the host's; -1: none. */
int assignment_node(const struct facts *facts, const struct assignment *assignment);
/* Has it a port to itself whatever else is in its host slot: VF, mdev, vDPA device, disk, one that
 * needs a slot of its own? */
bool assignment_is_alone(const struct facts *facts, const struct assignment *assignment);
/* Are its BARs in the guest those of its host function?  Those of an mdev, a vDPA device or an NVMe
 * disk are emulated. */
bool assignment_has_host_bars(const struct assignment *assignment);
/* Has it, in the guest, an I/O BAR of its host function? */
bool assignment_has_io(const struct facts *facts, const struct assignment *assignment);

/* The host function that a device of the command line assigns; NULL: none that the host has. */
const struct host_function *qemu_device_function(const struct facts *facts,
                                                 const struct domain_qemu_device *device);
/* Has the function an I/O BAR? */
bool function_has_io(const struct host_function *function);

void assignments_clear(struct assignments *assigned);

#endif
