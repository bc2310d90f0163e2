/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * columns.c - see columns.h
 *
 * Rule:   texts are ASCII, so bytes are columns; only the branches are not.
 */
#include "report/columns.h"

#include "report/style.h"

#include <string.h>

#define LEVEL_WIDTH 3   /* columns that a level of a tree takes */
#define BETWEEN_WIDTH 5 /* columns between the trees, at least: " --> " */

enum side { LEFT, RIGHT };

static const struct cell *cell_at(const struct columns *columns, size_t line, enum side side)
{
    const struct line *at = &columns->lines.items[line];

    return side == LEFT ? &at->left : &at->right;
}

/* Does a tree go on below @line with a node of @depth before one that is higher up? */
static bool goes_on(const struct columns *columns, size_t line, enum side side, unsigned depth)
{
    while (++line < columns->lines.count) {
        const struct cell *cell = cell_at(columns, line, side);

        if (cell->text && cell->depth <= depth)
            return cell->depth == depth;
    }
    return false;
}

static unsigned deepest(const struct columns *columns, enum side side)
{
    unsigned depth = 0;

    for (size_t i = 0; i < columns->lines.count; i++) {
        const struct cell *cell = cell_at(columns, i, side);

        if (cell->text && cell->depth > depth)
            depth = cell->depth;
    }
    return depth;
}

/* What goes through from above @depth to below; gives the columns used. */
static size_t print_trunks(const struct columns *columns, size_t line, enum side side,
                           unsigned depth, struct buffer *out)
{
    for (unsigned level = 1; level < depth; level++)
        buffer_add(out, goes_on(columns, line, side, level) ? "│  " : "   ");
    return depth ? (depth - 1) * LEVEL_WIDTH : 0;
}

/* One side of a line; gives the columns used. */
static size_t print_cell(const struct columns *columns, size_t line, enum side side, bool colour,
                         struct buffer *out)
{
    const struct cell *cell = cell_at(columns, line, side);
    size_t used;

    if (!cell->text)
        return print_trunks(columns, line, side, deepest(columns, side) + 1, out);
    used = print_trunks(columns, line, side, cell->depth, out);
    if (cell->depth) {
        buffer_add(out, goes_on(columns, line, side, cell->depth) ? "├─ " : "└─ ");
        used += LEVEL_WIDTH;
    }
    style_add(out, cell->text, cell->depth ? STYLE_PLAIN : STYLE_HEADING, colour);
    return used + strlen(cell->text);
}

static void end_line(struct buffer *out)
{
    while (out->length && out->text[out->length - 1] == ' ')
        out->length--;
    buffer_add(out, "\n");
}

/* From the end of the left side to the start of the right side. */
static void print_between(size_t gap, bool joined, bool colour, struct buffer *out)
{
    if (!joined) {
        buffer_add_times(out, " ", gap);
        return;
    }
    buffer_add(out, " ");
    style_start(out, STYLE_DIM, colour);
    buffer_add_times(out, "─", gap - 3);
    buffer_add(out, ">");
    style_end(out, STYLE_DIM, colour);
    buffer_add(out, " ");
}

static bool starts_group(const struct line *line)
{
    return (line->left.text && !line->left.depth) || (line->right.text && !line->right.depth);
}

/* Empty but for the trunks of a side that goes on in the next group. */
static void print_empty(const struct columns *columns, size_t above, size_t width,
                        struct buffer *out)
{
    size_t used = print_trunks(columns, above, LEFT, deepest(columns, LEFT) + 1, out);

    print_between(width - used, false, false, out);
    print_trunks(columns, above, RIGHT, deepest(columns, RIGHT) + 1, out);
    end_line(out);
}

static void print_line(const struct columns *columns, size_t at, size_t width, bool colour,
                       struct buffer *out)
{
    const struct line *line = &columns->lines.items[at];
    size_t used;

    if (at && starts_group(line))
        print_empty(columns, at - 1, width, out);
    used = print_cell(columns, at, LEFT, colour, out);
    print_between(width - used, line->joined, colour, out);
    print_cell(columns, at, RIGHT, colour, out);
    end_line(out);
}

/* Where the right side starts. */
static size_t left_width(const struct columns *columns, const char *title)
{
    size_t width = strlen(title);

    for (size_t i = 0; i < columns->lines.count; i++) {
        const struct cell *cell = &columns->lines.items[i].left;
        size_t wanted = cell->text ? cell->depth * LEVEL_WIDTH + strlen(cell->text) : 0;

        if (wanted > width)
            width = wanted;
    }
    if (width < deepest(columns, LEFT) * LEVEL_WIDTH)
        width = deepest(columns, LEFT) * LEVEL_WIDTH;
    return width + BETWEEN_WIDTH;
}

void columns_print(const struct columns *columns, const char *left_title, const char *right_title,
                   bool colour, struct buffer *out)
{
    size_t width = left_width(columns, left_title);

    style_add(out, left_title, STYLE_DIM, colour);
    buffer_add_times(out, " ", width - strlen(left_title));
    style_add(out, right_title, STYLE_DIM, colour);
    buffer_add(out, "\n");
    for (size_t i = 0; i < columns->lines.count; i++)
        print_line(columns, i, width, colour, out);
}

void columns_clear(struct columns *columns)
{
    for (size_t i = 0; i < columns->lines.count; i++) {
        free(columns->lines.items[i].left.text);
        free(columns->lines.items[i].right.text);
    }
    free(columns->lines.items);
    *columns = (struct columns){0};
}
