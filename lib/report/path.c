/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.c - see path.h */
#include "report/path.h"

bool path_add(struct path *path, size_t item)
{
    size_t *place = vec_add(path);

    if (place)
        *place = item;
    return place;
}

void path_reverse(struct path *path)
{
    for (size_t i = 0; i < path->count / 2; i++) {
        size_t item = path->items[i];

        path->items[i] = path->items[path->count - 1 - i];
        path->items[path->count - 1 - i] = item;
    }
}

size_t path_common(const struct path *a, const struct path *b)
{
    size_t same = 0;

    while (same < a->count && same < b->count && a->items[same] == b->items[same])
        same++;
    return same;
}
