/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numa_advice.h - the guest NUMA cells that would fit a host and the devices of a domain
 */
#ifndef VTOPO_PLAN_ADVICE_NUMA_ADVICE_H
#define VTOPO_PLAN_ADVICE_NUMA_ADVICE_H

#include "plan/ground/facts.h"

/* One cell to be. */
struct numa_cell {
    const struct host_node *node; /* NULL: a host without NUMA information, which has all CPUs */
    unsigned node_id;
    struct idset vcpus;
    uint64_t memory_kib;
    struct idset cpuset; /* of the node, as far as the domain may use them */
};

/* What is decided: all that would be written, as data. */
struct numa_advice {
    struct numa_cell *items; /* ascending by node; their place is the cell's id */
    size_t count, cap;
    bool
        has_cells; /* the domain has cells already: they keep vCPUs and memory, and are only tied */
    bool
        pins; /* vCPUs that have no pin get one; otherwise what the domain says of its CPUs stays */
    struct idset pinned; /* vCPUs that have one */
    uint64_t page_kib;   /* huge pages that the domain has for cell 0 only: all cells get them; 0 */
    unsigned sockets, cores, threads; /* <topology> to write; sockets 0: none is needed */
    const char *memory_mode;          /* of <memory> and <memnode>; static */
    struct idset memory_nodes;        /* of <memory> */
    char *shortage;                   /* why there are no such cells; NULL: there are */
};

/*
 * @nodes  the host nodes that the devices of the guest are on, -1: unknown
 *
 * False: out of memory.
 */
bool numa_advice_make(const struct facts *facts, const int *nodes, size_t count,
                      struct numa_advice *ret_advice);
/* Is there a cell for the node? */
bool numa_advice_has_node(const struct numa_advice *advice, int node);
/* <topology>, <numa>, <numatune> and <cputune>, those that are needed, ready to paste; NULL: out of
 * memory. */
char *numa_advice_format(const struct numa_advice *advice);
void numa_advice_clear(struct numa_advice *advice);

#endif
