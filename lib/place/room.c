/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * room.c - see room.h
 *
 * Takes:  the CPUs and the memory of the nodes, CPUs that are not for the guest.
 * Gives:  the CPUs of each node that are free.
 * Rule:   whole cores: one of which a thread is isolated, avoided or offline is not free.
 * Not here: who gives what (share.c).
 */
#include "place/room.h"

#include <stdlib.h>

static bool is_free(const struct room *room, size_t cpu)
{
    return !idset_has(&room->host->isolated, cpu) &&
           !(room->request->avoid && idset_has(room->request->avoid, cpu));
}

/* Is the whole core free, and on the node (NULL: any)? */
static bool is_core_free(const struct room *room, const struct idset *node, size_t cpu)
{
    const struct host_cpu *known = host_find_cpu(room->host, cpu);

    if (!known)
        return is_free(room, cpu);
    for (size_t s = idset_next(&known->siblings, 0); s < IDSET_LIMIT;
         s = idset_next(&known->siblings, s + 1)) {
        if (!is_free(room, s) || (node && !idset_has(node, s)))
            return false;
    }
    return true;
}

static bool add_free(struct room *room, const struct idset *node, struct idset *ret)
{
    bool done = true;

    for (size_t id = idset_next(node, 0); done && id < IDSET_LIMIT; id = idset_next(node, id + 1)) {
        if (is_core_free(room, node, id))
            done = idset_add(ret, id);
    }
    return done;
}

/* A host without NUMA information is one node. */
static bool add_all(struct room *room)
{
    bool done = true;

    for (size_t i = 0; done && i < room->host->cpus.count; i++) {
        if (is_core_free(room, NULL, room->host->cpus.items[i].id))
            done = idset_add(&room->cpus[0], room->host->cpus.items[i].id);
    }
    return done;
}

bool room_make(const struct vtopo_host *host, const struct place_request *request, struct room *ret)
{
    bool done;

    *ret = (struct room){.host = host, .request = request, .core = 1};
    ret->count = host->nodes.count ? host->nodes.count : 1;
    ret->cpus = calloc(ret->count, sizeof(*ret->cpus));
    done = ret->cpus && (host->nodes.count || add_all(ret));
    for (size_t i = 0; done && i < host->nodes.count; i++)
        done = add_free(ret, &host->nodes.items[i].cpus, &ret->cpus[i]);
    for (size_t i = 0; i < host->cpus.count; i++) {
        size_t threads = idset_size(&host->cpus.items[i].siblings);

        ret->core = threads > ret->core ? threads : ret->core;
    }
    return done;
}

void room_clear(struct room *room)
{
    for (size_t i = 0; room->cpus && i < room->count; i++)
        idset_free(&room->cpus[i]);
    free(room->cpus);
    *room = (struct room){0};
}

size_t room_cpus(const struct room *room)
{
    size_t sum = 0;

    for (size_t i = 0; i < room->count; i++)
        sum += idset_size(&room->cpus[i]);
    return sum;
}

uint64_t room_memory(const struct room *room)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < room->host->nodes.count; i++)
        sum += room->host->nodes.items[i].memory_kib;
    return sum;
}
