/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_arrange.c - scenes and where their boxes are: in each other, beside each other, level */
#include "draw/arrange.h"
#include "draw/measure.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct scene scene;
static struct arrangement arrangement;

static void setup(void)
{
    scene = (struct scene){0};
    scene_set_title(&scene, strdup("title"));
}

static void teardown(void)
{
    arrangement_clear(&arrangement);
    scene_clear(&scene);
}

static size_t add(size_t parent, enum box_style style, const char *text)
{
    size_t box = scene_add_box(&scene, parent, style);

    scene_add_line(&scene, box, LINE_HEADING, strdup(text));
    return box;
}

static const struct box_place *place(size_t box)
{
    return &arrangement.places[box];
}

static bool is_in(const struct box_place *inner, const struct box_place *outer)
{
    return inner->x > outer->x && inner->y > outer->y &&
           inner->x + inner->width < outer->x + outer->width &&
           inner->y + inner->height < outer->y + outer->height;
}

static bool meet(const struct box_place *a, const struct box_place *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
           b->y < a->y + a->height;
}

static bool is_below(size_t box, size_t above)
{
    while (box != BOX_NONE && box != above)
        box = scene.boxes.items[box].parent;
    return box == above;
}

/* What holds of every scene. */
static void check_all(void)
{
    for (size_t a = 0; a < scene.boxes.count; a++) {
        ck_assert_int_ge(place(a)->x, DRAW_MARGIN);
        ck_assert_int_le(place(a)->x + place(a)->width, arrangement.width - DRAW_MARGIN);
        ck_assert_int_le(place(a)->y + place(a)->height, arrangement.height - DRAW_MARGIN);
        for (size_t b = a + 1; b < scene.boxes.count; b++) {
            if (scene.boxes.items[a].style == BOX_PANEL && is_below(b, a))
                continue;
            if (is_below(b, a))
                ck_assert_msg(is_in(place(b), place(a)), "%zu leaves %zu", b, a);
            else
                ck_assert_msg(!meet(place(a), place(b)), "%zu meets %zu", a, b);
        }
    }
}

static void arrange(void)
{
    ck_assert(arrange_boxes(&scene, &arrangement));
    check_all();
}

START_TEST(one_below_the_other)
{
    size_t panel = scene_add_box(&scene, BOX_NONE, BOX_PANEL);
    size_t root = add(panel, BOX_ROOT, "root complex");
    size_t gpu = add(root, BOX_GPU, "a");
    size_t nic = add(root, BOX_NIC, "a longer text");

    scene_set_link(&scene, gpu, strdup("31.5 GB/s"), false);
    arrange();
    ck_assert_int_gt(place(nic)->y, place(gpu)->y + place(gpu)->height);
    ck_assert_int_eq(place(gpu)->width, place(nic)->width);
    /* The link has room between the bus and the box. */
    ck_assert_int_gt(place(gpu)->x - place(root)->x - DRAW_BUS, 9 * 6);
}
END_TEST

START_TEST(columns_as_on_a_screen)
{
    size_t panel = scene_add_box(&scene, BOX_NONE, BOX_PANEL), boxes[12];
    int lefts = 0;

    scene_set_columns(&scene, panel);
    for (size_t i = 0; i < 12; i++) {
        boxes[i] = add(panel, BOX_NODE, "NUMA node");
        for (size_t k = 0; k < 1 + i % 3; k++)
            add(boxes[i], BOX_DEVICE, "a device with a name");
    }
    arrange();
    for (size_t i = 1; i < 12; i++)
        lefts += place(boxes[i])->x != place(boxes[i - 1])->x;
    ck_assert_int_ge(lefts, 1);
    ck_assert_int_lt(arrangement.width, 3 * arrangement.height);
    ck_assert_int_lt(arrangement.height, 3 * arrangement.width);
}
END_TEST

/* Two panels: @order says which card of the left each of the right is. */
static void add_panels(const size_t *order, size_t count, size_t left[], size_t right[])
{
    size_t panel = add(BOX_NONE, BOX_PANEL, "HOST");
    size_t frame = panel;

    for (size_t i = 0; i < count; i++) {
        if (i % 2 == 0)
            frame = add(add(panel, BOX_NODE, "NUMA node"), BOX_ROOT, "root complex");
        left[i] = add(add(frame, BOX_SWITCH, "switch"), BOX_GPU, "host");
    }
    panel = add(BOX_NONE, BOX_PANEL, "GUEST");
    for (size_t i = 0; i < count; i++) {
        if (i % 3 == 0)
            frame = add(panel, BOX_ROOT, "expander");
        right[i] = add(frame, BOX_GPU, "guest");
        scene_add_line(&scene, right[i], LINE_MARK, strdup("something is not as on the host"));
        scene_join(&scene, left[order[i]], right[i], false, strdup("tip"));
    }
}

START_TEST(two_halves_are_level)
{
    static const size_t order[] = {0, 1, 2, 3, 4, 5, 6};
    size_t left[7], right[7];

    add_panels(order, 7, left, right);
    arrange();
    ck_assert(arrangement.aligned);
    for (size_t i = 0; i < 7; i++) {
        ck_assert_int_eq(place(left[i])->y, place(right[i])->y);
        ck_assert(!place(left[i])->mirrored && place(right[i])->mirrored);
        ck_assert_int_lt(place(left[i])->x + place(left[i])->width, place(right[i])->x);
    }
    ck_assert_int_eq(place(0)->y, place(scene.boxes.items[right[0]].parent - 1)->y);
}
END_TEST

START_TEST(other_orders_cross)
{
    static const size_t order[] = {1, 0, 2, 3};
    size_t left[4], right[4];

    add_panels(order, 4, left, right);
    arrange();
    ck_assert(!arrangement.aligned);
}
END_TEST

/* What is on one side only has no other half. */
START_TEST(boxes_of_one_side)
{
    static const size_t order[] = {0, 1, 2};
    size_t left[3], right[3], more;

    add_panels(order, 3, left, right);
    more = add(scene.boxes.items[right[2]].parent, BOX_QUIET, "empty");
    arrange();
    ck_assert(arrangement.aligned);
    ck_assert_int_gt(place(more)->y, place(right[2])->y);
}
END_TEST

START_TEST(long_titles_and_notes_are_broken)
{
    char text[2001];
    int before;

    scene_add_box(&scene, BOX_NONE, BOX_PANEL);
    arrange();
    before = arrangement.height;
    arrangement_clear(&arrangement);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    scene_set_title(&scene, strdup(text));
    scene_add_note(&scene, strdup(text));
    arrange();
    ck_assert_int_lt(arrangement.width, 640);
    ck_assert_int_gt(arrangement.height, before + 20 * DRAW_LINE);
    ck_assert_uint_gt(arrangement.note_columns, arrangement.title_columns);
}
END_TEST

/* A second heading is set apart, the rest of a broken one is not. */
START_TEST(paragraphs)
{
    size_t box = add(BOX_NONE, BOX_DEVICE, "one");
    const struct box *b;

    scene_add_wrapped(&scene, box, LINE_HEADING, strdup("two three"), 5);
    b = &scene.boxes.items[box];
    ck_assert_uint_eq(b->lines.count, 3);
    ck_assert_str_eq(b->lines.items[2].text, "three");
    ck_assert_int_eq(measure_line(b, 0), 0);
    ck_assert_int_gt(measure_line(b, 1), DRAW_LINE);
    ck_assert_int_eq(measure_line(b, 2) - measure_line(b, 1), DRAW_LINE);
}
END_TEST

/* After a failure nothing is added, and nothing is lost. */
START_TEST(failures_stay)
{
    size_t box = add(BOX_NONE, BOX_PANEL, "HOST");

    scene_add_line(&scene, box, LINE_PLAIN, NULL);
    ck_assert(scene.failed);
    ck_assert_uint_eq(scene_add_box(&scene, box, BOX_GPU), BOX_NONE);
    scene_set_tip(&scene, BOX_NONE, strdup("tip"));
    scene_set_link(&scene, box, strdup("link"), true);
    scene_set_port(&scene, box, strdup("port"));
    scene_add_wrapped(&scene, box, LINE_QUIET, strdup("a b c"), 1);
    scene_add_note(&scene, strdup("note"));
    scene_join(&scene, box, box, false, strdup("tip"));
    scene_set_dashed(&scene, box);
    scene_set_marked(&scene, box);
    scene_set_columns(&scene, box);
    ck_assert(!arrange_boxes(&scene, &arrangement));
    ck_assert_uint_eq(scene.boxes.count, 1);
    ck_assert(!scene.boxes.items[0].marked);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arrange");
    TCase *tcase = tcase_create("arrange");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, one_below_the_other);
    tcase_add_test(tcase, columns_as_on_a_screen);
    tcase_add_test(tcase, two_halves_are_level);
    tcase_add_test(tcase, other_orders_cross);
    tcase_add_test(tcase, boxes_of_one_side);
    tcase_add_test(tcase, long_titles_and_notes_are_broken);
    tcase_add_test(tcase, paragraphs);
    tcase_add_test(tcase, failures_stay);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
