/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sizes.h - sizes in pixels, to which all that draws keeps */
#ifndef VTOPO_DRAW_SIZES_H
#define VTOPO_DRAW_SIZES_H

#define DRAW_FONT 12
#define DRAW_FONT_SMALL 11 /* LINE_QUIET and links */
#define DRAW_FONT_TITLE 16
#define DRAW_LINE 16 /* from base line to base line */
#define DRAW_LINE_TITLE 22
#define DRAW_BASE 12 /* from the top of a line to its base line */
#define DRAW_PAD_X 9 /* from the edge of a box to its text */
#define DRAW_PAD_Y 5
#define DRAW_MARGIN 16 /* around everything */
#define DRAW_PORT 8    /* a port is a square on the bus of its frame */
#define DRAW_BUS 14    /* from the edge of a frame to the middle of its bus */
#define DRAW_STUB 14   /* from the top of a box to the line that joins it with the bus */

#endif
