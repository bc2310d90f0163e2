/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_obstacle.h - the width of addresses that the domain chose, where 64-bit BARs do not fit
 *
 * Takes:  the facts and the tree of BARs, where nothing that could be added makes them fit.
 * Gives:  a text: what the domain says of the width (<maxphysaddr>, -cpu), and what would do.
 * Rule:   what a domain says of its processor is never replaced, so it is named.  Pages of 1 GiB
 *         that are turned off are in nobody's way: a size for OVMF does what they would.
 * Not here: what is added where nothing is said (mmio_wish.h).
 */
#ifndef VTOPO_PLAN_BUDGET_MMIO_OBSTACLE_H
#define VTOPO_PLAN_BUDGET_MMIO_OBSTACLE_H

#include "plan/budget/mmio_outcome.h"

/* *ret_text: NULL if the width is not in the way.  False: out of memory. */
bool mmio_obstacle_find(const struct facts *facts, bool large, uint64_t low_room,
                        const struct mmio_tree *tree, char **ret_text);

#endif
