/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_utf8.c - characters, and bytes that are none */
#include "base/utf8.h"

#include "suite.h"

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

START_TEST(lengths)
{
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xc1\xbf", 0}, /* overlong */
        {"\xc2\x80", 2},
        {"\xc2", 0}, /* cut off by the NUL */
        {"\xdf\xbf", 2},
        {"\xe0\x9f\xbf", 0},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0}, /* a surrogate */
        {"\xef\xbf\xbf", 3},
        {"\xe2\x82x", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ck_assert_msg(utf8_length(rows[i].bytes, SIZE_MAX) == rows[i].length, "row %zu", i);
        if (rows[i].length > 1)
            ck_assert_uint_eq(utf8_length(rows[i].bytes, rows[i].length - 1), 0);
    }
}
END_TEST

/* Wherever in a word the byte is. */
START_TEST(spans)
{
    static const struct {
        const char *bytes;
        size_t length;
        bool valid;
    } rows[] = {
        {"\0", 1, false},           {"\x80", 1, false},        {"\xc3\xa4", 2, true},
        {"\xc3", 1, false},         {"\xe2\x82\xac", 3, true}, {"\x01", 1, true},
        {"\xed\xa0\x80", 3, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (size_t at = 0; at < 20; at++) {
            char text[24];

            memset(text, 'a', sizeof(text));
            memcpy(text + at, rows[i].bytes, rows[i].length);
            ck_assert_msg(utf8_span(text, at + rows[i].length) ==
                              (rows[i].valid ? at + rows[i].length : at),
                          "row %zu at %zu", i, at);
            if (at + rows[i].length < 20)
                ck_assert_uint_eq(utf8_span(text, 24), rows[i].valid ? 24 : at);
        }
    }
    ck_assert_uint_eq(utf8_span("", 0), 0);
}
END_TEST

START_TEST(cuts)
{
    ck_assert_uint_eq(utf8_cut("abc", 5), 3);
    ck_assert_uint_eq(utf8_cut("abc", 2), 2);
    ck_assert_uint_eq(utf8_cut("a\xe2\x82\xac", 4), 4);
    ck_assert_uint_eq(utf8_cut("a\xe2\x82\xac", 3), 1);
    ck_assert_uint_eq(utf8_cut("a\xe2\x82\xac", 2), 1);
    ck_assert_uint_eq(utf8_cut("\xe2\x82\xac", 2), 0);
}
END_TEST

START_TEST(columns)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"vm-1", 4},
        {"\xc3\xa9", 1},                 /* one character */
        {"e\xcc\x81\xcc\x82", 1},        /* with two combining accents */
        {"\xe8\x99\x9a\xe6\x8b\x9f", 4}, /* two of Han */
        {"\xf0\x9f\x98\x80", 2},         /* an emoji */
        {"\xd1\x83\xd0\xb7", 2},         /* Cyrillic */
        {"\xe2\x94\x9c\xe2\x94\x80", 2}, /* of a tree */
        {"a\xff\xe8", 3},                /* no UTF-8 */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ck_assert_uint_eq(utf8_columns(cases[i].text, strlen(cases[i].text)), cases[i].columns);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tcase = tcase_create("utf8");

    tcase_add_test(tcase, lengths);
    tcase_add_test(tcase, spans);
    tcase_add_test(tcase, cuts);
    tcase_add_test(tcase, columns);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
