/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * svg.h - the few elements of SVG that pictures here are made of
 *
 * Numbers are whole pixels, so that there is one way to write them.  How things look is said by
 * classes (svg_style()), in light and in dark and on paper.
 */
#ifndef VTOPO_DRAW_SVG_H
#define VTOPO_DRAW_SVG_H

#include "base/buffer.h"

/* The style sheet of all classes, without an element around it. */
void svg_style(struct buffer *out);

/*
 * Start and end of a picture.
 *
 * @alone  a document of its own, with the style sheet in it; else an element of an HTML document
 *         that has it
 */
void svg_open(struct buffer *out, int width, int height, const char *title, bool alone);
void svg_close(struct buffer *out);

/* @title: shown where the mouse is, and read out; NULL: none. */
void svg_open_group(struct buffer *out, const char *class, const char *title);
void svg_close_group(struct buffer *out);

void svg_rect(struct buffer *out, const char *class, int x, int y, int width, int height,
              int radius);
void svg_line(struct buffer *out, const char *class, int x1, int y1, int x2, int y2);
/* From left to right, level at both ends. */
void svg_curve(struct buffer *out, const char *class, int x1, int y1, int x2, int y2);
/* The tip of an arrow to the right. */
void svg_arrow_head(struct buffer *out, const char *class, int x, int y);
/* @y: of the base line. */
void svg_text(struct buffer *out, const char *class, int x, int y, const char *text);

#endif
