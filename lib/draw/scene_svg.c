/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene_svg.c - see scene_svg.h
 *
 * Takes:  a scene.
 * Gives:  its boxes as rectangles with text, the bus of each frame with its ports and links, lines
 *         between boxes that are one thing.
 * Rule:   frames come before what is in them. What differs has a thicker edge and, in its text, a
 *         mark; its colour only helps.
 * Not here: where things are (arrange.c), colours (svg.c).
 */
#include "draw/scene_svg.h"

#include "draw/arrange.h"
#include "draw/measure.h"
#include "draw/svg.h"
#include "draw/text_size.h"

#include <stdio.h>
#include <string.h>

struct picture {
    const struct scene *scene;
    struct arrangement arrangement;
    struct buffer *out;
};

static int stub_of(const struct box_place *place)
{
    return place->y + DRAW_STUB;
}

/* --- texts --- */

static const char *class_of(enum line_style style)
{
    static const char *const classes[LINE_STYLES] = {
        [LINE_HEADING] = "vt-heading",
        [LINE_PLAIN] = "",
        [LINE_QUIET] = "vt-quiet",
        [LINE_MARK] = "vt-mark",
    };

    return classes[style];
}

static void draw_lines(const struct picture *p, const struct box *box,
                       const struct box_place *place)
{
    int top = place->y + (box->style == BOX_PANEL ? 0 : DRAW_PAD_Y);
    int x = place->x + (box->style == BOX_PANEL ? 0 : DRAW_PAD_X);

    for (size_t i = 0; i < box->lines.count; i++) {
        const struct box_line *line = &box->lines.items[i];

        svg_text(p->out, class_of(line->style), x, top + measure_line(box, i) + DRAW_BASE,
                 line->text);
    }
}

static void draw_paragraph(const struct picture *p, const char *text, const char *class,
                           size_t columns, int line, int *y)
{
    size_t length, next;

    for (; *text; text += next) {
        autofree char *part = NULL;

        length = text_break(text, columns, &next);
        part = strndup(text, length);
        if (!part) {
            p->out->failed = true;
            return;
        }
        svg_text(p->out, class, DRAW_MARGIN, *y + line - 4, part);
        *y += line;
    }
}

/* --- the bus of a frame --- */

static void draw_link(const struct picture *p, const struct box *box, const struct box_place *place,
                      int bus)
{
    int width = text_width(box->link, DRAW_FONT_SMALL);
    int x = place->mirrored ? bus - DRAW_PORT / 2 - 4 - width : bus + DRAW_PORT / 2 + 4;

    svg_text(p->out, box->link_marked ? "vt-link-mark" : "vt-link", x, stub_of(place) - 3,
             box->link);
}

static void draw_port(const struct picture *p, const struct box *box, const struct box_place *place,
                      int bus)
{
    if (!box->port_tip)
        return;
    svg_open_group(p->out, "vt-port-group", box->port_tip);
    svg_rect(p->out, "vt-port", bus - DRAW_PORT / 2, stub_of(place) - DRAW_PORT / 2, DRAW_PORT,
             DRAW_PORT, 0);
    svg_close_group(p->out);
}

static void draw_stub(const struct picture *p, size_t at, int bus)
{
    const struct box *box = &p->scene->boxes.items[at];
    const struct box_place *place = &p->arrangement.places[at];
    int edge = place->mirrored ? place->x + place->width : place->x;

    svg_line(p->out, "vt-bus", bus, stub_of(place), edge, stub_of(place));
    draw_port(p, box, place, bus);
    if (box->link)
        draw_link(p, box, place, bus);
}

static void draw_bus(const struct picture *p, const struct box *box, const struct box_place *place)
{
    int bus = place->mirrored ? place->x + place->width - DRAW_BUS : place->x + DRAW_BUS;
    const struct box_place *first = &p->arrangement.places[box->first_child];
    const struct box_place *last = &p->arrangement.places[box->last_child];

    svg_line(p->out, "vt-bus", bus, first->y - 2, bus, stub_of(last));
    for (size_t i = box->first_child; i != BOX_NONE; i = p->scene->boxes.items[i].next)
        draw_stub(p, i, bus);
}

/* --- boxes --- */

static void draw_edge(const struct picture *p, const struct box *box, const struct box_place *place)
{
    static const char *const classes[BOX_STYLES] = {
        [BOX_NODE] = "vt-node",  [BOX_ROOT] = "vt-root", [BOX_SWITCH] = "vt-switch",
        [BOX_GPU] = "vt-gpu",    [BOX_NIC] = "vt-nic",   [BOX_DEVICE] = "vt-device",
        [BOX_QUIET] = "vt-none",
    };
    char class[64];

    snprintf(class, sizeof(class), "vt-box %s%s%s", classes[box->style],
             box->dashed ? " vt-dashed" : "", box->marked ? " vt-marked" : "");
    svg_rect(p->out, class, place->x, place->y, place->width, place->height,
             box->style == BOX_NODE ? 6 : 3);
}

static void draw_box(const struct picture *p, size_t at)
{
    const struct box *box = &p->scene->boxes.items[at];
    const struct box_place *place = &p->arrangement.places[at];

    svg_open_group(p->out, box_is_frame(box) ? "vt-frame" : "vt-leaf", box->tip);
    if (box->style != BOX_PANEL)
        draw_edge(p, box, place);
    draw_lines(p, box, place);
    svg_close_group(p->out);
    if (box_has_bus(box) && box->first_child != BOX_NONE)
        draw_bus(p, box, place);
}

/* --- lines between panels --- */

/* The innermost panel that a box is in. */
static const struct box_place *panel_of(const struct picture *p, size_t at)
{
    while (p->scene->boxes.items[at].parent != BOX_NONE)
        at = p->scene->boxes.items[at].parent;
    return &p->arrangement.places[at];
}

static void draw_join(const struct picture *p, const struct join *join)
{
    const struct box_place *left = &p->arrangement.places[join->left];
    const struct box_place *right = &p->arrangement.places[join->right];
    const struct box_place *panel = panel_of(p, join->left);
    const char *class = join->dashed ? "vt-join vt-dashed" : "vt-join";
    int from = panel->x + panel->width, to = panel_of(p, join->right)->x;

    svg_open_group(p->out, "vt-join-group", join->tip);
    svg_line(p->out, class, left->x + left->width, stub_of(left), from, stub_of(left));
    if (stub_of(left) == stub_of(right))
        svg_line(p->out, class, from, stub_of(left), to, stub_of(right));
    else
        svg_curve(p->out, class, from, stub_of(left), to, stub_of(right));
    svg_line(p->out, class, to, stub_of(right), right->x - 6, stub_of(right));
    svg_arrow_head(p->out, "vt-head", right->x, stub_of(right));
    svg_close_group(p->out);
}

static void draw(const struct picture *p, bool alone)
{
    int y = p->arrangement.title_y;

    svg_open(p->out, p->arrangement.width, p->arrangement.height, p->scene->title, alone);
    draw_paragraph(p, p->scene->title, "vt-title", p->arrangement.title_columns, DRAW_LINE_TITLE,
                   &y);
    for (size_t i = 0; i < p->scene->boxes.count; i++)
        draw_box(p, i);
    for (size_t i = 0; i < p->scene->joins.count; i++)
        draw_join(p, &p->scene->joins.items[i]);
    y = p->arrangement.notes_y;
    for (size_t i = 0; i < p->scene->notes.count; i++)
        draw_paragraph(p, p->scene->notes.items[i], "vt-quiet", p->arrangement.note_columns,
                       DRAW_LINE, &y);
    svg_close(p->out);
}

void scene_to_svg(const struct scene *scene, bool alone, struct buffer *out)
{
    struct picture picture = {.scene = scene, .out = out};

    if (!arrange_boxes(scene, &picture.arrangement)) {
        out->failed = true;
        return;
    }
    draw(&picture, alone);
    arrangement_clear(&picture.arrangement);
}
