/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make_cells.h - what a domain lacks of guest NUMA cells is made
 *
 * Takes:  the host, the domain, the nodes of its devices, and what the policy wishes.
 * Gives:  struct made_cells.
 * Rule:   what the domain says is never replaced; only what it lacks is made.
 * Not here: each decision (nodes.c, vcpus.c, topology.c, pins.c, memory.c, distances.c, ties.c),
 *         whether it is written or advised.
 */
#ifndef VTOPO_PLAN_CELLS_MAKE_CELLS_H
#define VTOPO_PLAN_CELLS_MAKE_CELLS_H

#include "plan/cells/cells_wish.h"
#include "plan/cells/made_cells.h"

/*
 * @nodes  host nodes that the devices of the guest are on, -1: unknown
 *
 * False: out of memory.
 */
bool made_cells_make(const struct facts *facts, const struct cells_wish *wish, const int *nodes,
                     size_t count, struct made_cells *ret_made);
#endif
