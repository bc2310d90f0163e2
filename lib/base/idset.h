/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * idset.h - a set of small numbers: CPUs, NUMA nodes
 */
#ifndef VTOPO_BASE_IDSET_H
#define VTOPO_BASE_IDSET_H

#include <stdbool.h>
#include <stddef.h>

/* Highest number in a set, plus one. Linux knows at most 8192 CPUs (CONFIG_NR_CPUS). */
#define IDSET_LIMIT 16384

struct idset {
    unsigned long *words; /* NULL: empty */
    size_t count;         /* words */
};

void idset_free(struct idset *set);
bool idset_add(struct idset *set, size_t id);    /* false: out of memory or above the limit */
void idset_remove(struct idset *set, size_t id); /* that it is not there is fine */
bool idset_has(const struct idset *set, size_t id);
bool idset_empty(const struct idset *set);
size_t idset_size(const struct idset *set);
/* How many numbers are in both. */
size_t idset_common(const struct idset *a, const struct idset *b);
/* Adds all that are in @other; false: out of memory. */
bool idset_add_all(struct idset *set, const struct idset *other);
/* Leaves only what is in @other, too, and what is not. */
void idset_keep(struct idset *set, const struct idset *other);
void idset_remove_all(struct idset *set, const struct idset *other);
bool idset_copy(const struct idset *set, struct idset *ret_set);
/* The lowest number >= @from, or IDSET_LIMIT. for (i = idset_next(s, 0); i < IDSET_LIMIT; i =
 * idset_next(s, i + 1)) */
size_t idset_next(const struct idset *set, size_t from);

enum idset_result { IDSET_OK = 0, IDSET_MALFORMED, IDSET_NOMEM };
/*
 * Reads "0-3,8,^2" as the kernel's list format and libvirt's cpuset do; blanks around numbers and
 * an empty text are allowed, "^" takes a number out again.  On failure @ret_set is left empty.
 */
enum idset_result idset_parse(const char *text, struct idset *ret_set);
/* "0-3,8"; "" for the empty set. NULL: out of memory. */
char *idset_format(const struct idset *set);

#endif
