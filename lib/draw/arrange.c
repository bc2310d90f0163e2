/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arrange.c - see arrange.h
 *
 * Takes:  a scene.
 * Gives:  a place for each box.
 * Rule:   boxes that follow each other in a frame are below each other and as wide as the frame
 *         lets them be. Of two panels the second mirrors the first. Where the boxes that are joined
 *         come in one order on both sides, each is as high as its other half; a frame that has to
 *         wait for that is moved as a whole.
 * Not here: how large they are (measure.c), how they look (scene_svg.c).
 */
#include "draw/arrange.h"

#include "draw/measure.h"
#include "draw/text_size.h"

#include <string.h>

#define WIDTH_MIN 560       /* so that title and notes have some room */
#define CHANNEL 64          /* between two panels */
#define CHANNEL_CROSSED 160 /* where lines cross */

struct work {
    const struct scene *scene;
    const struct size *sizes;
    struct box_place *places;
    int *wanted; /* of each box: how low it has to be; 0: anywhere */
};

static const struct box *box_at(const struct work *w, size_t at)
{
    return &w->scene->boxes.items[at];
}

/* --- from top to bottom --- */

/* The innermost first box, and how far below the top of @at it is. */
static size_t first_leaf(const struct work *w, size_t at, int *ret_below)
{
    *ret_below = 0;
    while (box_at(w, at)->first_child != BOX_NONE) {
        *ret_below += measure_top(box_at(w, at));
        at = box_at(w, at)->first_child;
    }
    return at;
}

/* As deep as frames are in each other: host_finish() and the guest's buses set a limit of 256. */
static int stack_box(const struct work *w, size_t at, int y)
{
    const struct box *box = box_at(w, at);
    struct box_place *place = &w->places[at];
    int below, wanted = w->wanted[first_leaf(w, at, &below)];

    place->y = box->style != BOX_PANEL && wanted - below > y ? wanted - below : y;
    if (box->first_child == BOX_NONE) {
        place->height = w->sizes[at].height;
        return place->y + place->height;
    }
    y = place->y + measure_top(box) - MEASURE_GAP;
    for (size_t i = box->first_child; i != BOX_NONE; i = box_at(w, i)->next)
        y = stack_box(w, i, y + MEASURE_GAP);
    place->height = y + measure_pad(box) - place->y;
    return y + measure_pad(box);
}

/* --- boxes in columns --- */

static int column_width(const struct work *w, const struct size *size, size_t first)
{
    int width = 0, y = 0;

    for (size_t i = first; i != BOX_NONE; i = box_at(w, i)->next) {
        if (y && y + w->sizes[i].height > size->column_height)
            break;
        y += w->sizes[i].height + MEASURE_COLUMN;
        width = w->sizes[i].width > width ? w->sizes[i].width : width;
    }
    return width;
}

/* What a frame is wider than it has to be goes to its columns. */
static void place_columns(const struct work *w, size_t at)
{
    const struct box *box = box_at(w, at);
    const struct box_place *place = &w->places[at];
    const struct size *size = &w->sizes[at];
    int top = place->y + measure_top(box), x = place->x + measure_pad(box), y = 0;
    int more = (place->width - size->width) / size->columns;
    int width = column_width(w, size, box->first_child) + more;

    for (size_t i = box->first_child; i != BOX_NONE; i = box_at(w, i)->next) {
        if (y && y + w->sizes[i].height > size->column_height) {
            x += width + MEASURE_COLUMN;
            y = 0;
            width = column_width(w, size, i) + more;
        }
        w->places[i] = (struct box_place){x, top + y, width, w->sizes[i].height, place->mirrored};
        y += w->sizes[i].height + MEASURE_COLUMN;
    }
}

/* Below each other; y is right already where stack_box() has been there. */
static void place_stack(const struct work *w, size_t at, bool stacked)
{
    const struct box *box = box_at(w, at);
    const struct box_place *place = &w->places[at];
    int gutter = w->sizes[at].gutter, pad = measure_pad(box);
    int x = place->x + (place->mirrored ? pad : gutter);
    int y = place->y + measure_top(box);

    for (size_t i = box->first_child; i != BOX_NONE; i = box_at(w, i)->next) {
        struct box_place *child = &w->places[i];

        child->x = x;
        child->width = place->width - gutter - pad;
        child->mirrored = place->mirrored;
        if (stacked)
            continue;
        child->y = y;
        child->height = w->sizes[i].height;
        y += child->height + MEASURE_GAP;
    }
}

static void place_children(const struct work *w, bool stacked)
{
    for (size_t i = 0; i < w->scene->boxes.count; i++) {
        if (box_at(w, i)->first_child == BOX_NONE)
            continue;
        if (box_at(w, i)->flow == FLOW_STACK)
            place_stack(w, i, stacked);
        else
            place_columns(w, i);
    }
}

/* --- two panels --- */

/* The places of a panel's joined boxes from its top on; how many. */
static size_t list_joined(const struct work *w, size_t at, const size_t *partners, size_t *list)
{
    size_t count = 0;

    if (partners[at] != BOX_NONE)
        list[count++] = at;
    for (size_t i = box_at(w, at)->first_child; i != BOX_NONE; i = box_at(w, i)->next)
        count += list_joined(w, i, partners, list + count);
    return count;
}

static bool is_one_order(const size_t *partners, const size_t *left, const size_t *right,
                         size_t count, size_t right_count)
{
    for (size_t i = 0; i < count; i++) {
        if (count != right_count || partners[left[i]] != right[i])
            return false;
    }
    return true;
}

/* Both of a pair are to be as low as the lower one; true: they are not yet. */
static bool level(const struct work *w, const size_t *list, const size_t *partners, size_t count)
{
    bool moves = false;

    for (size_t i = 0; i < count; i++) {
        int one = w->places[list[i]].y, other = w->places[partners[list[i]]].y;

        moves = moves || one != other;
        w->wanted[list[i]] = w->wanted[partners[list[i]]] = one > other ? one : other;
    }
    return moves;
}

static size_t *find_partners(const struct scene *scene)
{
    size_t *partners = malloc((scene->boxes.count + 1) * sizeof(*partners));

    for (size_t i = 0; partners && i < scene->boxes.count; i++)
        partners[i] = BOX_NONE;
    for (size_t i = 0; partners && i < scene->joins.count; i++) {
        partners[scene->joins.items[i].left] = scene->joins.items[i].right;
        partners[scene->joins.items[i].right] = scene->joins.items[i].left;
    }
    return partners;
}

static bool stack_panels(const struct work *w, size_t right, int y, bool *ret_aligned)
{
    size_t all = w->scene->boxes.count, count, right_count;
    autofree size_t *partners = find_partners(w->scene);
    autofree size_t *left_list = malloc((all + 1) * sizeof(*left_list));
    autofree size_t *right_list = malloc((all + 1) * sizeof(*right_list));

    if (!partners || !left_list || !right_list)
        return false;
    count = list_joined(w, 0, partners, left_list);
    right_count = list_joined(w, right, partners, right_list);
    *ret_aligned = is_one_order(partners, left_list, right_list, count, right_count);
    /* Boxes only ever move down, and with each turn one more pair is level for good. */
    do {
        stack_box(w, 0, y);
        stack_box(w, right, y);
    } while (level(w, left_list, partners, *ret_aligned ? count : 0));
    return true;
}

static size_t second_panel(const struct scene *scene)
{
    for (size_t i = 1; i < scene->boxes.count; i++) {
        if (scene->boxes.items[i].parent == BOX_NONE)
            return i;
    }
    return BOX_NONE;
}

/* --- all of it --- */

static void place_panel(const struct work *w, size_t at, int x, bool mirrored)
{
    struct box_place *place = &w->places[at];

    place->x = x;
    place->width = w->sizes[at].width;
    place->mirrored = mirrored;
}

static int bottom_of(const struct box_place *place)
{
    return place->y + place->height;
}

static bool place_two(const struct work *w, size_t right, int y, struct arrangement *ret)
{
    int channel;

    if (!stack_panels(w, right, y, &ret->aligned))
        return false;
    channel = ret->aligned ? CHANNEL : CHANNEL_CROSSED;
    place_panel(w, 0, DRAW_MARGIN, false);
    place_panel(w, right, DRAW_MARGIN + w->sizes[0].width + channel, true);
    place_children(w, true);
    ret->width = w->places[right].x + w->places[right].width;
    ret->height = bottom_of(&w->places[0]) > bottom_of(&w->places[right])
                      ? bottom_of(&w->places[0])
                      : bottom_of(&w->places[right]);
    return true;
}

static void place_one(const struct work *w, int y, struct arrangement *ret)
{
    w->places[0] = (struct box_place){.y = y, .height = w->sizes[0].height};
    place_panel(w, 0, DRAW_MARGIN, false);
    place_children(w, false);
    ret->width = w->places[0].x + w->places[0].width;
    ret->height = bottom_of(&w->places[0]);
}

static size_t columns_in(int width, int font)
{
    return (size_t)(width * 100 / (font * 62));
}

/* How high a text is in lines of so many columns. */
static int height_of_text(const char *text, size_t columns, int line)
{
    int height = 0;
    size_t next;

    for (; *text; text += next) {
        text_break(text, columns, &next);
        height += line;
    }
    return height;
}

/* The title is above the panels, so it has the room that they will have. */
static int width_of_panels(const struct work *w, size_t right)
{
    int width = w->sizes[0].width + (right == BOX_NONE ? 0 : w->sizes[right].width + CHANNEL);

    return width > WIDTH_MIN ? width : WIDTH_MIN;
}

static bool place_all(const struct work *w, struct arrangement *ret)
{
    size_t right = second_panel(w->scene);
    int inside = width_of_panels(w, right), y;

    ret->title_columns = columns_in(inside, DRAW_FONT_TITLE);
    ret->note_columns = columns_in(inside, DRAW_FONT_SMALL);
    ret->title_y = DRAW_MARGIN;
    y = ret->title_y + height_of_text(w->scene->title, ret->title_columns, DRAW_LINE_TITLE) +
        MEASURE_COLUMN;
    if (right == BOX_NONE)
        place_one(w, y, ret);
    else if (!place_two(w, right, y, ret))
        return false;
    if (ret->width < inside + DRAW_MARGIN)
        ret->width = inside + DRAW_MARGIN;
    ret->notes_y = ret->height + MEASURE_COLUMN;
    for (size_t i = 0; i < w->scene->notes.count; i++)
        ret->height += height_of_text(w->scene->notes.items[i], ret->note_columns, DRAW_LINE);
    ret->width += DRAW_MARGIN;
    ret->height += (w->scene->notes.count ? MEASURE_COLUMN : 0) + DRAW_MARGIN;
    return true;
}

bool arrange_boxes(const struct scene *scene, struct arrangement *ret)
{
    size_t count = scene->boxes.count;
    autofree struct size *sizes = scene->failed ? NULL : measure_boxes(scene);
    autofree int *wanted = calloc(count + 1, sizeof(*wanted));
    struct work w = {scene, sizes, calloc(count + 1, sizeof(struct box_place)), wanted};

    *ret = (struct arrangement){.places = w.places};
    if (!sizes || !wanted || !w.places || !place_all(&w, ret)) {
        arrangement_clear(ret);
        return false;
    }
    return true;
}

void arrangement_clear(struct arrangement *arrangement)
{
    free(arrangement->places);
    *arrangement = (struct arrangement){0};
}
