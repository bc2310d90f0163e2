/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clique.h - what the two files about cliques share, and what is known of cliques without a
 * domain
 */
#ifndef VTOPO_PLAN_EXTRA_CLIQUE_H
#define VTOPO_PLAN_EXTRA_CLIQUE_H

#include "plan/ground/planner.h"

/* Does QEMU take a clique for such a function, passed through whole? */
bool function_takes_clique(const struct host_function *function);
/* Does QEMU take a clique for this device? */
bool plan_takes_clique(const struct planner *p, const struct plan_device *device);
/* Tells that a GPU has no clique if another one below a switch with it has one. */
int plan_tell_partial(struct planner *p, const struct plan_device *device);

/* clique_auto.c */
/*
 * Which of these GPUs of a host, places in host.functions that ascend, can be one clique: of each
 * the number of the first that it is with, which is its own if there is none before it.
 */
void plan_clique_groups(const struct vtopo_host *host, const size_t *gpus, size_t count,
                        size_t *ret_groups);
/* Gives cliques to GPUs that nobody gave one, from the host's switches and their ACS state; says
 * why one gets none. */
int plan_clique_auto(struct planner *p);

#endif
