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
    size_t first_vcpu, vcpus;
    uint64_t memory_kib;
    struct idset cpuset; /* of the node */
    size_t *cpus;        /* the same in the order in which they are handed out */
    size_t cpu_count;
};

struct numa_advice {
    struct numa_cell *items; /* ascending by node; their place is the cell's id */
    size_t count, cap;
};

/*
 * @nodes  the host nodes that the devices of the guest are on, -1: unknown
 *
 * False: out of memory.
 */
bool numa_advice_make(const struct facts *facts, const int *nodes, size_t count,
                      struct numa_advice *ret_advice);
/* <numa>, <numatune> and <cputune>, ready to paste; NULL: out of memory. */
char *numa_advice_format(const struct numa_advice *advice);
void numa_advice_clear(struct numa_advice *advice);

#endif
