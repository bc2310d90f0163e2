/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_printable.c - what a terminal must not get */
#include "base/printable.h"
#include "build.h"

#include <check.h>
#include <string.h>

static const struct {
    const char *text, *line, *lines;
} cases[] = {
    {"", "", ""},
    {"plain ~", "plain ~", "plain ~"},
    {"a\nb\tc\r", "a?b?c?", "a\nb?c?"},
    {"\x1f \x7f", "? ?", "? ?"},
    {"\xc2\x80 \xc2\x9f \xc2\xa0", "?? ?? \xc2\xa0", "?? ?? \xc2\xa0"},
    {"\xc3\x9f \xe2\x82\xac", "\xc3\x9f \xe2\x82\xac", "\xc3\x9f \xe2\x82\xac"},
    {"\xff\x80 \xc3", "?? ?", "?? ?"},             /* no UTF-8, and cut off */
    {"\xc0\x8a \xed\xa0\x80", "?? ???", "?? ???"}, /* overlong, a surrogate */
};

START_TEST(byte_by_byte)
{
    char text[32];

    strcpy(text, cases[_i].text);
    printable(text, false);
    ck_assert_str_eq(text, cases[_i].line);
    strcpy(text, cases[_i].text);
    printable(text, true);
    ck_assert_str_eq(text, cases[_i].lines);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("printable");
    TCase *tcase = tcase_create("printable");

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, byte_by_byte, 0, sizeof(cases) / sizeof(*cases));
    return run_suite(suite);
}
