/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_elements.h - made cells as elements of a domain, and as a domain that has them
 */
#ifndef VTOPO_PLAN_CELLS_CELL_ELEMENTS_H
#define VTOPO_PLAN_CELLS_CELL_ELEMENTS_H

#include "model/additions.h"
#include "plan/cells/made_cells.h"

/* Adds all that is made, as libvirt prints it; false: out of memory. */
bool cell_elements_add(const struct made_cells *made, struct additions *additions);

/*
 * A view of the domain (domain_view()) that has them.  @domain has to outlive it.
 * False: out of memory (@ret is then empty).
 */
bool cells_view(const struct domain *domain, const struct made_cells *made, struct domain *ret);
void cells_view_clear(struct domain *view);

#endif
