/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene_dot.c - see scene_dot.h
 *
 * Takes:  a scene.
 * Gives:  a digraph: frames are clusters with a point for their bus, other boxes are nodes; edges
 *         are the links between them, and the lines between boxes that are one thing.
 * Rule:   texts are strings in double quotes, never HTML-like labels, and quotes and backslashes in
 *         them are escaped (https://graphviz.org/doc/info/lang.html). Edges of the second panel
 *         lead to the bus, so that dot puts it on the right.
 */
#include "draw/scene_dot.h"

#include "base/utf8.h"

#include <string.h>

#define INDENT "  "

/* As markup_add() has it. */
static void add_text(struct buffer *out, const char *text)
{
    while (*text) {
        size_t length = utf8_length(text, SIZE_MAX);

        if (*text == '\n')
            buffer_add(out, "\\n");
        else if (!length || utf8_is_control(text))
            buffer_add(out, "?");
        else if (*text == '"' || *text == '\\')
            buffer_printf(out, "\\%c", *text);
        else
            buffer_add_bytes(out, text, length);
        text += length ? length : 1;
    }
}

static void add_attribute(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "%s=\"", name);
    add_text(out, value);
    buffer_add(out, "\"");
}

/* All lines, to the left. */
static void add_label(struct buffer *out, const struct box *box)
{
    buffer_add(out, "label=\"");
    for (size_t i = 0; i < box->lines.count; i++) {
        add_text(out, box->lines.items[i].style == LINE_MARK ? "! " : "");
        add_text(out, box->lines.items[i].text);
        buffer_add(out, "\\l");
    }
    buffer_add(out, "\"");
}

static void add_look(struct buffer *out, const struct box *box, const char *separator)
{
    static const char *const fills[BOX_STYLES] = {
        [BOX_PANEL] = "white",    [BOX_NODE] = "#f1f3f6", [BOX_ROOT] = "white",
        [BOX_SWITCH] = "#fdf6e3", [BOX_GPU] = "#dcf3ea",  [BOX_NIC] = "#dcebf7",
        [BOX_DEVICE] = "#f6f6f6", [BOX_QUIET] = "white",
    };

    buffer_printf(out, "style=\"filled%s\"%sfillcolor=\"%s\"",
                  box->dashed || box->style == BOX_QUIET ? ",dashed" : "", separator,
                  fills[box->style]);
    /* A cluster has the colours of the one around it unless it says otherwise. */
    buffer_printf(out, "%scolor=\"%s\"%spenwidth=%s", separator,
                  box->marked               ? "#d55e00"
                  : box->style == BOX_PANEL ? "white"
                                            : "#444444",
                  separator, box->marked ? "2.5" : "1");
    if (box->tip) {
        buffer_add(out, separator);
        add_attribute(out, "tooltip", box->tip);
    }
}

static bool has_bus(const struct box *box)
{
    return box_is_frame(box) && box_has_bus(box);
}

/* "b7", or the point in it: "b7b". */
static void add_name(struct buffer *out, const struct scene *scene, size_t box)
{
    buffer_printf(out, "b%zu%s", box, has_bus(&scene->boxes.items[box]) ? "b" : "");
}

/* As deep as frames are in each other. */
static void add_box(struct buffer *out, const struct scene *scene, size_t at, size_t depth)
{
    const struct box *box = &scene->boxes.items[at];

    buffer_add_times(out, INDENT, depth);
    if (!box_is_frame(box)) {
        buffer_printf(out, "b%zu [", at);
        add_label(out, box);
        buffer_add(out, ", ");
        add_look(out, box, ", ");
        buffer_add(out, "];\n");
        return;
    }
    buffer_printf(out, "subgraph cluster_%zu { ", at);
    add_label(out, box);
    buffer_add(out, "; ");
    add_look(out, box, "; ");
    if (has_bus(box))
        buffer_printf(out, "; b%zub [shape=point]", at);
    else if (box->first_child == BOX_NONE)
        buffer_printf(out, "; b%zub [style=invis]", at); /* an empty cluster is none to dot */
    buffer_add(out, ";\n");
    for (size_t i = box->first_child; i != BOX_NONE; i = scene->boxes.items[i].next)
        add_box(out, scene, i, depth + 1);
    buffer_add_times(out, INDENT, depth);
    buffer_add(out, "}\n");
}

static size_t panel_of(const struct scene *scene, size_t at)
{
    while (scene->boxes.items[at].parent != BOX_NONE)
        at = scene->boxes.items[at].parent;
    return at;
}

/* From the bus of its frame, if that has one and the box has something to hang on. */
static void add_link(struct buffer *out, const struct scene *scene, size_t at)
{
    const struct box *box = &scene->boxes.items[at];
    bool mirrored = panel_of(scene, at) > 0;

    if (box->parent == BOX_NONE || !has_bus(&scene->boxes.items[box->parent]) ||
        (box_is_frame(box) && !has_bus(box)))
        return;
    buffer_add(out, INDENT);
    add_name(out, scene, mirrored ? at : box->parent);
    buffer_add(out, " -> ");
    add_name(out, scene, mirrored ? box->parent : at);
    buffer_add(out, " [dir=none");
    if (box->link) {
        buffer_add(out, ", ");
        add_attribute(out, "label", box->link);
    }
    buffer_add(out, box->link_marked ? ", fontcolor=\"#a33c00\"" : "");
    if (box->port_tip) {
        buffer_add(out, ", ");
        add_attribute(out, "tooltip", box->port_tip);
    }
    buffer_add(out, "];\n");
}

static void add_join(struct buffer *out, const struct join *join)
{
    buffer_printf(out, INDENT "b%zu -> b%zu [penwidth=1.5%s, ", join->left, join->right,
                  join->dashed ? ", style=dashed" : "");
    add_attribute(out, "tooltip", join->tip);
    buffer_add(out, "];\n");
}

void scene_to_dot(const struct scene *scene, struct buffer *out)
{
    if (scene->failed) {
        out->failed = true;
        return;
    }
    buffer_add(out, "digraph vtopo {\n" INDENT);
    add_attribute(out, "label", scene->title);
    buffer_add(out,
               "; labelloc=t; labeljust=l; rankdir=LR; compound=true; fontname=monospace;\n" INDENT
               "node [shape=box, fontname=monospace, fontsize=11];\n" INDENT
               "edge [fontname=monospace, fontsize=10];\n");
    for (size_t i = 0; i < scene->boxes.count; i++) {
        if (scene->boxes.items[i].parent == BOX_NONE)
            add_box(out, scene, i, 1);
    }
    for (size_t i = 0; i < scene->boxes.count; i++)
        add_link(out, scene, i);
    for (size_t i = 0; i < scene->joins.count; i++)
        add_join(out, &scene->joins.items[i]);
    buffer_add(out, "}\n");
}
