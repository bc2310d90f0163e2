/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fate.h - whether each assigned device moves, and if not why (devices/who_moves.c decides) */
#ifndef VTOPO_PLAN_GROUND_FATE_H
#define VTOPO_PLAN_GROUND_FATE_H

#include "plan/ground/assignment.h"

enum device_fate {
    FATE_MOVED, /* its place is below plan.controllers */
    FATE_STAYS, /* left where it is; a finding says why */
    FATE_UNASSIGNED,
};

/* Why a device stays, as far as it itself is the reason (FATE_STAYS). */
enum stay_reason {
    STAY_PLACED,       /* somebody put it below an expander, a switch or a bridge */
    STAY_KEPT,         /* policy keep */
    STAY_GRAPHICS,     /* integrated graphics at 00:02.0 */
    STAY_HOST_ADDRESS, /* a GPU at its host address, in a domain with an ACPI table of its own */
    STAY_OTHER,        /* a finding of its own says why, or there is nothing to say */
};

struct fate {
    enum device_fate fate;
    enum stay_reason reason;
};

struct fates {
    struct fate *items; /* one for each assignment */
    size_t count;
    bool *moves; /* for each device of the domain */
};

/* All stay, for now; false: out of memory. */
bool fates_init(const struct facts *facts, const struct assignments *assigned, struct fates *ret);
/* The only way to change a fate. */
void fate_set(struct fates *fates, const struct assignments *assigned, size_t at,
              enum device_fate fate, enum stay_reason reason);
void fates_clear(struct fates *fates);

#endif
