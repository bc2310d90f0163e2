/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wish.c - see wish.h
 *
 * Rule:   ids are a choice among GPUs if any of them is a GPU's of the host, and among NICs
 *         likewise; one at least has to be the host's.  What a driver of the host has counts as
 * what it has to give.
 */
#include "place/wish.h"

#include "base/error.h"

bool place_is_id(const struct host_function *function, const struct place_id *id)
{
    return function->vendor == id->vendor && function->device == id->device;
}

bool place_has_id(const struct vtopo_host *host, const struct place_id *id)
{
    for (size_t i = 0; i < host->functions.count; i++) {
        if (place_is_id(&host->functions.items[i], id) && stock_is_item(host, i))
            return true;
    }
    return false;
}

/* If none of the ids is there, none of them chooses: that is not what was meant. */
static int check_only(const struct place_request *request, const struct stock *stock,
                      struct vtopo_error **reterr)
{
    const struct place_id *first = request->only;

    for (size_t i = 0; i < request->only_count; i++) {
        if (place_has_id(stock->host, &request->only[i]))
            return 0;
    }
    if (!request->only_count)
        return 0;
    return error_set(reterr, VTOPO_ERR_HOST, "the host has no GPU or NIC %04x:%04x%s (--only)",
                     first->vendor, first->device,
                     request->only_count > 1 ? ", nor any of the others that are named" : "");
}

static bool is_any_of(const struct place_request *request, const struct stock *stock, size_t item)
{
    const struct host_function *f =
        &stock->host->functions.items[stock->items.items[item].function];

    for (size_t i = 0; i < request->only_count; i++) {
        if (place_is_id(f, &request->only[i]))
            return true;
    }
    return false;
}

/* Are any of the ids those of GPUs (NICs)? */
static bool has_choice(const struct place_request *request, const struct stock *stock, bool gpu)
{
    for (size_t i = 0; i < stock->items.count; i++) {
        if (stock->items.items[i].gpu == gpu && is_any_of(request, stock, i))
            return true;
    }
    return false;
}

bool wish_has(const struct place_request *request, const struct stock *stock, size_t item)
{
    return is_any_of(request, stock, item) ||
           !has_choice(request, stock, stock->items.items[item].gpu);
}

/* GPUs or NICs from one hold to another. */
static unsigned count_held(const struct place_request *request, const struct stock *stock, bool gpu,
                           enum hold least, enum hold most)
{
    unsigned count = 0;

    for (size_t i = 0; i < stock->items.count; i++)
        count += stock->items.items[i].gpu == gpu && stock_hold(stock, i) >= least &&
                 stock_hold(stock, i) <= most && wish_has(request, stock, i);
    return count;
}

static int refuse_few(const struct place_request *request, const struct stock *stock, bool gpu,
                      unsigned wanted, struct vtopo_error **reterr)
{
    const char *what = gpu ? "GPU" : "NIC";
    unsigned count = count_held(request, stock, gpu, HOLD_NONE, HOLD_DRIVER);

    if (request->owners)
        return error_set(reterr, VTOPO_ERR_REFUSED,
                         "%u %s%s asked for, and the host has %u to give; VMs have %u, and %u "
                         "the host itself works with",
                         wanted, what, wanted == 1 ? " is" : "s are", count,
                         count_held(request, stock, gpu, HOLD_DEFINED, HOLD_RUNNING),
                         count_held(request, stock, gpu, HOLD_VFS, HOLD_USE));
    return error_set(reterr, VTOPO_ERR_REFUSED,
                     "%u %s%s asked for, and the host has %u to give; it works with %u itself",
                     wanted, what, wanted == 1 ? " is" : "s are", count,
                     count_held(request, stock, gpu, HOLD_VFS, HOLD_USE));
}

static int check_room(const struct place_request *request, const struct room *room,
                      struct vtopo_error **reterr)
{
    uint64_t memory = room_memory(room);

    if (request->cpus > room_cpus(room))
        return error_set(reterr, VTOPO_ERR_REFUSED,
                         "%u CPUs are asked for, and the host has %zu that are free in whole cores",
                         request->cpus, room_cpus(room));
    if (memory && request->memory_kib >= memory)
        return error_set(
            reterr, VTOPO_ERR_REFUSED,
            "%llu MiB are asked for, and the nodes of the host have %llu MiB, of which "
            "the host itself needs some",
            (unsigned long long)request->memory_kib >> 10, (unsigned long long)memory >> 10);
    return 0;
}

int place_check(const struct place_request *request, const struct stock *stock,
                const struct room *room, struct vtopo_error **reterr)
{
    int r = check_only(request, stock, reterr);

    if (r)
        return r;
    if (count_held(request, stock, true, HOLD_NONE, HOLD_DRIVER) < request->gpus)
        return refuse_few(request, stock, true, request->gpus, reterr);
    if (count_held(request, stock, false, HOLD_NONE, HOLD_DRIVER) < request->nics)
        return refuse_few(request, stock, false, request->nics, reterr);
    return check_room(request, room, reterr);
}
