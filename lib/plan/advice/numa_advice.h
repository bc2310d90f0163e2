/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numa_advice.h - guest NUMA cells that a domain lacks, as XML for people
 */
#ifndef VTOPO_PLAN_ADVICE_NUMA_ADVICE_H
#define VTOPO_PLAN_ADVICE_NUMA_ADVICE_H

#include "plan/cells/made_cells.h"

/* <topology>, <numa>, <page>, <numatune> and <cputune>, those that are made, each on lines of its
 * own; NULL: out of memory. */
char *numa_advice_format(const struct made_cells *made);

#endif
