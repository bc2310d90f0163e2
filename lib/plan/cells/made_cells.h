/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * made_cells.h - guest NUMA cells, and what ties them to host nodes, that a domain lacks
 *
 * Cells with vCPUs and memory, their nodes, <topology>, pins and distances, as plain values; or why
 * there are none.
 *
 * Not here: how they are made (make_cells.h), how they look as XML.
 */
#ifndef VTOPO_PLAN_CELLS_MADE_CELLS_H
#define VTOPO_PLAN_CELLS_MADE_CELLS_H

#include "model/finding.h"
#include "plan/ground/facts.h"

enum made_state {
    MADE_ALL,     /* the domain has no cells: these are all of them */
    MADE_TIES,    /* the domain's own cells, which get what ties them to nodes */
    MADE_NONE,    /* there is nothing to divide, and the domain is well as it is: see "why" */
    MADE_REFUSED, /* the domain contradicts itself or the host, or does not fit: see "why" */
};

/* What of the domain says on which nodes the cells are. */
enum binding { BOUND_NOT, BOUND_PINS, BOUND_CPUS, BOUND_MEMORY };

struct made_cell {
    size_t node; /* place in host.nodes; HOST_NONE: the host has no nodes, and so all CPUs, or the
                    cell is not tied to one */
    unsigned node_id;
    bool tied; /* it stands for a node */
    struct idset vcpus;
    uint64_t memory_kib;
    unsigned *distances; /* one to each cell; NULL: none are written */
};

struct made_pin {
    unsigned vcpu;
    struct idset cpus;
};

struct made_topology {
    unsigned sockets, cores, threads;
};

/* What is worth saying where this is written. */
struct made_note {
    enum finding_id id;
    char *subject, *text;
};

struct initiators;

struct made_cells {
    enum made_state state;
    char *why;               /* one sentence without a full stop; NULL: it can be done */
    struct made_cell *items; /* ascending by node, those without CPUs last, ties in the order of the
                                domain's cells; their place is the cell's id */
    size_t count, cap;
    struct made_topology topology;   /* sockets 0: the domain's own stays, */
    struct made_topology would_suit; /* and its sockets are cut by cells: one of which none is;
                                        sockets 0: none is cut */
    const char *memory_mode;         /* of <memnode>; static */
    VEC(struct made_pin) pins;       /* of vCPUs without one; ascending by vCPU */
    char *page_nodeset; /* of huge pages that the domain has for cell 0 alone, and that all cells
                           get: as it is written; NULL: nothing to extend */
    VEC(struct made_note) notes;
    const struct initiators *initiators; /* cells behind them (initiators.h); NULL: none */
    /* How the nodes were chosen: */
    enum binding by;
    bool wished;         /* the policy names them */
    struct idset chosen; /* their ids, also of those that the domain's own cells then leave out */
};

/* Is there a cell that stands for the node? */
bool made_cells_have_node(const struct made_cells *made, int node);
void made_cells_clear(struct made_cells *made);

#endif
