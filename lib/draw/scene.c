/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scene.c - see scene.h */
#include "draw/scene.h"

#include "draw/text_size.h"

#include <string.h>

void scene_clear(struct scene *scene)
{
    for (size_t i = 0; i < scene->boxes.count; i++) {
        struct box *box = &scene->boxes.items[i];

        for (size_t k = 0; k < box->lines.count; k++)
            free(box->lines.items[k].text);
        free(box->lines.items);
        free(box->tip);
        free(box->link);
        free(box->port_tip);
    }
    for (size_t i = 0; i < scene->joins.count; i++)
        free(scene->joins.items[i].tip);
    for (size_t i = 0; i < scene->notes.count; i++)
        free(scene->notes.items[i]);
    free(scene->boxes.items);
    free(scene->joins.items);
    free(scene->notes.items);
    free(scene->title);
    *scene = (struct scene){0};
}

/* Behind its brothers. */
static void link_box(struct scene *scene, size_t at)
{
    struct box *parent;

    if (scene->boxes.items[at].parent == BOX_NONE)
        return;
    parent = &scene->boxes.items[scene->boxes.items[at].parent];
    if (parent->first_child == BOX_NONE)
        parent->first_child = at;
    else
        scene->boxes.items[parent->last_child].next = at;
    parent->last_child = at;
}

size_t scene_add_box(struct scene *scene, size_t parent, enum box_style style)
{
    struct box *box = scene->failed ? NULL : vec_add(&scene->boxes);

    if (!box) {
        scene->failed = true;
        return BOX_NONE;
    }
    *box = (struct box){.parent = parent,
                        .first_child = BOX_NONE,
                        .last_child = BOX_NONE,
                        .next = BOX_NONE,
                        .style = style};
    link_box(scene, scene->boxes.count - 1);
    return scene->boxes.count - 1;
}

static struct box *find_box(struct scene *scene, size_t box)
{
    return !scene->failed && box < scene->boxes.count ? &scene->boxes.items[box] : NULL;
}

void scene_set_columns(struct scene *scene, size_t box)
{
    struct box *b = find_box(scene, box);

    if (b)
        b->flow = FLOW_COLUMNS;
}

void scene_set_dashed(struct scene *scene, size_t box)
{
    struct box *b = find_box(scene, box);

    if (b)
        b->dashed = true;
}

void scene_set_marked(struct scene *scene, size_t box)
{
    struct box *b = find_box(scene, box);

    if (b)
        b->marked = true;
}

/* Puts a text into its place, if there is one. */
static void set_text(struct scene *scene, char **place, char *text)
{
    scene->failed = scene->failed || !text;
    if (scene->failed || !place) {
        free(text);
        return;
    }
    free(*place);
    *place = text;
}

void scene_set_title(struct scene *scene, char *text)
{
    set_text(scene, &scene->title, text);
}

void scene_set_tip(struct scene *scene, size_t box, char *text)
{
    struct box *b = find_box(scene, box);

    set_text(scene, b ? &b->tip : NULL, text);
}

void scene_set_link(struct scene *scene, size_t box, char *text, bool marked)
{
    struct box *b = find_box(scene, box);

    if (b)
        b->link_marked = marked;
    set_text(scene, b ? &b->link : NULL, text);
}

void scene_set_port(struct scene *scene, size_t box, char *tip)
{
    struct box *b = find_box(scene, box);

    set_text(scene, b ? &b->port_tip : NULL, tip);
}

void scene_add_line(struct scene *scene, size_t box, enum line_style style, char *text)
{
    struct box *b = find_box(scene, box);
    struct box_line *line = b ? vec_add(&b->lines) : NULL;

    if (b && !line)
        scene->failed = true;
    if (line)
        line->style = style;
    set_text(scene, line ? &line->text : NULL, text);
}

static void go_on(struct scene *scene, size_t box)
{
    struct box *b = find_box(scene, box);

    if (b && b->lines.count)
        b->lines.items[b->lines.count - 1].goes_on = true;
}

void scene_add_wrapped(struct scene *scene, size_t box, enum line_style style, char *text,
                       size_t columns)
{
    const char *rest = text;
    size_t length, next;

    while (rest && *rest) {
        length = text_break(rest, columns, &next);
        scene_add_line(scene, box, style, strndup(rest, length));
        if (rest > text)
            go_on(scene, box);
        rest += next;
    }
    scene->failed = scene->failed || !text;
    free(text);
}

void scene_add_note(struct scene *scene, char *text)
{
    char **note = scene->failed ? NULL : vec_add(&scene->notes);

    scene->failed = scene->failed || !note;
    set_text(scene, note, text);
}

void scene_join(struct scene *scene, size_t left, size_t right, bool dashed, char *tip)
{
    struct join *join = scene->failed ? NULL : vec_add(&scene->joins);

    scene->failed = scene->failed || !join;
    if (join)
        *join = (struct join){.left = left, .right = right, .dashed = dashed};
    set_text(scene, join ? &join->tip : NULL, tip);
}
