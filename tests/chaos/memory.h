/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h - an allocator that fails when it is told to, and counts
 *
 * It takes the place of malloc() and its family for the whole process: the program's own calls,
 * those of libxml2 and jansson, and those inside of libc (vasprintf(), opendir()...).  In a build
 * with AddressSanitizer it hands on to that one's.  One thread only.
 */
#ifndef VTOPO_TESTS_MEMORY_H
#define VTOPO_TESTS_MEMORY_H

#include <stddef.h>

/* What memory_start() to memory_stop() saw. */
struct memory_count {
    size_t allocations; /* that were tried, the failed one included */
    long kept;          /* allocated and not freed */
};

/* From here on count; allocation number @fail (from 1) fails, or the next one that is not spared;
 * 0: none. */
void memory_start(size_t fail);
struct memory_count memory_stop(void);

/*
 * As memory_start(0), and keeps which allocations come from where: ret_places[n - 1] is a hash of
 * the calls that led to allocation number n, of at most @size ones; MEMORY_SPARED: it must not
 * fail.
 */
#define MEMORY_SPARED 0
void memory_record(size_t *ret_places, size_t size);

#endif
