/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failing_alloc.h - make one allocation of a call fail
 *
 * Takes:  the number of the allocation, from 1 on; 0 makes none fail.
 * Gives:  how many allocations there were.
 * Rule:   for suites that are linked with --wrap (tests/CMakeLists.txt), which reaches what is
 *         linked in statically: the library's own allocations, not those of libxml2 or jansson.
 */
#ifndef VTOPO_TESTS_FAILING_ALLOC_H
#define VTOPO_TESTS_FAILING_ALLOC_H

#include <stddef.h>

/* From now on allocations are counted, and the one of this number fails. */
void failing_alloc_start(size_t number);
/* Returns how many there were. */
size_t failing_alloc_stop(void);

/* For json_set_alloc_funcs(): jansson's allocations count, or do not. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

#endif
