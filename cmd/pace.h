/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pace.h - how often vtopod rewrites one VM that others define again and again */
#ifndef VTOPO_CMD_PACE_H
#define VTOPO_CMD_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_FIRST 1000              /* milliseconds behind the first rewrite */
#define PACE_LONGEST (3600 * 1000LL) /* behind any */
#define PACE_QUIET (2 * PACE_LONGEST)

struct pace {
    unsigned count; /* of rewrites in a row */
    int64_t last;   /* when the last one was, in milliseconds of a clock that only goes on */
};

/* When the next one may be. */
int64_t pace_next(const struct pace *pace);
/* There was one. */
void pace_add(struct pace *pace, int64_t now);
/* Has it been quiet for so long that nothing of it counts any more? */
bool pace_is_over(const struct pace *pace, int64_t now);

#endif
