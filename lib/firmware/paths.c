/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paths.c - see paths.h */
#include "firmware/paths.h"

#include "base/mem.h"

#include <string.h>

bool paths_add(struct paths *paths, const char *text, size_t length)
{
    char **path = vec_add(paths);

    if (path)
        *path = strndup(text, length);
    return path && *path;
}

void paths_clear(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
    *paths = (struct paths){0};
}
