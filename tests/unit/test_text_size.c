/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_text_size.c - how wide a text can be, and where it may be broken */
#include "draw/text_size.h"

#include "suite.h"

#include <check.h>
#include <string.h>

START_TEST(columns_and_pixels)
{
    static const struct {
        const char *text;
        size_t columns;
    } rows[] = {
        {"", 0},
        {"0000:41:00.0", 12},
        {"gr\xc3\xb6\xc3\x9f"
         "e",
         7},                     /* another font may step in */
        {"\xe5\x90\x8d", 2},     /* wide */
        {"e\xcc\x81", 1},        /* a combining accent */
        {"\xf0\x9f\x99\x82", 2}, /* an emoji */
        {"a\xff", 3},            /* not UTF-8: markup_add() writes a "?" */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        ck_assert_uint_eq(text_columns(rows[i].text, strlen(rows[i].text)), rows[i].columns);
    ck_assert_int_eq(text_width("", 12), 0);
    ck_assert_int_eq(text_width("x", 12), 8); /* 7.44 */
    ck_assert_int_eq(text_width("0123456789", 12), 75);
    ck_assert_int_eq(text_width("0123456789", 11), 69);
}
END_TEST

/* "|" where a line ends. */
static const char *broken(const char *text, size_t columns)
{
    static char lines[128];
    size_t used = 0, next;

    for (; *text; text += next) {
        size_t length = text_break(text, columns, &next);

        memcpy(lines + used, text, length);
        used += length;
        lines[used++] = '|';
        ck_assert_uint_gt(next, 0);
        ck_assert_uint_le(length, next);
    }
    lines[used] = '\0';
    return lines;
}

START_TEST(breaks)
{
    ck_assert_str_eq(broken("", 5), "");
    ck_assert_str_eq(broken("one two three", 20), "one two three|");
    ck_assert_str_eq(broken("one two three", 7), "one two|three|");
    ck_assert_str_eq(broken("one two three", 6), "one|two|three|");
    ck_assert_str_eq(broken("one  two", 4), "one |two|");
    ck_assert_str_eq(broken("unbroken", 3), "unb|rok|en|");
    ck_assert_str_eq(broken("CPUs 0,2,4,6,8", 9), "CPUs 0,2,|4,6,8|");
    ck_assert_str_eq(broken("groups 1, 2", 9), "groups 1,|2|");
    ck_assert_str_eq(broken("\xe5\x90\x8d\xe5\x89\x8d", 1), "\xe5\x90\x8d|\xe5\x89\x8d|");
    ck_assert_str_eq(broken(" a", 1), " |a|");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_size");
    TCase *tcase = tcase_create("text_size");

    tcase_add_test(tcase, columns_and_pixels);
    tcase_add_test(tcase, breaks);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
