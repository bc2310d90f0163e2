/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure.c - see measure.h
 *
 * Takes:  boxes with their texts.
 * Gives:  a size for each, of which none is smaller than what is in it.
 * Rule:   from the innermost outwards; boxes in columns get as many columns as make the frame most
 *         like a screen.
 * Not here: where they are (arrange.c).
 */
#include "draw/measure.h"

#include "draw/sizes.h"
#include "draw/text_size.h"

#include <string.h>

/* A picture is best when it is like a screen, a frame in it when it is like a page: these to 10. */
#define SHAPE_PICTURE 16
#define SHAPE_FRAME 7
#define COLUMNS_MAX 12
#define PAD_FRAME 9
#define PARAGRAPH 4     /* above a heading that is not the first line */
#define GUTTER_EMPTY 12 /* from the port to the box, where no link is written */

static int font_of(enum line_style style)
{
    return style == LINE_QUIET ? DRAW_FONT_SMALL : DRAW_FONT;
}

static int text_width_of(const struct box *box)
{
    int widest = 0;

    for (size_t i = 0; i < box->lines.count; i++) {
        int width = text_width(box->lines.items[i].text, font_of(box->lines.items[i].style));

        widest = width > widest ? width : widest;
    }
    return widest;
}

static bool starts_paragraph(const struct box_line *line)
{
    return line->style == LINE_HEADING && !line->goes_on;
}

int measure_line(const struct box *box, size_t line)
{
    int y = (int)line * DRAW_LINE;

    for (size_t i = 1; i <= line && i < box->lines.count; i++)
        y += starts_paragraph(&box->lines.items[i]) ? PARAGRAPH : 0;
    return y;
}

static int text_height_of(const struct box *box)
{
    return measure_line(box, box->lines.count);
}

int measure_pad(const struct box *box)
{
    return box->style == BOX_PANEL ? 0 : PAD_FRAME;
}

int measure_top(const struct box *box)
{
    return (box->style == BOX_PANEL ? 0 : DRAW_PAD_Y) + text_height_of(box) +
           (box->lines.count ? MEASURE_GAP / 2 : measure_pad(box));
}

static struct size measure_leaf(const struct box *box)
{
    return (struct size){
        .width = text_width_of(box) + 2 * DRAW_PAD_X,
        .height = text_height_of(box) + 2 * DRAW_PAD_Y,
    };
}

/* Wide enough for the longest link. */
static int gutter_of(const struct scene *scene, const struct box *box)
{
    int widest = GUTTER_EMPTY;

    for (size_t i = box->first_child; i != BOX_NONE; i = scene->boxes.items[i].next) {
        const char *link = scene->boxes.items[i].link;
        int width = link ? text_width(link, DRAW_FONT_SMALL) + MEASURE_GAP : 0;

        widest = width > widest ? width : widest;
    }
    return DRAW_BUS + DRAW_PORT / 2 + widest;
}

static struct size measure_stack(const struct scene *scene, const struct size *sizes,
                                 const struct box *box)
{
    struct size size = {.width = text_width_of(box) + 2 * DRAW_PAD_X,
                        .gutter = box_has_bus(box) ? gutter_of(scene, box) : measure_pad(box)};

    size.height = measure_top(box) + measure_pad(box) - MEASURE_GAP;
    for (size_t i = box->first_child; i != BOX_NONE; i = scene->boxes.items[i].next) {
        int width = size.gutter + sizes[i].width + measure_pad(box);

        size.width = width > size.width ? width : size.width;
        size.height += sizes[i].height + MEASURE_GAP;
    }
    return size;
}

/* --- columns --- */

/* What the boxes take in columns that are at most so high. */
static struct size fill_columns(const struct scene *scene, const struct size *sizes, size_t first,
                                int height)
{
    struct size all = {.column_height = height, .columns = 1};
    int width = 0, y = 0;

    for (size_t i = first; i != BOX_NONE; i = scene->boxes.items[i].next) {
        if (y && y + sizes[i].height > height) {
            all.width += width + MEASURE_COLUMN;
            all.columns++;
            width = y = 0;
        }
        y += sizes[i].height;
        all.height = y > all.height ? y : all.height;
        y += MEASURE_COLUMN;
        width = sizes[i].width > width ? sizes[i].width : width;
    }
    all.width += width;
    return all;
}

/* The lowest that need no more than so many columns. */
static struct size fit_columns(const struct scene *scene, const struct size *sizes, size_t first,
                               int columns)
{
    int low = 0, high = 0;

    for (size_t i = first; i != BOX_NONE; i = scene->boxes.items[i].next)
        high += sizes[i].height + MEASURE_COLUMN;
    while (low < high) {
        int middle = low + (high - low) / 2;

        if (fill_columns(scene, sizes, first, middle).columns <= columns)
            high = middle;
        else
            low = middle + 1;
    }
    return fill_columns(scene, sizes, first, low);
}

/* The less, the better. */
static int shape_of(const struct box *box, const struct size *size)
{
    int width = size->width * 10;
    int height = size->height * (box->style == BOX_PANEL ? SHAPE_PICTURE : SHAPE_FRAME);

    return width > height ? width : height;
}

static struct size measure_columns(const struct scene *scene, const struct size *sizes,
                                   const struct box *box)
{
    struct size best = fit_columns(scene, sizes, box->first_child, 1);
    int text = text_width_of(box) + 2 * DRAW_PAD_X;

    for (int columns = 2; columns <= COLUMNS_MAX; columns++) {
        struct size size = fit_columns(scene, sizes, box->first_child, columns);

        if (shape_of(box, &size) < shape_of(box, &best))
            best = size;
    }
    best.width += 2 * measure_pad(box);
    best.width = text > best.width ? text : best.width;
    best.height += measure_top(box) + measure_pad(box);
    return best;
}

/* Children come behind their parents: so backwards. */
struct size *measure_boxes(const struct scene *scene)
{
    struct size *sizes = calloc(scene->boxes.count + 1, sizeof(*sizes));

    for (size_t i = scene->boxes.count; sizes && i-- > 0;) {
        const struct box *box = &scene->boxes.items[i];

        if (box->first_child == BOX_NONE)
            sizes[i] = measure_leaf(box);
        else if (box->flow == FLOW_STACK)
            sizes[i] = measure_stack(scene, sizes, box);
        else
            sizes[i] = measure_columns(scene, sizes, box);
    }
    return sizes;
}
