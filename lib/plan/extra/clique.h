/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clique.h - P2P cliques of GPUs, and what the files about them share */
#ifndef VTOPO_PLAN_EXTRA_CLIQUE_H
#define VTOPO_PLAN_EXTRA_CLIQUE_H

#include "check/obstacles.h"
#include "model/host_tree.h"
#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/* Sets the cliques of plan.devices and adds to plan.overrides. */
int cliques_assign(const struct facts *facts, struct vtopo_plan *plan,
                   const struct reporter *reporter);

/* Does QEMU take a clique for this device? */
bool device_takes_clique(const struct facts *facts, const struct plan_device *device);

/* The GPUs that have a clique, each with the topmost host switch above it. */
struct clique_neighbour {
    const struct plan_device *device;
    size_t top;
};
struct clique_neighbours {
    struct clique_neighbour *items; /* the caller frees it */
    size_t count;
};
bool clique_neighbours_find(const struct facts *facts, const struct vtopo_plan *plan,
                            struct clique_neighbours *ret);
/* A finding that a GPU has no clique, if another one below a switch with it has one. */
int clique_report_partial(const struct facts *facts, const struct clique_neighbours *neighbours,
                          const struct plan_device *device, const struct reporter *reporter);

/* What a port does to a GPU and another one: which these are, and what is the same for all ports
 * with that fault; false: out of memory. */
struct clique_fault {
    char *which; /* "0000:14:00.0 because of port 0000:12:00.0"; the caller's to free */
    const char *what;
};
bool clique_describe_fault(const struct facts *facts, const struct bdf *other,
                           const struct obstacle_port *port, struct clique_fault *ret);

/* clique_effect.c: takes back those that QEMU might not start with. */
int cliques_hold_back(const struct facts *facts, struct vtopo_plan *plan,
                      const struct reporter *reporter);
/* Findings of what keeps those that are written from having an effect. */
int cliques_report_effect(const struct facts *facts, const struct obstacles *obstacles,
                          const struct vtopo_plan *plan, const struct reporter *reporter);

/* clique_auto.c: cliques for GPUs that nobody gave one, from the host's switches and their ACS
 * state. */
int cliques_assign_auto(const struct facts *facts, const struct obstacles *obstacles,
                        struct vtopo_plan *plan, const struct reporter *reporter);
/* Findings why a GPU gets none, when it is known who has one. */
int cliques_report_auto(const struct facts *facts, const struct obstacles *obstacles,
                        const struct vtopo_plan *plan, const struct reporter *reporter);

#endif
