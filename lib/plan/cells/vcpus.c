/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcpus.c - which vCPU is in which cell
 *
 * Takes:  the cells' nodes, the vCPUs' own, <topology>.
 * Gives:  the vCPUs of each cell.
 * Rule:   a vCPU that is bound to one node is in that node's cell, and those that are not follow
 *         the one before them while its cell has no more than its part.  Otherwise whole sockets
 *         where there are enough of them, else whole dies, else whole cores, evenly and contiguous;
 *         by the nodes' CPUs where equal parts do not fit.  A core is never divided.
 */
#include "plan/cells/work.h"

static size_t cells_with_cpus(const struct cells_work *work)
{
    size_t n = 0;

    for (size_t i = 0; i < work->made->count; i++)
        n += takes_vcpus(work, &work->made->items[i]);
    return n;
}

static bool add_vcpus(struct made_cell *cell, size_t first, size_t count)
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
        return add_vcpus(&made->items[0], 0, work->vcpus);
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
        done = add_vcpus(&made->items[i], next, counts[i] * unit);
        next += counts[i] * unit;
    }
    return done;
}

/* --- bound ones --- */

static bool may_run_on(const struct cells_work *work, size_t vcpu, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);

    return !node || idset_empty(&work->cpus[vcpu]) ||
           idset_common(&work->cpus[vcpu], &node->cpus) > 0;
}

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

/* The one with the fewest vCPUs that all threads of the core may run on; -1: there is none. */
static long least_of(const struct cells_work *work, size_t first, size_t threads)
{
    const struct made_cells *made = work->made;
    long least = -1;

    for (size_t i = 0; i < made->count; i++) {
        if (core_may_run_on(work, first, threads, &made->items[i]) &&
            (least < 0 ||
             idset_size(&made->items[i].vcpus) < idset_size(&made->items[least].vcpus)))
            least = (long)i;
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
static bool has_room(const struct cells_work *work, long cell, size_t threads, size_t count)
{
    size_t cells = cells_with_cpus(work) ? cells_with_cpus(work) : work->made->count;
    size_t cores = work->vcpus / threads, part = (cores + cells - 1) / cells * threads;

    return cell >= 0 && idset_size(&work->made->items[cell].vcpus) + count <= part;
}

/*
 * So that cells are contiguous: that of the core before, while its part has room; or that of the
 * one behind, where all up to it find room there.  -1: neither.
 */
static long beside(const struct cells_work *work, size_t first, size_t threads)
{
    long before = first ? cell_of(work, first - 1) : -1, behind = -1;
    size_t next = first;

    if (has_room(work, before, threads, threads) &&
        core_may_run_on(work, first, threads, &work->made->items[before]))
        return before;
    for (; next < work->vcpus && behind < 0; next += threads)
        behind = cell_of(work, next + threads);
    return has_room(work, behind, threads, next - first) &&
                   core_may_run_on(work, first, threads, &work->made->items[behind])
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

/* Bound ones first: the others fill up the parts. */
static bool place_bound(struct cells_work *work)
{
    size_t threads = threads_of(work);
    bool done = true;

    for (size_t first = 0; done && first < work->vcpus; first += threads) {
        long home = home_of_core(work, first, threads);

        if (home == -2)
            return cells_stop(work, MADE_REFUSED,
                              "vCPUs %zu-%zu are one core of <topology>, and are pinned to "
                              "different host nodes; one of the two is to be changed",
                              first, first + threads - 1);
        if (home >= 0)
            done = add_vcpus(&work->made->items[home], first, threads);
    }
    for (size_t first = 0; done && first < work->vcpus; first += threads) {
        long home = home_of_core(work, first, threads);

        if (home >= 0)
            continue;
        home = beside(work, first, threads);
        if (home < 0)
            home = least_of(work, first, threads);
        if (home < 0)
            return refuse_core(work, first, threads);
        done = add_vcpus(&work->made->items[home], first, threads);
    }
    return done;
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

bool vcpus_divide(struct cells_work *work)
{
    return work->any_home || is_restricted(work) ? place_bound(work) : divide_evenly(work);
}

/* --- is it well? --- */

static bool has_enabled(const struct cells_work *work, const struct made_cell *cell)
{
    return idset_common(&cell->vcpus, &domain_of(work)->vcpus_off) < idset_size(&cell->vcpus);
}

/*
 * Do the vCPUs share CPUs as it is?  Those that the domain binds run where it says, however many
 * they are.
 */
static bool shares_cpus(const struct cells_work *work)
{
    return work->any_home || (!idset_empty(&work->all) && work->vcpus > idset_size(&work->all));
}

const struct made_cell *vcpus_shortage(const struct cells_work *work)
{
    for (size_t i = 0; i < work->made->count && cells_with_cpus(work) && !shares_cpus(work); i++) {
        const struct made_cell *cell = &work->made->items[i];

        if (cell->tied && node_of_cell(work, cell) &&
            idset_size(&cell->vcpus) > pins_count_allowed(work, cell))
            return cell;
    }
    return NULL;
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

bool vcpus_check(struct cells_work *work)
{
    const struct made_cell *small;

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
    small = vcpus_shortage(work);
    if (!small)
        return true;
    return cells_stop(work, MADE_REFUSED,
                      "no cells fit: of %zu cell%s the one on node %u would have %zu vCPUs, more "
                      "than that node has CPUs for it",
                      work->made->count, work->made->count > 1 ? "s" : "", small->node_id,
                      idset_size(&small->vcpus));
}
