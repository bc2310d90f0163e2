/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owners.c - see owners.h
 *
 * Takes:  who has which device, by name, or as a host description has it; what the host itself does
 *         with it.
 * Gives:  words for one device.
 * Rule:   a guest that runs has what it has; of several VMs that are defined with one device only
 *         one can run, so that is a conflict.  What nobody has is the host's where vtopo-host place
 *         would not give it away without a word (place/holds.h), also because of what it goes with.
 * Not here: where the owners come from (virt/claims.c).
 */
#include "report/owners.h"

#include "base/buffer.h"
#include "base/printable.h"
#include "report/hold_words.h"

#include <string.h>

bool owners_of_host(const struct vtopo_host *host, struct owners *ret)
{
    size_t count = 0;

    for (size_t i = 0; i < host->vms.count; i++)
        count += host->vms.items[i].claims.count;
    *ret = (struct owners){.items = calloc(count + 1, sizeof(*ret->items))};
    if (!ret->items)
        return false;
    for (size_t i = 0; i < host->vms.count; i++) {
        const struct host_vm *vm = &host->vms.items[i];

        for (size_t k = 0; k < vm->claims.count; k++) {
            const struct host_claim *claim = &vm->claims.items[k];

            ret->items[ret->count++] =
                (struct owner){claim->device, vm->name, claim->now, claim->next};
        }
    }
    owners_sort(ret);
    return true;
}

const char *owners_state(const struct owner *first, size_t count, const struct hold_reason *held)
{
    if (count > 1)
        return "conflict";
    if (count)
        return owners_run(first, count) ? "running" : "defined";
    return held && held->hold != HOLD_NONE ? "host" : "free";
}

static void add_owner(struct buffer *cell, const struct owner *owner)
{
    size_t start = cell->length;

    buffer_add(cell, owner->name);
    if (!cell->failed)
        printable(cell->text + start, false);
    if (owner->now)
        buffer_add(cell, owner->next ? ", running" : ", running (for the last time)");
}

static void add_host(struct buffer *cell, const struct vtopo_host *host,
                     const struct hold_reason *held, size_t function)
{
    const struct host_function *holder = &host->functions.items[held->holder];

    buffer_add(cell, "host");
    if (held->holder == function)
        hold_describe_short(holder, held->hold, cell);
    else
        buffer_printf(cell, " (goes with %s)", BDF_TEXT(&holder->bdf));
}

char *owners_describe(const struct vtopo_host *host, const struct owner *first, size_t count,
                      const struct hold_reason *held, size_t function)
{
    struct buffer cell = {0};

    for (size_t i = 0; i < count; i++) {
        buffer_add(&cell, i ? " and " : count > 1 ? "! " : "");
        add_owner(&cell, &first[i]);
    }
    if (!count && held && held->hold != HOLD_NONE)
        add_host(&cell, host, held, function);
    else if (!count)
        buffer_add(&cell, "free");
    return buffer_steal(&cell);
}
