/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owners.c - see owners.h
 *
 * Takes:  who has which device, by name; what the host itself does with it.
 * Gives:  words for one device.
 * Rule:   a guest that runs has what it has; of several VMs that are defined with one device only
 *         one can run, so that is a conflict.  A driver of the host's means that the host may be
 *         working with it: whether it is, nothing in /sys says for all kinds of devices.
 * Not here: where the owners come from (virt/claims.c).
 */
#include "report/owners.h"

#include "base/buffer.h"
#include "base/printable.h"
#include "check/check.h"

#include <string.h>

const char *owners_state(const struct owner *first, size_t count,
                         const struct host_function *function)
{
    if (count > 1)
        return "conflict";
    if (count)
        return owners_run(first, count) ? "running" : "defined";
    return function && check_is_held_by_host(function) ? "host" : "free";
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

char *owners_describe(const struct owner *first, size_t count, const struct host_function *function)
{
    struct buffer cell = {0};

    for (size_t i = 0; i < count; i++) {
        buffer_add(&cell, i ? " and " : count > 1 ? "! " : "");
        add_owner(&cell, &first[i]);
    }
    if (!count && function && check_is_held_by_host(function)) {
        buffer_add(&cell, "host");
        if (function->netdev)
            buffer_printf(&cell, " (%s)", function->netdev);
    } else if (!count) {
        buffer_add(&cell, "free");
    }
    return buffer_steal(&cell);
}
