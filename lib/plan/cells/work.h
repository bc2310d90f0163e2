/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.h - what the decisions about cells have in common
 *
 * Each step returns false where memory ran out; one that finds that there can be no cells says so
 * with cells_stop(), and the others are then not asked.
 */
#ifndef VTOPO_PLAN_CELLS_WORK_H
#define VTOPO_PLAN_CELLS_WORK_H

#include "plan/cells/cells_wish.h"
#include "plan/cells/made_cells.h"

struct cells_work {
    const struct facts *facts;
    const struct cells_wish *wish;
    const int *device_nodes;
    size_t device_count;
    size_t vcpus;
    /* bindings.c */
    size_t *homes;       /* of each vCPU the only node that its CPUs are on; HOST_NONE: several */
    struct idset *cpus;  /* of each vCPU those that it may run on; empty: any */
    struct idset pinned; /* vCPUs that have a <vcpupin> */
    struct idset all;    /* CPUs of all vCPUs together, if each is bound to some; else empty */
    bool any_home;
    enum binding by;
    struct made_cells *made;
};

/* Ends the work with a reason; false: out of memory. */
bool cells_stop(struct cells_work *work, enum made_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Has it ended so? */
bool cells_stopped(const struct cells_work *work);
bool cells_note(struct cells_work *work, enum finding_id id, const char *subject,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

static inline const struct vtopo_host *host_of(const struct cells_work *work)
{
    return work->facts->host;
}

static inline const struct domain *domain_of(const struct cells_work *work)
{
    return work->facts->base;
}

/* NULL: a host without NUMA information. */
static inline const struct host_node *node_of_cell(const struct cells_work *work,
                                                   const struct made_cell *cell)
{
    return cell->node == HOST_NONE ? NULL : &host_of(work)->nodes.items[cell->node];
}

/* Threads of a guest core, 1 where the domain does not say. */
static inline size_t threads_of(const struct cells_work *work)
{
    unsigned threads = domain_of(work)->threads;

    return threads && work->vcpus % threads == 0 ? threads : 1;
}

/* Has the cell, so its node, CPUs? */
static inline bool takes_vcpus(const struct cells_work *work, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);

    return !node || !idset_empty(&node->cpus);
}

/* bindings.c: what binds the domain already. */
bool bindings_find(struct cells_work *work);
/* Is what is bound to some of the nodes, but not to all: all is as good as none. */
bool bindings_memory(const struct cells_work *work);
void bindings_clear(struct cells_work *work);

/* nodes.c: adds empty cells for them. */
bool nodes_choose(struct cells_work *work);
/* Adds the one that is nearest to those that there are; @ret_added false: there is no other. */
bool nodes_add_nearest(struct cells_work *work, bool *ret_added);
/* May more be added?  Not where the domain or the policy says which. */
bool nodes_may_grow(const struct cells_work *work);
bool nodes_check(struct cells_work *work);
/* A cell cannot be bound to a node without memory; where no node says how much it has, all may have
 * some. */
bool node_has_memory(const struct vtopo_host *host, const struct host_node *node);
/* By node, those that have no CPUs last. */
bool nodes_sort(struct cells_work *work);

/* vcpus.c */
size_t cells_with_cpus(const struct cells_work *work);
bool vcpus_add(struct made_cell *cell, size_t first, size_t count);
/* Gives each cell its vCPUs. */
bool vcpus_divide(struct cells_work *work);
bool vcpus_check(struct cells_work *work);

/* cpu_room.c: for how many vCPUs without a <vcpupin> each cell has CPUs beside those that it has
 * with one; SIZE_MAX: nothing limits them. */
bool cpu_room_find(const struct cells_work *work, size_t *ret_room);
/* The first cell that has more of them (and how many), NULL: there is none. */
bool cpu_room_shortage(const struct cells_work *work, const struct made_cell **ret_cell,
                       size_t *ret_unpinned, size_t *ret_room);

/* bound_vcpus.c: are any bound to some of the cells' nodes?  Then each cell's are these. */
bool vcpus_are_bound(const struct cells_work *work);
bool vcpus_place_bound(struct cells_work *work);

/* topology.c */
bool topology_choose(struct cells_work *work);

/* pins.c */
bool pins_choose(struct cells_work *work);
/* Does <vcpu cpuset> bind all of the domain to the node of its one cell, so that no pin is needed?
 */
bool pins_are_said(const struct cells_work *work, const struct made_cell *cell);
/* CPUs of the cell's node that the domain may use. */
bool pins_find_allowed(const struct cells_work *work, const struct made_cell *cell,
                       struct idset *ret_cpus);
/* How many these are. */
size_t pins_count_allowed(const struct cells_work *work, const struct made_cell *cell);
/* "" or " beside ...": what has some of the node's CPUs that the domain may use no more. */
const char *pins_words_left_out(const struct cells_work *work, const struct made_cell *cell);
/* Because it may use none. */
bool pins_refuse(struct cells_work *work, const struct made_cell *cell);

/* memory.c */
bool memory_divide(struct cells_work *work);
bool memory_check(struct cells_work *work);
const struct made_cell *memory_shortage(const struct cells_work *work);
/* Of the huge pages of the whole guest; 0: it has none. */
uint64_t memory_page_kib(const struct domain *domain);
void memory_choose_mode(struct cells_work *work);

/* distances.c */
bool distances_copy(struct cells_work *work);

/* ties.c: the domain's own cells get nodes, in place of the cells that there are. */
bool ties_choose(struct cells_work *work);

#endif
