/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line_match.h - which lines two texts have in common, in their order
 */
#ifndef VTOPO_BASE_LINE_MATCH_H
#define VTOPO_BASE_LINE_MATCH_H

#include <stdbool.h>
#include <stddef.h>

struct text_line {
    const char *text;
    size_t length;
};

struct text_lines {
    const struct text_line *items;
    size_t count;
    char *changed; /* per line, all 0 before: 1: it has no counterpart in the other text */
};

/* Sets changed of both: the lines that are left are the same ones.  False: out of memory. */
bool line_match(const struct text_lines *a, const struct text_lines *b);

#endif
