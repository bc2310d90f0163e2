/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wrap.h - text for people in lines that fit
 */
#ifndef VTOPO_BASE_WRAP_H
#define VTOPO_BASE_WRAP_H

#include "base/buffer.h"

#define WRAP_WIDTH 100

/*
 * Adds @length bytes of text, broken at blanks so that lines are at most @width columns, and a line
 * feed.  A word that is longer has a line of its own.
 * @first  blanks before the first line
 * @indent blanks before the others
 */
void wrap_add_width(struct buffer *out, const char *text, size_t length, size_t first,
                    size_t indent, size_t width);
/* The same with WRAP_WIDTH. */
void wrap_add(struct buffer *out, const char *text, size_t length, size_t first, size_t indent);

#endif
