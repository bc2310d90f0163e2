/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene.h - what a picture shows: boxes in boxes, and which of them are one thing
 *
 * One panel, or two of which the second is the mirror image of the first, so that what they have in
 * common is in the middle.
 */
#ifndef VTOPO_DRAW_SCENE_H
#define VTOPO_DRAW_SCENE_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOX_NONE SIZE_MAX

/* What a box looks like. */
enum box_style {
    BOX_PANEL,  /* not at all */
    BOX_NODE,   /* a NUMA node */
    BOX_ROOT,   /* a root complex */
    BOX_SWITCH, /* a switch or bridge */
    BOX_GPU,
    BOX_NIC,
    BOX_DEVICE, /* another one */
    BOX_QUIET,  /* what nobody asks about */
    BOX_STYLES,
};

enum box_flow {
    FLOW_STACK,   /* one below the other */
    FLOW_COLUMNS, /* one below the other in as many columns as look well */
};

enum line_style {
    LINE_HEADING,
    LINE_PLAIN,
    LINE_QUIET,
    LINE_MARK, /* something is not as it should be */
    LINE_STYLES,
};

struct box_line {
    enum line_style style;
    bool goes_on; /* of a paragraph that has begun above */
    char *text;
};

struct box {
    size_t parent; /* BOX_NONE: a panel */
    size_t first_child, last_child, next;
    enum box_style style;
    enum box_flow flow;
    bool dashed, marked;
    VEC(struct box_line) lines;
    char *tip;  /* all that is known; NULL: nothing more */
    char *link; /* on the line from the frame: "31.5 GB/s"; NULL: nothing is */
    bool link_marked;
    char *port_tip; /* the port on that line; NULL: there is none */
};

/* Is it there for what is in it? */
static inline bool box_is_frame(const struct box *box)
{
    return box->first_child != BOX_NONE || box->style == BOX_PANEL;
}

/* Are the boxes in it joined by a line? */
static inline bool box_has_bus(const struct box *box)
{
    return box->style == BOX_ROOT || box->style == BOX_SWITCH;
}

/* A box of the first panel and one of the second. */
struct join {
    size_t left, right;
    bool dashed;
    char *tip;
};

struct scene {
    VEC(struct box) boxes; /* parents come first */
    VEC(struct join) joins;
    char *title;
    VEC(char *) notes; /* below the panels, a paragraph each */
    bool failed;       /* out of memory: nothing is added any more */
};

void scene_clear(struct scene *scene);

/* The place of the new box, BOX_NONE after a failure; what is done with that box does nothing. */
size_t scene_add_box(struct scene *scene, size_t parent, enum box_style style);
void scene_set_columns(struct scene *scene, size_t box); /* FLOW_COLUMNS */
void scene_set_dashed(struct scene *scene, size_t box);
void scene_set_marked(struct scene *scene, size_t box);

/* All texts are the scene's from now on, and freed by it; NULL is a failure. */
void scene_set_title(struct scene *scene, char *text);
void scene_set_tip(struct scene *scene, size_t box, char *text);
void scene_set_link(struct scene *scene, size_t box, char *text, bool marked);
void scene_set_port(struct scene *scene, size_t box, char *tip);
void scene_add_line(struct scene *scene, size_t box, enum line_style style, char *text);
/* The same in lines of at most @columns. */
void scene_add_wrapped(struct scene *scene, size_t box, enum line_style style, char *text,
                       size_t columns);
void scene_add_note(struct scene *scene, char *text);
void scene_join(struct scene *scene, size_t left, size_t right, bool dashed, char *tip);

#endif
