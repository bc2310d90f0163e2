/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_scan.c - byte ranges of elements and attributes */
#include "domxml/scan.h"

#include "suite.h"

#include <check.h>
#include <string.h>

static struct scan scan_ok(const char *text)
{
    struct scan scan;
    size_t offset;

    ck_assert_int_eq(scan_text(text, strlen(text), &scan, &offset), SCAN_OK);
    return scan;
}

static void check_span(const char *text, struct span span, const char *expected)
{
    ck_assert_uint_eq(span.end - span.begin, strlen(expected));
    ck_assert_mem_eq(text + span.begin, expected, strlen(expected));
}

START_TEST(tags_and_children)
{
    const char *text = "<?xml version='1.0'?>\n<a>\n  <b x='1'/><c>t</c>\r\n</a>\n<!-- <z/> -->";
    struct scan scan = scan_ok(text);
    const struct scan_element *e = scan.elements.items;

    ck_assert_uint_eq(scan.elements.count, 3);
    check_span(text, e[0].start, "<a>");
    check_span(text, e[0].end, "</a>");
    ck_assert_uint_eq(e[0].parent, SCAN_NONE);
    ck_assert_uint_eq(e[0].first_child, 1);
    ck_assert_int_eq(e[0].line, 2);
    check_span(text, e[1].start, "<b x='1'/>");
    ck_assert(e[1].self_closing);
    ck_assert_uint_eq(e[1].end.begin, e[1].end.end);
    ck_assert_uint_eq(scan_element_end(&e[1]), e[1].start.end);
    ck_assert_uint_eq(e[1].next, 2);
    ck_assert_int_eq(e[1].line, 3);
    check_span(text, e[2].name, "c");
    check_span(text, e[2].end, "</c>");
    ck_assert_uint_eq(e[2].parent, 0);
    ck_assert_uint_eq(e[2].next, SCAN_NONE);
    scan_clear(&scan);
}
END_TEST

START_TEST(what_looks_like_a_tag)
{
    struct scan scan =
        scan_ok("<a><!-- <b> --><![CDATA[<c>]] > ]]><?d <e> ?><f g='>' h=\"'/>'\"/></a >");

    ck_assert_uint_eq(scan.elements.count, 2);
    ck_assert_uint_eq(scan.elements.items[1].attributes, 2);
    scan_clear(&scan);
}
END_TEST

START_TEST(attributes)
{
    const char *text = "<a b = 'x' c\n=\n\"it's\"  d=''/>";
    struct scan scan = scan_ok(text);
    const struct scan_attribute *b = scan_attribute(&scan, text, 0, "b");
    const struct scan_attribute *c = scan_attribute(&scan, text, 0, "c");
    const struct scan_attribute *d = scan_attribute(&scan, text, 0, "d");

    ck_assert(b && c && d);
    ck_assert(!scan_attribute(&scan, text, 0, "x"));
    check_span(text, b->value, "x");
    ck_assert_int_eq(b->quote, '\'');
    check_span(text, c->value, "it's");
    ck_assert_int_eq(c->quote, '"');
    check_span(text, d->value, "");
    scan_clear(&scan);
}
END_TEST

START_TEST(children_by_name)
{
    const char *text = "<a><b/><cc/><c n='1'/><c/></a>";
    struct scan scan = scan_ok(text);

    ck_assert_uint_eq(scan_child(&scan, text, 0, "c"), 3);
    ck_assert_uint_eq(scan_child(&scan, text, 0, "d"), SCAN_NONE);
    scan.elements.items[3].foreign = true;
    ck_assert_uint_eq(scan_child(&scan, text, 0, "c"), 4);
    scan_clear(&scan);
}
END_TEST

/* libxml2 never lets these through; the scanner must still not run away. */
START_TEST(malformed)
{
    static const char *const texts[] = {
        "",        "x",         "<",       "<a",       "<a>",        "</a>",    "<a></b>",
        "<a b>",   "<a b=>",    "<a b='>", "<a b=c/>", "<a/",        "<a></a",  "<!-- ",
        "<a><!--", "<![CDATA[", "<?x",     "<!X>",     "<a><b></a>", "<a =''>", "< a/>",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct scan scan;
        size_t offset;

        ck_assert_msg(scan_text(texts[i], strlen(texts[i]), &scan, &offset) == SCAN_MALFORMED,
                      "accepted: %s", texts[i]);
        ck_assert_uint_le(offset, strlen(texts[i]));
        ck_assert_ptr_null(scan.elements.items);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scan");
    TCase *tcase = tcase_create("scan");

    tcase_add_test(tcase, tags_and_children);
    tcase_add_test(tcase, what_looks_like_a_tag);
    tcase_add_test(tcase, attributes);
    tcase_add_test(tcase, children_by_name);
    tcase_add_test(tcase, malformed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
