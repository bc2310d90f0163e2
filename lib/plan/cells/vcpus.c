/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcpus.c - which vCPU is in which cell
 *
 * Takes:  the cells' nodes, the CPUs that these have, <topology>.
 * Gives:  the vCPUs of each cell; why they cannot be so.
 * Rule:   whole sockets where there are enough of them, else whole dies, else whole cores, evenly
 *         and contiguous; by the nodes' CPUs where equal parts do not fit.  No core is divided.
 * Not here: vCPUs that the domain binds to some of the nodes (bound_vcpus.c), whether a node has
 *         CPUs for them (cpu_room.c).
 */
#include "plan/cells/work.h"

size_t cells_with_cpus(const struct cells_work *work)
{
    size_t n = 0;

    for (size_t i = 0; i < work->made->count; i++)
        n += takes_vcpus(work, &work->made->items[i]);
    return n;
}

bool vcpus_add(struct made_cell *cell, size_t first, size_t count)
{
    bool done = true;

    for (size_t v = first; done && v < first + count; v++)
        done = v >= IDSET_LIMIT || idset_add(&cell->vcpus, v);
    return done;
}

/* vCPUs that stay together where that is possible: of a socket, a die, a core. */
static size_t unit_of(const struct cells_work *work, size_t cells)
{
    const struct domain *domain = domain_of(work);
    size_t sockets = domain->sockets, dies = sockets * (domain->dies ? domain->dies : 1);

    if (sockets && sockets >= cells && work->vcpus % sockets == 0)
        return work->vcpus / sockets;
    if (dies && dies >= cells && work->vcpus % dies == 0)
        return work->vcpus / dies;
    return threads_of(work);
}

static void count_cpus(const struct cells_work *work, size_t *ret_cpus)
{
    for (size_t i = 0; i < work->made->count; i++)
        ret_cpus[i] = pins_count_allowed(work, &work->made->items[i]);
}

/* In equal parts; what is left over goes to the first ones. */
static void count_equally(const struct cells_work *work, size_t units, size_t *counts)
{
    size_t with_cpus = cells_with_cpus(work), n = 0;

    for (size_t i = 0; i < work->made->count; i++) {
        bool takes = takes_vcpus(work, &work->made->items[i]);

        counts[i] = takes ? units / with_cpus + (n < units % with_cpus) : 0;
        n += takes;
    }
}

/* Each where the fewest are for the CPUs of the node. */
static void count_by_cpus(const struct cells_work *work, size_t units, const size_t *cpus,
                          size_t *counts)
{
    size_t cells = work->made->count;

    for (size_t i = 0; i < cells; i++)
        counts[i] = 0;
    for (size_t unit = 0; unit < units; unit++) {
        size_t best = cells;

        for (size_t i = 0; i < cells; i++) {
            if (cpus[i] &&
                (best == cells || (counts[i] + 1) * cpus[best] < (counts[best] + 1) * cpus[i]))
                best = i;
        }
        if (best < cells)
            counts[best]++;
    }
}

static bool all_fit(const struct cells_work *work, const size_t *counts, const size_t *cpus,
                    size_t unit)
{
    for (size_t i = 0; i < work->made->count; i++) {
        if (counts[i] * unit > cpus[i] && node_of_cell(work, &work->made->items[i]))
            return false;
    }
    return true;
}

static bool divide_evenly(struct cells_work *work)
{
    struct made_cells *made = work->made;
    size_t cells = cells_with_cpus(work), unit = unit_of(work, cells), next = 0;
    autofree size_t *counts = calloc(made->count + 1, sizeof(*counts));
    autofree size_t *cpus = calloc(made->count + 1, sizeof(*cpus));
    bool done = counts && cpus;

    if (!done)
        return false;
    count_cpus(work, cpus);
    if (!cells) /* only nodes without CPUs, where the memory is to be */
        return vcpus_add(&made->items[0], 0, work->vcpus);
    if (work->vcpus / unit < cells)
        return cells_stop(work, MADE_NONE,
                          "there can be no cells: %zu %s cannot be divided over %zu nodes, and a "
                          "cell without a vCPU is no place for a device",
                          work->vcpus / unit,
                          unit > 1 ? "guest cores" : (work->vcpus == 1 ? "vCPU" : "vCPUs"), cells);
    count_equally(work, work->vcpus / unit, counts);
    if (!all_fit(work, counts, cpus, unit))
        count_by_cpus(work, work->vcpus / unit, cpus, counts);
    for (size_t i = 0; done && i < made->count; i++) {
        done = vcpus_add(&made->items[i], next, counts[i] * unit);
        next += counts[i] * unit;
    }
    return done;
}

bool vcpus_divide(struct cells_work *work)
{
    return vcpus_are_bound(work) ? vcpus_place_bound(work) : divide_evenly(work);
}

/* --- is it well? --- */

static bool has_enabled(const struct cells_work *work, const struct made_cell *cell)
{
    return idset_common(&cell->vcpus, &domain_of(work)->vcpus_off) < idset_size(&cell->vcpus);
}

/* The node has CPUs. */
static bool refuse_empty(struct cells_work *work, const struct made_cell *cell)
{
    if (!pins_count_allowed(work, cell))
        return pins_refuse(work, cell);
    return cells_stop(work, MADE_REFUSED,
                      "no vCPU is left for a cell on node %u: the domain binds all of them "
                      "elsewhere",
                      cell->node_id);
}

static bool refuse_shortage(struct cells_work *work, const struct made_cell *small, size_t unpinned,
                            size_t room)
{
    size_t cells = work->made->count, vcpus = idset_size(&small->vcpus);

    if (!pins_count_allowed(work, small))
        return pins_refuse(work, small);
    if (unpinned == vcpus)
        return cells_stop(
            work, MADE_REFUSED,
            "no cells fit: of %zu cell%s the one on node %u would have %zu vCPUs, more "
            "than that node has CPUs for it%s",
            cells, cells > 1 ? "s" : "", small->node_id, vcpus, pins_words_left_out(work, small));
    return cells_stop(
        work, MADE_REFUSED,
        "no cells fit: of %zu cell%s the one on node %u would have %zu vCPUs, of which "
        "%zu have no <vcpupin>, and that node has %zu CPU%s left for these%s; a "
        "<vcpupin> of their own or policy cells_nodes puts them elsewhere",
        cells, cells > 1 ? "s" : "", small->node_id, vcpus, unpinned, room, room == 1 ? "" : "s",
        pins_words_left_out(work, small));
}

bool vcpus_check(struct cells_work *work)
{
    const struct made_cell *small;
    size_t unpinned = 0, room = 0;

    for (size_t i = 0; i < work->made->count; i++) {
        const struct made_cell *cell = &work->made->items[i];

        if (idset_empty(&cell->vcpus) && takes_vcpus(work, cell))
            return refuse_empty(work, cell);
        if (!idset_empty(&cell->vcpus) && !has_enabled(work, cell))
            return cells_stop(work, MADE_REFUSED,
                              "all vCPUs of the cell on node %u would be plugged in later (<vcpu "
                              "current>), and a guest starts with a CPU in each cell; <vcpus> can "
                              "say which of them are there at the start",
                              cell->node_id);
    }
    if (!cpu_room_shortage(work, &small, &unpinned, &room))
        return false;
    return !small || refuse_shortage(work, small, unpinned, room);
}
