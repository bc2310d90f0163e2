/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pins.c - on which CPUs of its node a vCPU runs
 *
 * Takes:  the cells, <vcpu cpuset>, isolated CPUs, the cores of the host, the policy's wish.
 * Gives:  a pin for each vCPU that has none.
 * Rule:   "node": all CPUs of the node, so that two guests of one node do not end on the same few.
 *         Isolated CPUs are not among them unless the domain names them: nothing is moved between
 *         them.  "core": one CPU each, whole cores first to last; not one of which the domain gives
 *         a thread to its emulator or I/O threads, unless these may use most of the node.  Never
 *         CPUs that the policy avoids.  Where <vcpu cpuset> is inside the node it says enough.
 */
#include "plan/cells/work.h"

static bool has_cpuset(const struct cells_work *work)
{
    return !idset_empty(&domain_of(work)->vcpu_cpuset);
}

/* Are few enough of the CPUs of this one's node for the emulator and I/O threads that they are
 * theirs alone?  Where they may use most of it, nobody has said so. */
static bool is_helpers_own(const struct cells_work *work, size_t cpu)
{
    const struct idset *helpers = &domain_of(work)->helper_cpus;
    const struct vtopo_host *host = host_of(work);

    if (!idset_has(helpers, cpu))
        return false;
    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct idset *cpus = &host->nodes.items[i].cpus;

        if (idset_has(cpus, cpu))
            return 2 * idset_common(helpers, cpus) <= idset_size(cpus);
    }
    return 2 * idset_size(helpers) <= host->cpus.count;
}

/* May a pin name the CPU? */
static bool is_allowed(const struct cells_work *work, size_t cpu)
{
    if (work->wish->avoid && idset_has(work->wish->avoid, cpu))
        return false;
    if (work->wish->pinning == PIN_CORE && is_helpers_own(work, cpu))
        return false;
    if (has_cpuset(work))
        return idset_has(&domain_of(work)->vcpu_cpuset, cpu);
    return work->wish->pinning == PIN_CORE || !idset_has(&host_of(work)->isolated, cpu);
}

size_t pins_count_allowed(const struct cells_work *work, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);
    const struct vtopo_host *host = host_of(work);
    size_t count = 0;

    if (!node) {
        for (size_t i = 0; i < host->cpus.count; i++)
            count += is_allowed(work, host->cpus.items[i].id);
        return count;
    }
    for (size_t id = idset_next(&node->cpus, 0); id < IDSET_LIMIT;
         id = idset_next(&node->cpus, id + 1))
        count += is_allowed(work, id);
    return count;
}

bool pins_find_allowed(const struct cells_work *work, const struct made_cell *cell,
                       struct idset *ret_cpus)
{
    const struct host_node *node = node_of_cell(work, cell);
    const struct vtopo_host *host = host_of(work);
    bool done = true;

    for (size_t i = 0; done && !node && i < host->cpus.count; i++) {
        if (host->cpus.items[i].id < IDSET_LIMIT && is_allowed(work, host->cpus.items[i].id))
            done = idset_add(ret_cpus, host->cpus.items[i].id);
    }
    for (size_t id = node ? idset_next(&node->cpus, 0) : IDSET_LIMIT; done && id < IDSET_LIMIT;
         id = idset_next(&node->cpus, id + 1)) {
        if (is_allowed(work, id))
            done = idset_add(ret_cpus, id);
    }
    return done;
}

static bool add_pin(struct cells_work *work, size_t vcpu, const struct idset *cpus)
{
    struct made_pin *pin = vec_add(&work->made->pins);

    if (!pin)
        return false;
    *pin = (struct made_pin){.vcpu = (unsigned)vcpu};
    return idset_copy(cpus, &pin->cpus);
}

const char *pins_words_left_out(const struct cells_work *work, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);
    const struct idset *helpers = &domain_of(work)->helper_cpus;
    bool any = false;

    for (size_t id = idset_next(helpers, 0); id < IDSET_LIMIT; id = idset_next(helpers, id + 1))
        any = any || ((!node || idset_has(&node->cpus, id)) && is_helpers_own(work, id));
    return work->wish->pinning == PIN_CORE && any
               ? " beside those that <emulatorpin> or <iothreadpin> names"
               : "";
}

bool pins_refuse(struct cells_work *work, const struct made_cell *cell)
{
    return cells_stop(work, MADE_REFUSED,
                      "no CPU of node %u is left for its vCPUs, without those that are isolated, "
                      "avoided, or outside of <vcpu cpuset>%s",
                      cell->node_id, pins_words_left_out(work, cell));
}

static bool pin_to_node(struct cells_work *work, const struct made_cell *cell)
{
    struct idset cpus = {0};
    bool done = pins_find_allowed(work, cell, &cpus), none = idset_empty(&cpus);

    for (size_t v = idset_next(&cell->vcpus, 0); done && !none && v < IDSET_LIMIT;
         v = idset_next(&cell->vcpus, v + 1)) {
        if (!idset_has(&work->pinned, v))
            done = add_pin(work, v, &cpus);
    }
    idset_free(&cpus);
    return done && none ? pins_refuse(work, cell) : done;
}

/* --- one to one --- */

/* Takes the CPUs of whole free cores for so many vCPUs; false: there are not enough. */
static bool take_core(const struct cells_work *work, struct idset *free_cpus, size_t *ret_cpus,
                      size_t count)
{
    for (size_t id = idset_next(free_cpus, 0); id < IDSET_LIMIT;
         id = idset_next(free_cpus, id + 1)) {
        const struct host_cpu *cpu = host_find_cpu(host_of(work), id);
        size_t n = 0;

        if (cpu && (idset_common(&cpu->siblings, free_cpus) < idset_size(&cpu->siblings) ||
                    idset_size(&cpu->siblings) < count))
            continue;
        if (!cpu && count > 1)
            continue;
        for (size_t s = cpu ? idset_next(&cpu->siblings, 0) : id; n < count && s < IDSET_LIMIT;
             s = idset_next(&cpu->siblings, s + 1)) {
            ret_cpus[n++] = s;
            if (!cpu)
                break;
        }
        if (cpu)
            idset_remove_all(free_cpus, &cpu->siblings);
        else
            idset_remove(free_cpus, id);
        return true;
    }
    return false;
}

/* Threads of the guest's core, as it will be. */
static size_t guest_threads(const struct cells_work *work)
{
    return work->made->topology.sockets ? work->made->topology.threads : threads_of(work);
}

/* Threads of the host's largest core on these CPUs. */
static size_t host_threads(const struct cells_work *work, const struct idset *cpus)
{
    size_t most = 1;

    for (size_t id = idset_next(cpus, 0); id < IDSET_LIMIT; id = idset_next(cpus, id + 1)) {
        const struct host_cpu *cpu = host_find_cpu(host_of(work), id);

        if (cpu && idset_size(&cpu->siblings) > most)
            most = idset_size(&cpu->siblings);
    }
    return most;
}

static bool add_single(struct cells_work *work, size_t vcpu, size_t cpu)
{
    struct idset one = {0};
    bool done = idset_add(&one, cpu) && add_pin(work, vcpu, &one);

    idset_free(&one);
    return done;
}

/*
 * Guest cores to host cores.  Where the guest has none (threads 1) its vCPUs fill the threads of a
 * host core one after the other: the core is this guest's alone.
 */
static bool pin_to_cores(struct cells_work *work, const struct made_cell *cell)
{
    struct idset free_cpus = {0};
    bool done = pins_find_allowed(work, cell, &free_cpus), enough = true;
    size_t threads = guest_threads(work), most = host_threads(work, &free_cpus);
    size_t group = threads > 1 && threads <= most ? threads : most;
    autofree size_t *cpus = calloc(most + 1, sizeof(*cpus));
    autofree size_t *vcpus = calloc(most + 1, sizeof(*vcpus));
    size_t v = idset_next(&cell->vcpus, 0);

    done = done && cpus && vcpus;
    for (size_t i = 0; done && i < domain_of(work)->pins.count; i++)
        idset_remove_all(&free_cpus, &domain_of(work)->pins.items[i].cpus);
    while (done && enough && v < IDSET_LIMIT) {
        size_t n = 0;

        for (; n < group && v < IDSET_LIMIT; v = idset_next(&cell->vcpus, v + 1)) {
            if (!idset_has(&work->pinned, v))
                vcpus[n++] = v;
        }
        if (!n)
            break;
        enough = take_core(work, &free_cpus, cpus, n);
        for (size_t i = 0; done && enough && i < n; i++)
            done = add_single(work, vcpus[i], cpus[i]);
    }
    idset_free(&free_cpus);
    if (done && !enough)
        return cells_stop(work, MADE_REFUSED,
                          "node %u has too few whole cores that are free for its %zu vCPUs%s "
                          "(policy cells_pin \"core\"): \"node\" pins them to all CPUs of the "
                          "node",
                          cell->node_id, idset_size(&cell->vcpus), pins_words_left_out(work, cell));
    return done;
}

/* --- */

static int compare_pins(const void *left, const void *right)
{
    const struct made_pin *a = left, *b = right;

    return (a->vcpu > b->vcpu) - (a->vcpu < b->vcpu);
}

bool pins_are_said(const struct cells_work *work, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);
    const struct idset *cpuset = &domain_of(work)->vcpu_cpuset;

    return work->wish->pinning == PIN_NODE && has_cpuset(work) && work->made->count == 1 &&
           (!node || idset_common(cpuset, &node->cpus) == idset_size(cpuset));
}

/* A node without CPUs, or a host that says none, leaves nothing to pin to. */
static bool has_cpus(const struct cells_work *work, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);

    return node ? !idset_empty(&node->cpus) : host_of(work)->cpus.count > 0;
}

bool pins_choose(struct cells_work *work)
{
    struct made_cells *made = work->made;
    bool done = true;

    if (work->wish->pinning == PIN_NONE)
        return true;
    for (size_t i = 0; done && !cells_stopped(work) && i < made->count; i++) {
        const struct made_cell *cell = &made->items[i];

        if (!cell->tied || !has_cpus(work, cell) || pins_are_said(work, cell) ||
            idset_common(&cell->vcpus, &work->pinned) == idset_size(&cell->vcpus))
            continue;
        done = work->wish->pinning == PIN_CORE ? pin_to_cores(work, cell) : pin_to_node(work, cell);
    }
    if (done && made->pins.count)
        qsort(made->pins.items, made->pins.count, sizeof(*made->pins.items), compare_pins);
    return done;
}
