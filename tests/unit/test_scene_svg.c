/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_scene_svg.c - a scene as SVG and as dot: each box, link, port and line is there once */
#include "draw/scene_dot.h"
#include "draw/scene_svg.h"

#include "suite.h"

#include <check.h>
#include <string.h>

static struct scene scene;
static char *text;

/* A switch with a card, and the place of that; everything that can be said of them is said. */
static void setup(void)
{
    size_t host, root, above, card, guest, place;

    scene = (struct scene){0};
    text = NULL;
    scene_set_title(&scene, strdup("a \"name\""));
    host = scene_add_box(&scene, BOX_NONE, BOX_PANEL);
    root = scene_add_box(&scene, host, BOX_ROOT);
    above = scene_add_box(&scene, root, BOX_SWITCH);
    card = scene_add_box(&scene, above, BOX_GPU);
    guest = scene_add_box(&scene, BOX_NONE, BOX_PANEL);
    place = scene_add_box(&scene, guest, BOX_QUIET);
    scene_add_line(&scene, card, LINE_HEADING, strdup("card <1>"));
    scene_add_line(&scene, card, LINE_MARK, strdup("marked"));
    scene_set_tip(&scene, card, strdup("one\ntwo"));
    scene_set_link(&scene, card, strdup("1.0 GB/s"), true);
    scene_set_port(&scene, card, strdup("port & tip"));
    scene_set_dashed(&scene, above);
    scene_set_marked(&scene, card);
    scene_add_line(&scene, place, LINE_QUIET, strdup("place \\N"));
    scene_join(&scene, card, place, true, strdup("joined"));
    scene_add_note(&scene, strdup("note"));
}

static void teardown(void)
{
    scene_clear(&scene);
    free(text);
}

static size_t count(const char *word)
{
    size_t found = 0;

    for (const char *at = text; (at = strstr(at, word)); at++)
        found++;
    return found;
}

START_TEST(svg)
{
    struct buffer out = {0};

    scene_to_svg(&scene, true, &out);
    text = buffer_steal(&out);
    ck_assert(!strncmp(text, "<svg class=\"vt\" xmlns=\"http://www.w3.org/2000/svg\"", 50));
    ck_assert_str_eq(text + strlen(text) - 7, "</svg>\n");
    ck_assert_uint_eq(count("<g "), count("</g>"));
    ck_assert_uint_eq(count("<title>a &quot;name&quot;</title>"), 1);
    ck_assert_uint_eq(count("card &lt;1&gt;"), 1);
    ck_assert_uint_eq(count("vt-gpu vt-marked"), 1);
    ck_assert_uint_eq(count("vt-switch vt-dashed"), 1);
    ck_assert_uint_eq(count("vt-join vt-dashed"), 3);
    ck_assert_uint_eq(count("<title>port &amp; tip</title>"), 1);
    ck_assert_uint_eq(count("class=\"vt-link-mark\""), 1);
    ck_assert_uint_eq(count("<style>"), 1);
}
END_TEST

START_TEST(in_a_page_it_has_no_style)
{
    struct buffer out = {0};

    scene_to_svg(&scene, false, &out);
    text = buffer_steal(&out);
    ck_assert_uint_eq(count("<style>"), 0);
    ck_assert_uint_eq(count("xmlns"), 0);
}
END_TEST

START_TEST(dot)
{
    struct buffer out = {0};

    scene_to_dot(&scene, &out);
    text = buffer_steal(&out);
    ck_assert_uint_eq(count("label=\"a \\\"name\\\"\""), 1);
    ck_assert_uint_eq(count("label=\"card <1>\\l! marked\\l\""), 1);
    ck_assert_uint_eq(count("label=\"place \\\\N\\l\""), 1);
    ck_assert_uint_eq(count("tooltip=\"one\\ntwo\""), 1);
    ck_assert_uint_eq(count("label=\"1.0 GB/s\""), 1);
    ck_assert_uint_eq(count("b3 -> b5 [penwidth=1.5, style=dashed, tooltip=\"joined\"]"), 1);
    ck_assert_uint_eq(count("subgraph cluster_"), 4);
    ck_assert_uint_eq(count("{"), count("}"));
}
END_TEST

START_TEST(a_failed_scene_is_no_picture)
{
    struct buffer out = {0};

    scene.failed = true;
    scene_to_svg(&scene, true, &out);
    ck_assert(out.failed);
    buffer_clear(&out);
    out = (struct buffer){0};
    scene_to_dot(&scene, &out);
    ck_assert(out.failed);
    buffer_clear(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scene_svg");
    TCase *tcase = tcase_create("scene_svg");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, svg);
    tcase_add_test(tcase, in_a_page_it_has_no_style);
    tcase_add_test(tcase, dot);
    tcase_add_test(tcase, a_failed_scene_is_no_picture);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
