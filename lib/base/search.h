/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * search.h - find a key in a sorted array
 */
#ifndef VTOPO_BASE_SEARCH_H
#define VTOPO_BASE_SEARCH_H

#include <stddef.h>

/*
 * The place of the first of @count items of @size bytes that is not below @key; @count: all are.
 *
 * @compare  as for bsearch(): the key first, and an item second, which may be of another type
 */
size_t search_lower_bound(const void *key, const void *items, size_t count, size_t size,
                          int (*compare)(const void *key, const void *item));

/* The first item that is equal to @key, NULL: there is none.  Unlike bsearch() it takes an empty
 * array that is NULL. */
void *search_find(const void *key, const void *items, size_t count, size_t size,
                  int (*compare)(const void *key, const void *item));

#endif
