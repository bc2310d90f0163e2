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
        n += bridges[i].bars + bridges[i].kept;
    return n;
}

enum outcome { ALL, TAKES_BACK, GIVES_UP };

/* One round: @root windows on pcie.0, and below the expanders what their BARs need. */
static enum outcome give_out(size_t root, const struct io_bridge *bridges, size_t count)
{
    size_t left = OVMF_IO_WINDOWS;
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
    return last_failed ? TAKES_BACK : GIVES_UP;
}

bool ovmf_io_fits(const struct io_bridge *bridges, size_t count)
{
    enum outcome outcome = TAKES_BACK;

    if (ovmf_io_needed(bridges, count) <= OVMF_IO_WINDOWS)
        return true;
    /* From which of several bridges it takes back first is not told here: then only what fits at
     * once is sure. */
    for (size_t i = 1; i < count; i++) {
        if (bridges[i].kept)
            return false;
    }
    for (size_t kept = bridges[0].kept + 1; outcome == TAKES_BACK && kept-- > 0;)
        outcome = give_out(windows_of_root(bridges[0].bars + kept), bridges, count);
    return outcome == ALL;
}
