/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff.h - what differs between two texts, as patch(1) takes it
 */
#ifndef VTOPO_BASE_DIFF_H
#define VTOPO_BASE_DIFF_H

#include "vtopo/error.h"

#include <stddef.h>

/*
 * A unified diff with three lines of context.
 *
 * Lines end with a line feed; a carriage return before it is a part of the line.  Of texts that
 * differ in thousands of lines the diff is still right, but not the shortest.
 *
 * @a, @b            the texts, before and after; without NULs, need not end with one
 * @name_a, @name_b  what to call them in the first two lines
 * @ret_text         "" if there is no difference; NUL-terminated; free with free()
 *
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int diff_texts(const char *a, size_t a_length, const char *b, size_t b_length, const char *name_a,
               const char *name_b, char **ret_text, struct vtopo_error **reterr);

#endif
