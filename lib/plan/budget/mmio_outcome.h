/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_outcome.h - do the 64-bit BARs fit, in every case that can be?
 *
 * Takes:  the cases (guest_space.h) and the tree of BARs (guest_bars.h).
 * Gives:  whether they fit in all cases, in some or in none, and the worst and the best case.
 */
#ifndef VTOPO_PLAN_BUDGET_MMIO_OUTCOME_H
#define VTOPO_PLAN_BUDGET_MMIO_OUTCOME_H

#include "plan/budget/guest_space.h"
#include "plan/budget/mmio_need.h"

struct mmio_judged {
    struct guest_case at;
    struct mmio_verdict verdict;
};

struct mmio_outcome {
    bool known;               /* false: the width of addresses is not known, and nothing else is */
    bool fits_all, fits_some; /* OVMF before 2022.11 does not count, where it is one of several */
    bool old_fits;            /* in OVMF before 2022.11, or that is not one of them */
    struct mmio_judged worst, best;
};

/* False: out of memory. */
bool mmio_outcome_of(const struct facts *facts, bool large, const struct space_change *change,
                     uint64_t low_room, const struct mmio_tree *tree, struct mmio_outcome *ret);
/* Of the window, as far as addresses work; SeaBIOS: of all that is above memory. */
uint64_t mmio_available(const struct mmio_judged *judged);

#endif
