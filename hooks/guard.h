/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard.h - is a start to be stopped that vtopo would make otherwise? */
#ifndef VTOPO_HOOKS_GUARD_H
#define VTOPO_HOOKS_GUARD_H

#include <stdbool.h>
#include <vtopo/domain.h>

/* A domain whose policy on_start is not "warn". */
struct guarded {
    const char *name; /* as libvirt calls it */
    const char *uuid;
    const struct vtopo_domain *domain; /* what starts */
    bool repair;                       /* "repair", else "refuse" */
    bool trial;                        /* nothing starts: leave no trace */
};

/* It is restored, or comes from another host: its next start passes.  false: that cannot be noted.
 */
bool guard_note_arrival(const struct guarded *start);

/*
 * To be asked at each start, once.
 *
 * @differs  vtopo would make it otherwise; without that it passes
 * Returns NULL: it is to be stopped; else a few words why not.
 */
const char *guard_decide(const struct guarded *start, bool differs);

#endif
