/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * columns.h - two trees side by side, joined at their leaves
 */
#ifndef VTOPO_REPORT_COLUMNS_H
#define VTOPO_REPORT_COLUMNS_H

#include "base/buffer.h"
#include "base/mem.h"

/* One side of a line: a node of the left or the right tree, or nothing. */
struct cell {
    char *text;     /* ASCII; NULL: nothing on this side */
    unsigned depth; /* 0: a root */
};

struct line {
    struct cell left, right;
    bool joined; /* the two sides are one thing: an arrow goes from left to right */
};

struct columns {
    VEC(struct line) lines;
};

/*
 * Prints all lines below the two titles.  A node belongs to the nearest line above with a smaller
 * depth on its side.  An empty line sets every group, which starts with a root on either side,
 * apart.
 */
void columns_print(const struct columns *columns, const char *left_title, const char *right_title,
                   bool colour, struct buffer *out);
void columns_clear(struct columns *columns);

#endif
