/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpu_room.c - do a cell's vCPUs fit on the CPUs of its node?
 *
 * Takes:  the cells' vCPUs, <vcpupin>, <vcpu cpuset>, the CPUs that the domain may use.
 * Gives:  for how many vCPUs without a <vcpupin> each cell has CPUs; the first that has more.
 * Rule:   each vCPU without a <vcpupin> has to find a CPU of the node for itself.  One that has a
 *         <vcpupin> runs where the domain says, and is never too much: it takes one of its CPUs,
 *         those with the fewest to choose from first, one that the others could not have before one
 *         that they could; where all are taken it shares one, as the domain wishes, and takes none.
 *         Where <vcpu cpuset> itself has too few CPUs the domain wishes the others to share, too.
 */
#include "plan/cells/work.h"

static size_t count_unpinned(const struct cells_work *work, const struct idset *vcpus)
{
    return idset_size(vcpus) - idset_common(vcpus, &work->pinned);
}

static bool take_one(const struct idset *cpus, struct idset *free_cpus, struct idset *taken)
{
    size_t best = IDSET_LIMIT;

    for (size_t id = idset_next(cpus, 0); id < IDSET_LIMIT; id = idset_next(cpus, id + 1)) {
        bool other = !idset_has(free_cpus, id);

        if (!idset_has(taken, id) && (best == IDSET_LIMIT || other))
            best = id;
        if (best == id && other)
            break;
    }
    if (best == IDSET_LIMIT)
        return true;
    idset_remove(free_cpus, best);
    return idset_add(taken, best);
}

/* The number of CPUs of those pins that have more than so many, but no others have fewer. */
static size_t next_size(const struct cells_work *work, const struct idset *vcpus, size_t above)
{
    size_t next = SIZE_MAX;

    for (size_t v = idset_next(vcpus, 0); v < work->vcpus; v = idset_next(vcpus, v + 1)) {
        size_t size = idset_has(&work->pinned, v) ? idset_size(&work->cpus[v]) : 0;

        if (size > above && size < next)
            next = size;
    }
    return next;
}

/* Removes the CPUs that those of the vCPUs take that have a pin. */
static bool take_pinned(const struct cells_work *work, const struct idset *vcpus,
                        struct idset *free_cpus)
{
    struct idset taken = {0};
    bool done = true;

    for (size_t size = next_size(work, vcpus, 0); done && size < SIZE_MAX;
         size = next_size(work, vcpus, size)) {
        for (size_t v = idset_next(vcpus, 0); done && v < work->vcpus;
             v = idset_next(vcpus, v + 1)) {
            if (idset_has(&work->pinned, v) && idset_size(&work->cpus[v]) == size)
                done = take_one(&work->cpus[v], free_cpus, &taken);
        }
    }
    idset_free(&taken);
    return done;
}

/* Has <vcpu cpuset> fewer CPUs than there are vCPUs for it? */
static bool find_sharing(const struct cells_work *work, bool *ret_shares)
{
    const struct idset *cpuset = &domain_of(work)->vcpu_cpuset;
    struct idset free_cpus = {0};
    bool done = idset_copy(cpuset, &free_cpus) && take_pinned(work, &work->pinned, &free_cpus);

    *ret_shares =
        !idset_empty(cpuset) && work->vcpus - idset_size(&work->pinned) > idset_size(&free_cpus);
    idset_free(&free_cpus);
    return done;
}

static bool find_room_of(const struct cells_work *work, const struct made_cell *cell,
                         size_t *ret_room)
{
    struct idset free_cpus = {0};
    bool done =
        pins_find_allowed(work, cell, &free_cpus) && take_pinned(work, &cell->vcpus, &free_cpus);

    *ret_room = idset_size(&free_cpus);
    idset_free(&free_cpus);
    return done;
}

bool cpu_room_find(const struct cells_work *work, size_t *ret_room)
{
    bool shares = false, done = find_sharing(work, &shares);

    for (size_t i = 0; done && i < work->made->count; i++) {
        const struct made_cell *cell = &work->made->items[i];

        ret_room[i] = SIZE_MAX;
        if (!shares && cells_with_cpus(work) && cell->tied && node_of_cell(work, cell) &&
            !pins_are_said(work, cell))
            done = find_room_of(work, cell, &ret_room[i]);
    }
    return done;
}

bool cpu_room_shortage(const struct cells_work *work, const struct made_cell **ret_cell,
                       size_t *ret_unpinned, size_t *ret_room)
{
    autofree size_t *room = calloc(work->made->count + 1, sizeof(*room));
    bool done = room && cpu_room_find(work, room);

    *ret_cell = NULL;
    for (size_t i = 0; done && !*ret_cell && i < work->made->count; i++) {
        const struct made_cell *cell = &work->made->items[i];
        size_t unpinned = count_unpinned(work, &cell->vcpus);

        if (unpinned <= room[i])
            continue;
        *ret_cell = cell;
        *ret_unpinned = unpinned;
        *ret_room = room[i];
    }
    return done;
}
