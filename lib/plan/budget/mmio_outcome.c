/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmio_outcome.c - see mmio_outcome.h */
#include "plan/budget/mmio_outcome.h"

#include <string.h>

#define GIB (UINT64_C(1) << 30)

uint64_t mmio_available(const struct mmio_judged *judged)
{
    const struct mmio_verdict *v = &judged->verdict;
    uint64_t reach = judged->at.reach, start = v->base, room;

    if (judged->at.firmware >= MMIO_SEABIOS_FIRST)
        start = (mmio_memory_end(&judged->at.space) + GIB - 1) / GIB * GIB;
    room = reach > start ? reach - start : 0;
    return judged->at.firmware >= MMIO_SEABIOS_FIRST || room < v->size ? room : v->size;
}

/* What is left over; less than nothing where it does not fit. */
static bool is_worse(const struct mmio_judged *a, const struct mmio_judged *b)
{
    uint64_t left_a, left_b;

    if (a->verdict.fits != b->verdict.fits)
        return b->verdict.fits;
    left_a = mmio_available(a) - a->verdict.need;
    left_b = mmio_available(b) - b->verdict.need;
    return (int64_t)left_a < (int64_t)left_b;
}

/* Do both come to the same verdict whatever the tree is? */
static bool is_same(const struct guest_case *a, const struct guest_case *b)
{
    const struct mmio_space *x = &a->space, *y = &b->space;
    struct mmio_window v = mmio_window_of(a->firmware, x), w = mmio_window_of(b->firmware, y);

    return (a->firmware == b->firmware ||
            (a->firmware > OVMF_OLD && b->firmware > OVMF_OLD && a->firmware < MMIO_SEABIOS_FIRST &&
             b->firmware < MMIO_SEABIOS_FIRST)) &&
           a->reach == b->reach && v.base == w.base && v.size == w.size && v.top == w.top &&
           v.pads == w.pads && x->ram_end == y->ram_end && x->hotplug_end == y->hotplug_end &&
           x->amd_hole == y->amd_hole;
}

static void take(struct mmio_outcome *outcome, const struct mmio_judged *judged, bool first)
{
    bool fits = judged->verdict.fits;

    outcome->fits_all = (first || outcome->fits_all) && fits;
    outcome->fits_some = (!first && outcome->fits_some) || fits;
    if (first || is_worse(judged, &outcome->worst))
        outcome->worst = *judged;
    if (first || is_worse(&outcome->best, judged))
        outcome->best = *judged;
}

bool mmio_outcome_of(const struct facts *facts, bool large, const struct space_change *change,
                     uint64_t low_room, const struct mmio_tree *tree, struct mmio_outcome *ret)
{
    struct guest_case cases[GUEST_CASES];
    size_t count = guest_cases(facts, large, change, cases);
    bool first = true;

    *ret = (struct mmio_outcome){.known = count, .old_fits = true};
    for (size_t i = 0; i < count; i++) {
        struct mmio_judged judged = {.at = cases[i]};
        bool seen = false;

        for (size_t j = 0; !seen && j < i; j++)
            seen = is_same(&cases[i], &cases[j]);
        if (seen)
            continue;
        judged.at.space.low_room = low_room;
        if (!mmio_judge(judged.at.firmware, &judged.at.space, judged.at.reach, tree,
                        &judged.verdict))
            return false;
        if (judged.at.firmware == OVMF_OLD && cases[count - 1].firmware != OVMF_OLD) {
            ret->old_fits = ret->old_fits && judged.verdict.fits;
            continue;
        }
        take(ret, &judged, first);
        first = false;
    }
    return true;
}
