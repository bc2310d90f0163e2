/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_markup.c - others' text stays text in SVG and HTML */
#include "draw/markup.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>

START_TEST(text_is_text)
{
    static const struct {
        const char *text, *markup;
    } rows[] = {
        {"", ""},
        {"vm1", "vm1"},
        {"<script>alert('a')</script>", "&lt;script&gt;alert(&#39;a&#39;)&lt;/script&gt;"},
        {"\" onload=\"x", "&quot; onload=&quot;x"},
        {"a & b &amp;", "a &amp; b &amp;amp;"},
        {"gr\xc3\xb6\xc3\x9f"
         "e \xf0\x9f\x99\x82",
         "gr\xc3\xb6\xc3\x9f"
         "e \xf0\x9f\x99\x82"},
        {"a\tb\x1b[31m\x7f\xc2\x9b", "a?b?[31m??"},
        {"\xff\xc3+", "??+"},
        {"\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", "??\xef\xbf\xbd"}, /* U+FFFE, U+FFFF, U+FFFD */
        {"\xe2\x80\xae"
         "cba",
         "?cba"}, /* U+202E turns the text round */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buffer out = {0};
        char *text;

        markup_add(&out, rows[i].text);
        text = buffer_steal(&out);
        ck_assert_str_eq(text, rows[i].markup);
        free(text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("markup");
    TCase *tcase = tcase_create("markup");

    tcase_add_test(tcase, text_is_text);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
