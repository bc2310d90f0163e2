/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - what the admin wants, as plain data (file: lib/json/policy.c, options: cmd)
 */
#ifndef VTOPO_CORE_POLICY_H
#define VTOPO_CORE_POLICY_H

#include "core/bdf.h"
#include "core/mem.h"

enum mirror { MIRROR_NUMA, MIRROR_ROOT, MIRROR_SWITCH, MIRROR_EXACT };
enum unmapped_node { UNMAPPED_EXPANDER, UNMAPPED_NEAREST, UNMAPPED_STAY };
enum without_numa { WITHOUT_NUMA_LEAVE, WITHOUT_NUMA_GROUP };

/* What the policy says of one device, or of all of one vendor and device id.  A BDF beats an id. */
struct policy_device {
    bool by_bdf;
    struct bdf bdf;           /* by_bdf */
    uint16_t vendor, device;  /* otherwise */
    int keep;                 /* -1: not said; 1: leave it where it is */
    int node;                 /* -2: not said; -1 or more: takes the place of the host's numa_node */
    int hotplug;              /* -1: not said; 1: a hot-pluggable root port of its own */
};

struct vtopo_policy {
    enum mirror mirror;
    bool strict;
    bool adopt;
    bool move_nvme_disks;
    bool checks; /* tell all that spoils peer-to-peer; the host was read closely */
    unsigned spare_ports;
    enum unmapped_node unmapped_node;
    enum without_numa without_numa;
    VEC(struct policy_device) devices;
};

extern const struct vtopo_policy policy_default;

#endif
