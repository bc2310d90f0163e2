/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.h - what is above something in a tree, from the root down, as numbers of its user's */
#ifndef VTOPO_REPORT_PATH_H
#define VTOPO_REPORT_PATH_H

#include "base/mem.h"

struct path {
    size_t *items;
    size_t count, cap;
};

/* False: out of memory. */
bool path_add(struct path *path, size_t item);
void path_reverse(struct path *path);
/* How many two paths have in common, from the root down. */
size_t path_common(const struct path *a, const struct path *b);

#endif
