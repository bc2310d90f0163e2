/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arrange.h - where the boxes of a scene are, and how large
 */
#ifndef VTOPO_DRAW_DRAW_H
#define VTOPO_DRAW_DRAW_H

#include "draw/scene.h"
#include "draw/sizes.h"

struct box_place {
    int x, y, width, height;
    bool mirrored; /* the bus is on the right, and lines of boxes come from there */
};

struct arrangement {
    struct box_place *places;           /* of each box */
    int width, height;                  /* of all */
    int title_y, notes_y;               /* tops */
    size_t title_columns, note_columns; /* they are to be broken at that */
    bool aligned;                       /* boxes that are joined are at one height */
};

/* False: out of memory. */
bool arrange_boxes(const struct scene *scene, struct arrangement *ret);
void arrangement_clear(struct arrangement *arrangement);

#endif
