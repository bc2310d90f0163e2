/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owners.c - see owners.h */
#include "model/owners.h"

#include "base/search.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct owner *a = left, *b = right;
    int order = strcmp(a->device, b->device);

    return order ? order : strcmp(a->name, b->name);
}

void owners_sort(struct owners *owners)
{
    if (owners->count)
        qsort(owners->items, owners->count, sizeof(*owners->items), compare);
}

static int compare_device(const void *key, const void *item)
{
    return strcmp(key, ((const struct owner *)item)->device);
}

const struct owner *owners_find(const struct owners *owners, const char *device, size_t *ret_count)
{
    size_t first = search_lower_bound(device, owners->items, owners->count, sizeof(*owners->items),
                                      compare_device);
    size_t end = first;

    while (end < owners->count && !strcmp(owners->items[end].device, device))
        end++;
    *ret_count = end - first;
    return owners->items + first;
}

bool owners_run(const struct owner *first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (first[i].now)
            return true;
    }
    return false;
}
