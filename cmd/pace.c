/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pace.c - see pace.h
 *
 * Takes:  the times of a VM's rewrites.
 * Gives:  the time before which there is no other one.
 * Rule:   whoever defines a VM once a minute, each time a little otherwise, gets no rewrite a
 *         minute: each one in a row has to wait twice as long as the one before, up to an hour.
 *         The first ones wait for seconds, which an admin at work does not notice.  They are in a
 *         row until there was none for PACE_QUIET, which is longer than any wait.
 * Not here: that no definition is rewritten twice (state/spool.c).
 */
#include "pace.h"

static int64_t wait_of(const struct pace *pace)
{
    int64_t wait = PACE_FIRST;

    for (unsigned i = 1; i < pace->count && wait < PACE_LONGEST; i++)
        wait *= 2;
    return !pace->count ? 0 : wait < PACE_LONGEST ? wait : PACE_LONGEST;
}

int64_t pace_next(const struct pace *pace)
{
    return pace->last + wait_of(pace);
}

bool pace_is_over(const struct pace *pace, int64_t now)
{
    return !pace->count || now - pace->last > PACE_QUIET;
}

void pace_add(struct pace *pace, int64_t now)
{
    pace->count = pace_is_over(pace, now) ? 1 : pace->count + 1;
    pace->last = now;
}
