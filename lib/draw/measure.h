/* SPDX-License-Identifier: GPL-2.0-or-later */
/* measure.h - how large the boxes of a scene are by themselves */
#ifndef VTOPO_DRAW_MEASURE_H
#define VTOPO_DRAW_MEASURE_H

#include "draw/scene.h"

#define MEASURE_GAP 8     /* between boxes */
#define MEASURE_COLUMN 12 /* between columns */

struct size {
    int width, height;
    int gutter;        /* FLOW_STACK: from the edge to the boxes in it, where the bus is */
    int column_height; /* FLOW_COLUMNS: a column ends where the next box would go beyond that */
    int columns;
};

/* One for each box; free with free(); NULL: out of memory. */
struct size *measure_boxes(const struct scene *scene);

/* From the top of a box to the first box in it. */
int measure_top(const struct box *box);
/* From the first line of its text to the top of another. */
int measure_line(const struct box *box, size_t line);
/* From the last box in it to its bottom; from its left and right edge to boxes without a bus. */
int measure_pad(const struct box *box);

#endif
