/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_cells.h - what a domain lacks of guest NUMA cells: found, and made where that is asked for
 */
#ifndef VTOPO_PLAN_GUEST_CELLS_H
#define VTOPO_PLAN_GUEST_CELLS_H

#include "plan/cells/initiators.h"
#include "plan/cells/made_cells.h"
#include "plan/ground/plan.h"
#include "plan/ground/policy_of.h"

struct guest_cells {
    bool lacking;           /* the domain has no cells, or none that anything ties to a node */
    struct made_cells made; /* what it lacks, or why that cannot be made */
    bool added;             /* they are made: "domain" is to be planned on */
    struct domain domain;   /* a view of what was the base */
    struct initiators initiators; /* behind those that are there or are made */
};

/* VTOPO_ERR_REFUSED: they are asked for, and the domain or the host contradicts. */
int guest_cells_find(const struct facts *facts, const struct policy_index *index,
                     struct guest_cells *ret, struct vtopo_error **reterr);
/* Adds what is made to the plan, and says so. */
int guest_cells_add(const struct facts *facts, const struct guest_cells *cells,
                    struct vtopo_plan *plan, const struct reporter *reporter);
void guest_cells_clear(struct guest_cells *cells);

#endif
