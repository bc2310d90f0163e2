/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fate.c - see fate.h */
#include "plan/ground/fate.h"

bool fates_init(const struct facts *facts, const struct assignments *assigned, struct fates *ret)
{
    *ret = (struct fates){
        .items = calloc(assigned->count + 1, sizeof(*ret->items)),
        .count = assigned->count,
        .moves = calloc(facts->base->devices.count + 1, sizeof(*ret->moves)),
    };
    if (!ret->items || !ret->moves) {
        fates_clear(ret);
        return false;
    }
    for (size_t i = 0; i < assigned->count; i++)
        ret->items[i].fate = FATE_STAYS;
    return true;
}

void fate_set(struct fates *fates, const struct assignments *assigned, size_t at,
              enum device_fate fate, enum stay_reason reason)
{
    fates->items[at] = (struct fate){fate, reason};
    fates->moves[assigned->items[at].device] = fate == FATE_MOVED;
}

void fates_clear(struct fates *fates)
{
    free(fates->items);
    free(fates->moves);
    *fates = (struct fates){0};
}
