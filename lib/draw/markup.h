/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup.h - text in SVG and HTML */
#ifndef VTOPO_DRAW_MARKUP_H
#define VTOPO_DRAW_MARKUP_H

#include "base/buffer.h"

/*
 * Adds a text, as content or as the value of an attribute in double quotes.  Names are others'
 * text: nothing in it is markup, and what utf8_is_control() names, and what is not UTF-8, or no
 * character of XML, becomes "?".
 */
void markup_add(struct buffer *out, const char *text);

#endif
