/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bound_vcpus.c - which cell a vCPU is in, where the domain says on which nodes vCPUs run
 *
 * Takes:  the cells' nodes, the vCPUs' own, the threads of a core.
 * Gives:  the vCPUs of each cell.
 * Rule:   a vCPU that is bound to one node is in that node's cell, and those that are not follow
 *         the one before them while its cell has no more than its part, and its node CPUs for them.
 *         A core is never divided.
 */
#include "plan/cells/work.h"

static bool may_run_on(const struct cells_work *work, size_t vcpu, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);

    return !node || idset_empty(&work->cpus[vcpu]) ||
           idset_common(&work->cpus[vcpu], &node->cpus) > 0;
}

struct placing {
    struct cells_work *work;
    size_t threads; /* of a core, which stay together */
    size_t *room;   /* of each cell: for how many vCPUs more its node has CPUs */
};

/* The cell of the core's vCPUs that are bound to one node, -1: none is, -2: they are in several. */
static long home_of_core(const struct cells_work *work, size_t first, size_t threads)
{
    long home = -1;

    for (size_t v = first; v < first + threads && v < work->vcpus; v++) {
        for (size_t i = 0; work->homes[v] != HOST_NONE && i < work->made->count; i++) {
            if (work->made->items[i].node != work->homes[v])
                continue;
            if (home >= 0 && home != (long)i)
                return -2;
            home = (long)i;
        }
    }
    return home;
}

static bool core_may_run_on(const struct cells_work *work, size_t first, size_t threads,
                            const struct made_cell *cell)
{
    bool may = takes_vcpus(work, cell) || !cells_with_cpus(work);

    for (size_t v = first; v < first + threads && v < work->vcpus; v++)
        may = may && may_run_on(work, v, cell);
    return may;
}

/*
 * The one with the fewest vCPUs that all threads of the core may run on, of those that have CPUs
 * for them if there are such; -1: there is none.
 */
static long least_of(const struct placing *p, size_t first)
{
    const struct made_cells *made = p->work->made;
    bool fits = false;
    long least = -1;

    for (size_t i = 0; i < made->count; i++) {
        bool has = p->room[i] >= p->threads;

        if (!core_may_run_on(p->work, first, p->threads, &made->items[i]) || fits > has)
            continue;
        if (least < 0 || has > fits ||
            idset_size(&made->items[i].vcpus) < idset_size(&made->items[least].vcpus))
            least = (long)i;
        fits = has;
    }
    return least;
}

/* The cell of the vCPU; -1: it has none yet. */
static long cell_of(const struct cells_work *work, size_t vcpu)
{
    for (size_t i = 0; i < work->made->count; i++) {
        if (idset_has(&work->made->items[i].vcpus, vcpu))
            return (long)i;
    }
    return -1;
}

/* Has the cell room for so many vCPUs of its equal part? */
static bool has_room(const struct placing *p, long cell, size_t count)
{
    const struct made_cells *made = p->work->made;
    size_t cells = cells_with_cpus(p->work) ? cells_with_cpus(p->work) : made->count;
    size_t cores = p->work->vcpus / p->threads, part = (cores + cells - 1) / cells * p->threads;

    return cell >= 0 && idset_size(&made->items[cell].vcpus) + count <= part &&
           count <= p->room[cell];
}

/*
 * So that cells are contiguous: that of the core before, while its part has room; or that of the
 * one behind, where all up to it find room there.  -1: neither.
 */
static long beside(const struct placing *p, size_t first)
{
    const struct cells_work *work = p->work;
    long before = first ? cell_of(work, first - 1) : -1, behind = -1;
    size_t next = first;

    if (has_room(p, before, p->threads) &&
        core_may_run_on(work, first, p->threads, &work->made->items[before]))
        return before;
    for (; next < work->vcpus && behind < 0; next += p->threads)
        behind = cell_of(work, next + p->threads);
    return has_room(p, behind, next - first) &&
                   core_may_run_on(work, first, p->threads, &work->made->items[behind])
               ? behind
               : -1;
}

static bool is_on_a_node(const struct cells_work *work, size_t vcpu)
{
    const struct vtopo_host *host = host_of(work);

    for (size_t i = 0; i < host->nodes.count; i++) {
        if (idset_common(&work->cpus[vcpu], &host->nodes.items[i].cpus))
            return true;
    }
    return idset_empty(&work->cpus[vcpu]);
}

/* There is no cell for it. */
static bool refuse_core(struct cells_work *work, size_t first, size_t threads)
{
    for (size_t v = first; v < first + threads && v < work->vcpus; v++) {
        autofree char *cpus = is_on_a_node(work, v) ? NULL : idset_format(&work->cpus[v]);

        if (cpus)
            return cells_stop(work, MADE_REFUSED,
                              "vCPU %zu is bound to CPUs that no node of this host has (%s)", v,
                              cpus);
    }
    return cells_stop(work, MADE_REFUSED, "vCPU %zu is bound to CPUs of nodes that get no cell",
                      first);
}

static bool place_homes(const struct placing *p)
{
    struct cells_work *work = p->work;
    bool done = true;

    for (size_t first = 0; done && first < work->vcpus; first += p->threads) {
        long home = home_of_core(work, first, p->threads);

        if (home == -2)
            return cells_stop(work, MADE_REFUSED,
                              "vCPUs %zu-%zu are one core of <topology>, and are pinned to "
                              "different host nodes; one of the two is to be changed",
                              first, first + p->threads - 1);
        if (home >= 0)
            done = vcpus_add(&work->made->items[home], first, p->threads);
    }
    return done;
}

/* Without what is there without a pin, as the other threads of cores. */
static bool find_room(const struct placing *p)
{
    const struct cells_work *work = p->work;

    if (!cpu_room_find(work, p->room))
        return false;
    for (size_t i = 0; i < work->made->count; i++) {
        const struct idset *vcpus = &work->made->items[i].vcpus;
        size_t unpinned = idset_size(vcpus) - idset_common(vcpus, &work->pinned);

        if (p->room[i] != SIZE_MAX)
            p->room[i] -= unpinned < p->room[i] ? unpinned : p->room[i];
    }
    return true;
}

static bool place_others(const struct placing *p)
{
    struct cells_work *work = p->work;
    bool done = find_room(p);

    for (size_t first = 0; done && first < work->vcpus; first += p->threads) {
        long cell = home_of_core(work, first, p->threads);

        if (cell >= 0)
            continue;
        cell = beside(p, first);
        if (cell < 0)
            cell = least_of(p, first);
        if (cell < 0)
            return refuse_core(work, first, p->threads);
        done = vcpus_add(&work->made->items[cell], first, p->threads);
        if (p->room[cell] != SIZE_MAX)
            p->room[cell] -= p->threads < p->room[cell] ? p->threads : p->room[cell];
    }
    return done;
}

/* Bound ones first: the others fill up the parts. */
bool vcpus_place_bound(struct cells_work *work)
{
    autofree size_t *room = calloc(work->made->count + 1, sizeof(*room));
    const struct placing p = {work, threads_of(work), room};

    return room && place_homes(&p) && (cells_stopped(work) || place_others(&p));
}

static bool is_restricted(const struct cells_work *work)
{
    for (size_t v = 0; v < work->vcpus; v++) {
        for (size_t i = 0; i < work->made->count; i++) {
            if (takes_vcpus(work, &work->made->items[i]) &&
                !may_run_on(work, v, &work->made->items[i]))
                return true;
        }
    }
    return false;
}

bool vcpus_are_bound(const struct cells_work *work)
{
    return work->any_home || is_restricted(work);
}
