/* SPDX-License-Identifier: GPL-2.0-or-later */
/* search.c - see search.h */
#include "base/search.h"

static const void *item_at(const void *items, size_t at, size_t size)
{
    return (const char *)items + at * size;
}

size_t search_lower_bound(const void *key, const void *items, size_t count, size_t size,
                          int (*compare)(const void *key, const void *item))
{
    size_t low = 0;

    while (low < count) {
        size_t middle = low + (count - low) / 2;

        if (compare(key, item_at(items, middle, size)) > 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

void *search_find(const void *key, const void *items, size_t count, size_t size,
                  int (*compare)(const void *key, const void *item))
{
    size_t at = search_lower_bound(key, items, count, size, compare);

    if (at == count || compare(key, item_at(items, at, size)))
        return NULL;
    return (void *)item_at(items, at, size);
}
