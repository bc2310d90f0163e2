/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cell_nodes.h - the host nodes that guest cells stand for, and how far these are from each other
 */
#ifndef VTOPO_PLAN_CELLS_CELL_NODES_H
#define VTOPO_PLAN_CELLS_CELL_NODES_H

#include "plan/cells/made_cells.h"

#define TO_ITSELF 10u

/* The place in host.nodes of each cell of the base, by its number; HOST_NONE: not one alone, or it
 * is not known.  NULL: out of memory. */
size_t *cell_nodes_of(const struct facts *facts);
/* The same of cells that are made. */
size_t *cell_nodes_of_made(const struct made_cells *made);

/* As the host says; 10 is a cell's distance to itself and to no other (libvirt refuses that), so
 * what the host says is 10 or less between two is 11.  0: it is not known. */
unsigned cell_distance(const struct vtopo_host *host, size_t from, size_t to);

#endif
