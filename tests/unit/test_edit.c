/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_edit.c - byte ranges replaced, lines laid out like their neighbours */
#include "domxml/edit.h"

#include "suite.h"

#include <check.h>
#include <string.h>

struct fixture {
    struct scan scan;
    struct edits edits;
};

static void start(struct fixture *f, const char *text)
{
    size_t offset;

    ck_assert_int_eq(scan_text(text, strlen(text), &f->scan, &offset), SCAN_OK);
    f->edits = (struct edits){.text = text, .length = strlen(text), .scan = &f->scan};
}

static void finish(struct fixture *f, const char *expected)
{
    char *text = NULL;
    size_t length;

    ck_assert_int_eq(edits_apply(&f->edits, &text, &length), EDITS_OK);
    ck_assert_str_eq(text, expected);
    ck_assert_uint_eq(length, strlen(expected));
    free(text);
    edits_clear(&f->edits);
    scan_clear(&f->scan);
}

START_TEST(list)
{
    struct fixture f;

    start(&f, "<a>0123456789</a>");
    finish(&f, "<a>0123456789</a>");
    start(&f, "<a>0123456789</a>");
    edits_replace(&f.edits, 8, 2, "five-six");
    edits_replace(&f.edits, 3, 1, "");
    edits_replace(&f.edits, 3, 0, "x");
    edits_replace(&f.edits, 3, 0, "y");
    edits_replace(&f.edits, 17, 0, "end");
    edits_replace(&f.edits, 4, 4, "-");
    finish(&f, "<a>xy-five-six789</a>end");
}
END_TEST

START_TEST(failures)
{
    static const size_t overlaps[][4] = {
        {3, 3, 4, 1}, {3, 3, 4, 0}, {3, 3, 3, 3}, {8, 0, 9, 0}, {7, 2, 0, 0},
    };
    struct fixture f;
    char *text = NULL;
    size_t length;

    for (size_t i = 0; i < sizeof(overlaps) / sizeof(*overlaps); i++) {
        start(&f, "<a>x</a>"); /* 8 bytes */
        edits_replace(&f.edits, overlaps[i][0], overlaps[i][1], "1");
        edits_replace(&f.edits, overlaps[i][2], overlaps[i][3], "2");
        ck_assert_int_eq(edits_apply(&f.edits, &text, &length), EDITS_OVERLAP);
        edits_clear(&f.edits);
        scan_clear(&f.scan);
    }
    start(&f, "<a>x</a>");
    edits_replace(&f.edits, 3, 1, "x");
    f.edits.texts.failed = true;
    ck_assert_int_eq(edits_apply(&f.edits, &text, &length), EDITS_NOMEM);
    ck_assert_ptr_null(text);
    edits_clear(&f.edits);
    scan_clear(&f.scan);
}
END_TEST

#define LINES "<n x='1'>\n  <m/>\n</n>"

/* One element is inserted in each way at element 1 of the text. */
START_TEST(layouts)
{
    static const struct {
        const char *text, *behind, *before, *child;
    } cases[] = {
        {"<a>\n  <b y='2'/>\n</a>", "<a>\n  <b y='2'/>\n  <n x='1'>\n    <m/>\n  </n>\n</a>",
         "<a>\n  <n x='1'>\n    <m/>\n  </n>\n  <b y='2'/>\n</a>",
         "<a>\n  <b y='2'>\n    <n x='1'>\n      <m/>\n    </n>\n  </b>\n</a>"},
        {"<a>\r\n\t<b y=\"2\">\r\n\t</b>\r\n</a>",
         "<a>\r\n\t<b y=\"2\">\r\n\t</b>\r\n\t<n x=\"1\">\r\n\t\t<m/>\r\n\t</n>\r\n</a>",
         "<a>\r\n\t<n x=\"1\">\r\n\t\t<m/>\r\n\t</n>\r\n\t<b y=\"2\">\r\n\t</b>\r\n</a>",
         "<a>\r\n\t<b y=\"2\">\r\n\t\t<n x=\"1\">\r\n\t\t\t<m/>\r\n\t\t</n>\r\n\t</b>\r\n</a>"},
        {"<a><b/></a>", "<a><b/><n x='1'><m/></n></a>", "<a><n x='1'><m/></n><b/></a>",
         "<a><b><n x='1'><m/></n></b></a>"},
        /* the level inside is what the children show */
        {"<a>\n <b>\n     <c/>\n </b>\n</a>",
         "<a>\n <b>\n     <c/>\n </b>\n <n x='1'>\n     <m/>\n </n>\n</a>",
         "<a>\n <n x='1'>\n     <m/>\n </n>\n <b>\n     <c/>\n </b>\n</a>",
         "<a>\n <b>\n     <c/>\n     <n x='1'>\n         <m/>\n     </n>\n </b>\n</a>"},
        /* a comment at the end of the line belongs to the element, one of two lines does not */
        {"<a>\n  <b/> <!-- b --> \n</a>",
         "<a>\n  <b/> <!-- b --> \n  <n x='1'>\n    <m/>\n  </n>\n</a>",
         "<a>\n  <n x='1'>\n    <m/>\n  </n>\n  <b/> <!-- b --> \n</a>",
         "<a>\n  <b>\n    <n x='1'>\n      <m/>\n    </n>\n  </b> <!-- b --> \n</a>"},
        {"<a>\n  <b/> <!-- b\n --></a>", "<a>\n  <b/><n x='1'><m/></n> <!-- b\n --></a>",
         "<a>\n  <n x='1'>\n    <m/>\n  </n>\n  <b/> <!-- b\n --></a>",
         "<a>\n  <b>\n    <n x='1'>\n      <m/>\n    </n>\n  </b> <!-- b\n --></a>"},
        /* text and comments inside, an end tag that shares its line */
        {"<a>\n  <b>t<!-- c --></b>\n</a>",
         "<a>\n  <b>t<!-- c --></b>\n  <n x='1'>\n    <m/>\n  </n>\n</a>",
         "<a>\n  <n x='1'>\n    <m/>\n  </n>\n  <b>t<!-- c --></b>\n</a>",
         "<a>\n  <b>t<!-- c --><n x='1'><m/></n></b>\n</a>"},
        {"<a>\n  <b></b>\n</a>", "<a>\n  <b></b>\n  <n x='1'>\n    <m/>\n  </n>\n</a>",
         "<a>\n  <n x='1'>\n    <m/>\n  </n>\n  <b></b>\n</a>",
         "<a>\n  <b>\n    <n x='1'>\n      <m/>\n    </n>\n  </b>\n</a>"},
    };
    struct fixture f;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        start(&f, cases[i].text);
        edits_insert_behind(&f.edits, 1, LINES);
        finish(&f, cases[i].behind);
        start(&f, cases[i].text);
        edits_insert_before(&f.edits, 1, LINES);
        finish(&f, cases[i].before);
        start(&f, cases[i].text);
        edits_append_child(&f.edits, 1, LINES);
        finish(&f, cases[i].child);
    }
}
END_TEST

START_TEST(several_at_one_place)
{
    struct fixture f;

    start(&f, "<a>\n  <b/>\n</a>");
    edits_insert_behind(&f.edits, 1, "<c/>");
    edits_insert_behind(&f.edits, 1, "<d/>");
    edits_insert_before(&f.edits, 1, "<e/>");
    edits_prepend_child(&f.edits, 0, "<f/>");
    edits_append_child(&f.edits, 0, "<g/>");
    finish(&f, "<a>\n  <e/>\n  <f/>\n  <b/>\n  <c/>\n  <d/>\n  <g/>\n</a>");
}
END_TEST

START_TEST(removals)
{
    static const char *const cases[][2] = {
        {"<a>\n  <b/>\n  <c/>\n</a>", "<a>\n  <c/>\n</a>"},
        {"<a>\r\n\t<b>\r\n</b>\t\r\n</a>", "<a>\r\n</a>"},
        {"<a><b/><c/></a>", "<a><c/></a>"},
        {"<a>\n  <b/><c/>\n</a>", "<a>\n  <c/>\n</a>"},
        {"<a><b/>\n</a>", "<a>\n</a>"},
        {"<a>\n  <b/> <!-- x -->\n</a>", "<a>\n   <!-- x -->\n</a>"},
        {"<a>\n<b/>\r</a>", "<a>\n\r</a>"},
    };
    struct fixture f;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        start(&f, cases[i][0]);
        edits_remove(&f.edits, 1);
        finish(&f, cases[i][1]);
    }
}
END_TEST

START_TEST(attributes)
{
    struct fixture f;
    const struct scan_attribute *x, *y;

    start(&f, "<a x = \"1\"\n  y='2' ><b/></a>");
    x = scan_attribute(&f.scan, f.edits.text, 0, "x");
    y = scan_attribute(&f.scan, f.edits.text, 0, "y");
    edits_set_value(&f.edits, x, "one");
    edits_add_attribute(&f.edits, 0, x, "z", "3");
    edits_add_attribute(&f.edits, 0, NULL, "w", "0");
    edits_remove_attribute(&f.edits, y);
    edits_add_attribute(&f.edits, 1, NULL, "v", "4");
    finish(&f, "<a w=\"0\" x = \"one\" z=\"3\" ><b v='4'/></a>");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        list, failures, layouts, several_at_one_place, removals, attributes,
    };
    Suite *suite = suite_create("edit");
    TCase *tcase = tcase_create("edit");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
