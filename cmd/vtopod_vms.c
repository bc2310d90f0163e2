/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopod_vms.c - see vtopod_vms.h
 *
 * Takes:  UUIDs, times.
 * Gives:  which VM is next.
 * Rule:   who waits longest is first.  Several events of a VM are one look at it.
 */
#include "vtopod_vms.h"

#include <limits.h>
#include <string.h>

struct watched *watched_get(struct watched_vms *vms, const char *uuid)
{
    struct watched *vm;

    for (size_t i = 0; i < vms->count; i++) {
        if (!strcmp(vms->items[i].uuid, uuid))
            return &vms->items[i];
    }
    vm = vec_add(vms);
    if (vm)
        strncpy(vm->uuid, uuid, sizeof(vm->uuid) - 1);
    return vm;
}

void watched_remove(struct watched_vms *vms, struct watched *vm)
{
    struct watched *last = &vms->items[--vms->count];

    if (vm != last)
        *vm = *last;
    *last = (struct watched){0}; /* as vec_add() expects it */
}

static struct watched *find_first(const struct watched_vms *vms)
{
    struct watched *first = NULL;

    for (size_t i = 0; i < vms->count; i++) {
        struct watched *vm = &vms->items[i];

        if (vm->due && (!first || vm->at < first->at))
            first = vm;
    }
    return first;
}

struct watched *watched_next(struct watched_vms *vms, int64_t now)
{
    struct watched *first = find_first(vms);

    return first && first->at <= now ? first : NULL;
}

int watched_wait(const struct watched_vms *vms, int64_t now)
{
    const struct watched *first = find_first(vms);

    if (!first)
        return -1;
    return first->at <= now ? 0 : first->at - now < INT_MAX ? (int)(first->at - now) : INT_MAX;
}

void watched_later(struct watched *vm, int64_t at)
{
    vm->due = true;
    vm->at = at;
}

void watched_all(struct watched_vms *vms)
{
    for (size_t i = 0; i < vms->count; i++) {
        watched_later(&vms->items[i], 0);
        vms->items[i].said[0] = '\0';
        vms->items[i].replaced = false; /* what was not told of yet will not be */
    }
}

void watched_clear(struct watched_vms *vms)
{
    free(vms->items);
    *vms = (struct watched_vms){0};
}
