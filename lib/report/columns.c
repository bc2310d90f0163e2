/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * columns.c - see columns.h
 *
 * Rule:   texts are ASCII, so bytes are columns; only the branches are not.
 */
#include "report/columns.h"

#include "report/branch.h"
#include "report/style.h"

#include <string.h>

#define BETWEEN_WIDTH 5 /* columns between the trees, at least: " --> " */

enum side { LEFT, RIGHT };

/* One side as it is printed: which trunks go on. */
struct trunks {
    size_t levels; /* of the deepest node, and one more */
    bool *go_on;   /* per line and level: behind the line there is a node of that level before one
                      that is higher up */
};

struct printer {
    const struct columns *columns;
    struct trunks trunks[2];
    size_t width; /* where the right side starts */
    bool colour;
    struct buffer *out;
};

static const struct cell *cell_at(const struct columns *columns, size_t line, enum side side)
{
    const struct line *at = &columns->lines.items[line];

    return side == LEFT ? &at->left : &at->right;
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

/* From the last line up: a node ends the trunks below its level, and goes on with that of its own.
 */
static bool find_trunks(const struct columns *columns, enum side side, struct trunks *ret)
{
    size_t levels = deepest(columns, side) + 2;

    ret->levels = levels;
    ret->go_on = calloc(columns->lines.count + 1, levels * sizeof(*ret->go_on));
    if (!ret->go_on)
        return false;
    for (size_t i = columns->lines.count; i-- > 1;) {
        const struct cell *cell = cell_at(columns, i, side);
        const bool *behind = &ret->go_on[i * levels];
        bool *here = &ret->go_on[(i - 1) * levels];

        for (size_t level = 0; level < levels; level++)
            here[level] = cell->text && level >= cell->depth ? level == cell->depth : behind[level];
    }
    return true;
}

static bool goes_on(const struct printer *p, size_t line, enum side side, size_t level)
{
    return p->trunks[side].go_on[line * p->trunks[side].levels + level];
}

/* What goes through from above @depth to below; gives the columns used. */
static size_t print_trunks(const struct printer *p, size_t line, enum side side, size_t depth)
{
    for (size_t level = 1; level < depth; level++)
        buffer_add(p->out, goes_on(p, line, side, level) ? BRANCH_THROUGH : BRANCH_NONE);
    return depth ? (depth - 1) * BRANCH_WIDTH : 0;
}

/* One side of a line; gives the columns used. */
static size_t print_cell(const struct printer *p, size_t line, enum side side)
{
    const struct cell *cell = cell_at(p->columns, line, side);
    size_t used;

    if (!cell->text)
        return print_trunks(p, line, side, p->trunks[side].levels - 1);
    used = print_trunks(p, line, side, cell->depth);
    if (cell->depth) {
        buffer_add(p->out, goes_on(p, line, side, cell->depth) ? BRANCH_NEXT : BRANCH_LAST);
        used += BRANCH_WIDTH;
    }
    style_add(p->out, cell->text, cell->depth ? STYLE_PLAIN : STYLE_HEADING, p->colour);
    return used + strlen(cell->text);
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
static void print_empty(const struct printer *p, size_t above)
{
    size_t used = print_trunks(p, above, LEFT, p->trunks[LEFT].levels - 1);

    print_between(p->width - used, false, false, p->out);
    print_trunks(p, above, RIGHT, p->trunks[RIGHT].levels - 1);
    buffer_end_line(p->out);
}

static void print_line(const struct printer *p, size_t at)
{
    const struct line *line = &p->columns->lines.items[at];
    size_t used;

    if (at && starts_group(line))
        print_empty(p, at - 1);
    used = print_cell(p, at, LEFT);
    print_between(p->width - used, line->joined, p->colour, p->out);
    print_cell(p, at, RIGHT);
    buffer_end_line(p->out);
}

/* Where the right side starts. */
static size_t left_width(const struct columns *columns, const char *title)
{
    size_t width = strlen(title), depth = deepest(columns, LEFT);

    for (size_t i = 0; i < columns->lines.count; i++) {
        const struct cell *cell = &columns->lines.items[i].left;
        size_t wanted = cell->text ? cell->depth * BRANCH_WIDTH + strlen(cell->text) : 0;

        if (wanted > width)
            width = wanted;
    }
    return (width < depth * BRANCH_WIDTH ? depth * BRANCH_WIDTH : width) + BETWEEN_WIDTH;
}

void columns_print(const struct columns *columns, const char *left_title, const char *right_title,
                   bool colour, struct buffer *out)
{
    struct printer p = {
        .columns = columns, .width = left_width(columns, left_title), .colour = colour, .out = out};
    bool done = find_trunks(columns, LEFT, &p.trunks[LEFT]) &&
                find_trunks(columns, RIGHT, &p.trunks[RIGHT]);

    out->failed |= !done;
    style_add(out, left_title, STYLE_DIM, colour);
    buffer_add_times(out, " ", p.width - strlen(left_title));
    style_add(out, right_title, STYLE_DIM, colour);
    buffer_add(out, "\n");
    for (size_t i = 0; done && i < columns->lines.count; i++)
        print_line(&p, i);
    free(p.trunks[LEFT].go_on);
    free(p.trunks[RIGHT].go_on);
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
