/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node_without_cell.h - why a node has no cell among those that are made */
#ifndef VTOPO_PLAN_CELLS_NODE_WITHOUT_CELL_H
#define VTOPO_PLAN_CELLS_NODE_WITHOUT_CELL_H

#include "plan/cells/made_cells.h"

/* Why there is none, behind "because"; static.  What binds the domain goes before what its own
 * cells are. */
const char *node_why_without_cell(const struct made_cells *made, const struct vtopo_host *host,
                                  int node);

#endif
