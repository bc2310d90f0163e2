/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ovmf_io.c - see ovmf_io.h */
#include "plan/budget/ovmf_io.h"

/*
 * The I/O BARs of the machine itself (SATA, SMBus) are put behind those of the last port of pcie.0,
 * into the same window, or need one.  Linux finds them another place then.
 */
static size_t windows_of_root(size_t windows)
{
    return windows ? windows : 1;
}

size_t ovmf_io_needed(const struct io_bridge *bridges, size_t count)
{
    size_t n = 1; /* for the machine itself */

    for (size_t i = 0; i < count; i++)
        n += bridges[i].bars + bridges[i].padding;
    return n;
}

enum outcome { ALL, DROPS_PADDING, FAILS };

/* One round: @root windows on pcie.0, and below the expanders what their BARs need. */
static enum outcome allocate(size_t windows, size_t root, const struct io_bridge *bridges,
                             size_t count)
{
    size_t left = windows;
    bool failed = root > left, last_failed = failed;

    if (!failed)
        left -= root;
    for (size_t i = 1; i < count; i++) {
        if (!bridges[i].bars)
            continue;
        last_failed = bridges[i].bars > left;
        failed = failed || last_failed;
        if (!last_failed)
            left -= bridges[i].bars;
    }
    if (!failed)
        return ALL;
    return last_failed ? DROPS_PADDING : FAILS;
}

bool ovmf_io_fits(size_t windows, const struct io_bridge *bridges, size_t count)
{
    enum outcome outcome = DROPS_PADDING;

    if (ovmf_io_needed(bridges, count) <= windows)
        return true;
    /* Which of several bridges loses its padding first is not known here: then only what fits at
     * once is sure. */
    for (size_t i = 1; i < count; i++) {
        if (bridges[i].padding)
            return false;
    }
    for (size_t padding = bridges[0].padding + 1; outcome == DROPS_PADDING && padding-- > 0;)
        outcome = allocate(windows, windows_of_root(bridges[0].bars + padding), bridges, count);
    return outcome == ALL;
}
