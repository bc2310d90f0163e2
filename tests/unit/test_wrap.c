/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_wrap.c - text in lines of at most WRAP_WIDTH columns */
#include "base/wrap.h"
#include "build.h"

#include <check.h>
#include <string.h>

static struct buffer out;

static void setup(void)
{
    out = (struct buffer){0};
}

static void teardown(void)
{
    buffer_clear(&out);
}

static const char *wrapped(const char *text, size_t first, size_t indent)
{
    buffer_clear(&out);
    out = (struct buffer){0};
    wrap_add(&out, text, strlen(text), first, indent);
    return out.text;
}

START_TEST(what_fits_is_one_line)
{
    ck_assert_str_eq(wrapped("", 0, 0), "\n");
    ck_assert_str_eq(wrapped("one two", 2, 4), "  one two\n");
}
END_TEST

/* Two words of @first and @second letters: in how many lines? */
static size_t lines(size_t indent, size_t first, size_t second)
{
    char text[256];
    const char *at;
    size_t n = 0;

    memset(text, 'x', sizeof(text));
    text[first] = ' ';
    text[first + 1 + second] = '\0';
    for (at = wrapped(text, indent, 3); (at = strchr(at, '\n')); at++)
        n++;
    return n;
}

START_TEST(a_line_has_100_columns)
{
    ck_assert_uint_eq(lines(0, 49, 50), 1); /* with the blank 100 */
    ck_assert_uint_eq(lines(0, 50, 50), 2);
    ck_assert_uint_eq(lines(10, 39, 50), 1);
    ck_assert_uint_eq(lines(10, 40, 50), 2);
    ck_assert_uint_eq(lines(0, 120, 1), 2); /* a long word is not broken */
}
END_TEST

/* Wide characters take two columns in three bytes, combining ones none. */
START_TEST(columns_are_not_bytes)
{
    char text[400] = "";

    for (int i = 0; i < 49; i++)
        strcat(text, "\xe8\x99\x9a");
    strcat(text, " e\xcc\x81");
    ck_assert_int_eq(strchr(wrapped(text, 0, 3), '\n')[1], '\0');
    strcat(text, "x");
    ck_assert_int_ne(strchr(wrapped(text, 0, 3), '\n')[1], '\0');
}
END_TEST

START_TEST(further_lines_have_an_indent_of_their_own)
{
    char text[256], want[256];

    memset(text, 'a', 60);
    memset(text + 60, ' ', 1);
    memset(text + 61, 'b', 60);
    strcpy(text + 121, " c");
    memset(want, 'a', 60);
    memcpy(want + 60, "\n   ", 4);
    memset(want + 64, 'b', 60);
    strcpy(want + 124, " c\n");
    ck_assert_str_eq(wrapped(text, 0, 3), want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wrap");
    TCase *tcase = tcase_create("wrap");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_fits_is_one_line);
    tcase_add_test(tcase, a_line_has_100_columns);
    tcase_add_test(tcase, columns_are_not_bytes);
    tcase_add_test(tcase, further_lines_have_an_indent_of_their_own);
    return run_suite(suite);
}
