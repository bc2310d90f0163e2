/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nearest.h - which known word was meant? */
#ifndef VTOPO_BASE_NEAREST_H
#define VTOPO_BASE_NEAREST_H

#include <stddef.h>

/*
 * Of @count words the one that @word becomes with the fewest letters changed, put in or left out;
 * of several the first.  NULL: there is none, or @word is so long that it is no typing mistake.
 */
const char *nearest_word(const char *word, const char *const *words, size_t count);

#endif
