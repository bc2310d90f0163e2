/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kinds.h - which of many things are of one kind
 *
 * Takes:  a key of each thing.
 * Gives:  for each the first of its kind, and the next one.
 * Rule:   they are sorted once, so that the work is n log n, however many kinds there are.
 */
#ifndef VTOPO_BASE_KINDS_H
#define VTOPO_BASE_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KINDS_NONE ((size_t)-1)

/* Of one kind are those whose number and text are equal. */
struct kinds_key {
    bool left_out; /* of no kind, not even its own */
    uint64_t number;
    const char *text; /* NULL is as "" */
};

struct kinds {
    size_t *first; /* of each thing: the first of its kind, perhaps itself; KINDS_NONE: left out, */
    size_t *next;  /* and the next one; KINDS_NONE: it is the last */
};

/* @ret: free with kinds_clear(), also after a failure.  False: out of memory. */
bool kinds_make(const struct kinds_key *keys, size_t count, struct kinds *ret);
void kinds_clear(struct kinds *kinds);

#endif
