/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_document.c - what libxml2 reads is tied to where it is written */
#include "domxml/xmltext.h"
#include "vtopo/error.h"

#include "suite.h"

#include <check.h>
#include <string.h>

static struct scan scan;

static struct document read_document(const char *text)
{
    struct document document;

    ck_assert_int_eq(xmltext_read(text, strlen(text), "test", &scan, &document, NULL), 0);
    return document;
}

static void clear(struct document *document)
{
    document_free(document);
    scan_clear(&scan);
}

static void check_text(const struct node *node, const char *expected)
{
    ck_assert_uint_eq(node->text_length, strlen(expected));
    ck_assert_mem_eq(node->text, expected, node->text_length);
}

START_TEST(elements)
{
    struct document document = read_document("<a>\n<b><c/></b><!-- x --><d/>\n</a>");
    const struct node *a = document.nodes;

    ck_assert_str_eq(a->name, "a");
    ck_assert_ptr_null(a->parent);
    ck_assert_ptr_null(a->next);
    ck_assert_ptr_eq(a->children, &a[1]);
    ck_assert_str_eq(a[1].name, "b");
    ck_assert_ptr_eq(a[1].children, &a[2]);
    ck_assert_ptr_eq(a[1].next, &a[3]);
    ck_assert_ptr_eq(a[2].parent, &a[1]);
    ck_assert_str_eq(a[3].name, "d");
    ck_assert_uint_eq(a[3].element, 3);
    ck_assert_ptr_null(a[3].next);
    clear(&document);
}
END_TEST

START_TEST(text)
{
    struct document document =
        read_document("<a>1<b>2&amp;</b><!-- x --><c/><![CDATA[<3>]]>&#52;\r\n</a>");

    check_text(&document.nodes[0], "12&<3>4\n");
    check_text(&document.nodes[1], "2&");
    check_text(&document.nodes[2], "");
    clear(&document);
}
END_TEST

START_TEST(attributes)
{
    struct document document = read_document(
        "<a x='' xmlns:p='urn:p' p:y='&lt;1&#x41;' xmlns='urn:d' q:z=\"it's\nso\" xml:lang='en'/>");
    const struct node *a = document.nodes;
    const struct node_attribute *found = a->attributes;

    ck_assert_str_eq(a->namespace, "urn:d");
    ck_assert(scan.elements.items[0].foreign);
    ck_assert_uint_eq(a->attribute_count, 4);
    ck_assert_str_eq(found[0].name, "x");
    ck_assert_str_eq(found[0].value, "");
    ck_assert_ptr_null(found[0].namespace);
    ck_assert_str_eq(found[1].name, "y");
    ck_assert_str_eq(found[1].value, "<1A");
    ck_assert_str_eq(found[1].namespace, "urn:p");
    ck_assert_str_eq(found[2].name, "q:z"); /* the prefix is not declared */
    ck_assert_str_eq(found[2].value, "it's so");
    ck_assert_ptr_null(found[2].namespace);
    ck_assert_str_eq(found[3].name, "lang");
    ck_assert_uint_eq(document.namespace_count, 2);
    ck_assert_str_eq(document.namespaces[0].prefix, "p");
    ck_assert_str_eq(document.namespaces[0].href, "urn:p");
    ck_assert_ptr_null(document.namespaces[1].prefix);
    clear(&document);
}
END_TEST

START_TEST(an_ampersand_is_one_however_it_is_written)
{
    static const char *const values[][2] = {
        {"&amp;", "&"},         {"&#38;", "&"},
        {"&#x26;", "&"},        {"a&amp;amp;b", "a&amp;b"},
        {"&amp;#38;", "&#38;"}, {"&amp;&amp;&lt;", "&&<"},
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        autofree char *element = mem_printf("<a b='%s'/>", values[i][0]);
        struct document document = read_document(element);

        ck_assert_str_eq(document.nodes[0].attributes[0].value, values[i][1]);
        clear(&document);
    }
}
END_TEST

START_TEST(namespaces_of_elements)
{
    struct document document =
        read_document("<a xmlns:p='urn:p'><p:b/><q:c/><d xmlns='urn:d'><e/><f xmlns=''/></d></a>");
    static const struct {
        const char *name, *namespace;
    } rows[] = {{"a", NULL},    {"b", "urn:p"}, {"q:c", NULL},
                {"d", "urn:d"}, {"e", "urn:d"}, {"f", NULL}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ck_assert_str_eq(document.nodes[i].name, rows[i].name);
        ck_assert_pstr_eq(document.nodes[i].namespace, rows[i].namespace);
        ck_assert(scan.elements.items[i].foreign == (rows[i].namespace != NULL));
    }
    clear(&document);
}
END_TEST

START_TEST(refused)
{
    static const char *const texts[] = {"",
                                        "x",
                                        "<a>",
                                        "<a></b>",
                                        "<a b=''b=''/>",
                                        "<a>&x;</a>",
                                        "<!DOCTYPE a><a/>",
                                        "<a b='&x;'/>"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct document document;

        ck_assert_msg(xmltext_read(texts[i], strlen(texts[i]), "test", &scan, &document, NULL) ==
                          VTOPO_ERR_DOMAIN,
                      "%s", texts[i]);
        scan_clear(&scan);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("document");
    TCase *tcase = tcase_create("document");

    tcase_add_test(tcase, elements);
    tcase_add_test(tcase, text);
    tcase_add_test(tcase, attributes);
    tcase_add_test(tcase, an_ampersand_is_one_however_it_is_written);
    tcase_add_test(tcase, namespaces_of_elements);
    tcase_add_test(tcase, refused);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
