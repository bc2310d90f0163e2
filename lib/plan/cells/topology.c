/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology.c - <topology> for a domain that has none, or whose own the cells cut
 *
 * Takes:  the cells' vCPUs, and which CPUs of the host each may run on.
 * Gives:  sockets, cores and threads, whose product is the number of vCPUs.
 * Rule:   a cell is a whole number of sockets: guests and hwloc take one that cuts a socket apart
 *         for broken.  One socket for each cell where cells are equal, else the largest that
 *         leaves none cut.  Threads only where pins put siblings of the host onto siblings of the
 *         guest.  A <topology> that is there stays; where cells cut its sockets, one that would
 *         suit is only named.
 */
#include "plan/cells/work.h"

static const struct made_cell *cell_with(const struct made_cells *made, size_t vcpu)
{
    for (size_t i = 0; i < made->count; i++) {
        if (idset_has(&made->items[i].vcpus, vcpu))
            return &made->items[i];
    }
    return NULL;
}

/* Is every block of so many vCPUs in one cell? */
static bool are_blocks_whole(const struct cells_work *work, size_t size)
{
    for (size_t v = 0; v < work->vcpus; v++) {
        if (cell_with(work->made, v) != cell_with(work->made, v / size * size))
            return false;
    }
    return true;
}

static bool is_single(const struct cells_work *work, size_t vcpu, const struct idset *siblings)
{
    const struct idset *cpus = &work->cpus[vcpu];

    return idset_size(cpus) == 1 && idset_common(cpus, siblings) == 1;
}

/* Are these vCPUs pinned to the threads of one core, one each? */
static bool is_core(const struct cells_work *work, size_t first, size_t threads)
{
    const struct host_cpu *cpu = host_find_cpu(host_of(work), idset_next(&work->cpus[first], 0));
    bool core = cpu && idset_size(&cpu->siblings) == threads;

    for (size_t v = first; core && v < first + threads; v++) {
        core = is_single(work, v, &cpu->siblings);
        for (size_t other = first; core && other < v; other++)
            core = !idset_common(&work->cpus[v], &work->cpus[other]);
    }
    return core;
}

/* Threads of the first vCPU's core, if all vCPUs are pinned so. */
static size_t threads_by_pins(const struct cells_work *work)
{
    const struct idset *one = &work->cpus[0];
    const struct host_cpu *cpu =
        idset_size(one) == 1 ? host_find_cpu(host_of(work), idset_next(one, 0)) : NULL;
    size_t threads = cpu ? idset_size(&cpu->siblings) : 1;

    if (threads < 2 || work->vcpus % threads)
        return 1;
    for (size_t v = 0; v < work->vcpus; v += threads) {
        if (!is_core(work, v, threads))
            return 1;
    }
    return threads;
}

/* Of all cores of the node, if they are alike and each cell is whole ones: what pins to single CPUs
 * will put together. */
static size_t threads_by_wish(const struct cells_work *work)
{
    size_t threads = 0;

    if (work->wish->pinning != PIN_CORE || domain_of(work)->pins.count)
        return 1;
    for (size_t i = 0; i < host_of(work)->cpus.count; i++) {
        size_t of_this = idset_size(&host_of(work)->cpus.items[i].siblings);

        if (threads && of_this != threads)
            return 1;
        threads = of_this;
    }
    for (size_t i = 0; threads && i < work->made->count; i++) {
        if (idset_size(&work->made->items[i].vcpus) % threads)
            return 1;
    }
    return threads ? threads : 1;
}

/* The largest block of whole cores that no cell cuts. */
static size_t largest_whole(const struct cells_work *work, size_t threads)
{
    size_t size;

    for (size = work->vcpus; size > 1; size--) {
        if (work->vcpus % size == 0 && size % threads == 0 && are_blocks_whole(work, size))
            break;
    }
    return size;
}

static struct made_topology topology_of(const struct cells_work *work, size_t threads)
{
    size_t size = largest_whole(work, threads);
    size_t of_core = size % threads ? 1 : threads;

    return (struct made_topology){(unsigned)(work->vcpus / size), (unsigned)(size / of_core),
                                  (unsigned)of_core};
}

/* Are sockets, or dies, of the domain's own <topology> in several cells? */
static bool cells_cut_sockets(const struct cells_work *work)
{
    const struct domain *domain = domain_of(work);
    size_t parts = (size_t)domain->sockets * (domain->dies ? domain->dies : 1);

    return parts && work->vcpus % parts == 0 && !are_blocks_whole(work, work->vcpus / parts);
}

bool topology_choose(struct cells_work *work)
{
    struct made_cells *made = work->made;
    size_t threads;

    if (domain_of(work)->sockets || domain_of(work)->threads) {
        if (cells_cut_sockets(work))
            made->would_suit = topology_of(work, threads_of(work));
        return true;
    }
    threads = threads_by_pins(work);
    if (threads < 2)
        threads = threads_by_wish(work);
    made->topology = topology_of(work, threads);
    if (made->topology.sockets <= 2)
        return true;
    return cells_note(work, FINDING_MANY_SOCKETS, "domain",
                      "its <topology> has %u sockets, because each cell is a whole number of them; "
                      "Windows clients use two, and licences may count them: policy cells_nodes "
                      "with fewer nodes, or a <topology> of your own, makes it fewer",
                      made->topology.sockets);
}
