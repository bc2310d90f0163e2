/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paths.h - a list of paths */
#ifndef VTOPO_FIRMWARE_PATHS_H
#define VTOPO_FIRMWARE_PATHS_H

#include <stdbool.h>
#include <stddef.h>

struct paths {
    char **items;
    size_t count, cap;
};

/* The first @length characters of the text; false: out of memory. */
bool paths_add(struct paths *paths, const char *text, size_t length);
void paths_clear(struct paths *paths);

#endif
