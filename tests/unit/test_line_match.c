/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_line_match.c - what two texts have in common, in few and in many lines */
#include "base/line_match.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 40000

struct side {
    struct text_line lines[LINES_MAX];
    char changed[LINES_MAX];
    size_t count;
};

static struct side a, b;

/* A line of which there is one for each number. */
static void add(struct side *side, size_t number)
{
    static char texts[LINES_MAX][6];

    memcpy(texts[number],
           (char[]){(char)('0' + number / 10000), (char)('0' + number / 1000 % 10),
                    (char)('0' + number / 100 % 10), (char)('0' + number / 10 % 10),
                    (char)('0' + number % 10), '\n'},
           6);
    side->lines[side->count++] = (struct text_line){texts[number], 6};
}

static void setup(void)
{
    a.count = b.count = 0;
    memset(a.changed, 0, sizeof(a.changed));
    memset(b.changed, 0, sizeof(b.changed));
}

/* How many lines differ; fails unless the others are the same. */
static size_t match(void)
{
    const struct text_lines x = {a.lines, a.count, a.changed}, y = {b.lines, b.count, b.changed};
    size_t differences = 0, k = 0;

    ck_assert(line_match(&x, &y));
    for (size_t i = 0; i < a.count; i++) {
        if (a.changed[i]) {
            differences++;
            continue;
        }
        for (; k < b.count && b.changed[k]; k++)
            differences++;
        ck_assert_uint_lt(k, b.count);
        ck_assert_ptr_eq(a.lines[i].text, b.lines[k++].text);
    }
    for (; k < b.count; k++) {
        ck_assert(b.changed[k]);
        differences++;
    }
    return differences;
}

START_TEST(nothing_and_the_same)
{
    ck_assert_uint_eq(match(), 0);
    add(&a, 1);
    ck_assert_uint_eq(match(), 1);
    setup();
    add(&a, 1);
    add(&b, 1);
    ck_assert_uint_eq(match(), 0);
}
END_TEST

START_TEST(few_differences_are_the_fewest)
{
    /* A line that is in both once, and yet not worth to be kept. */
    static const size_t one[] = {9, 1, 1, 1}, other[] = {1, 1, 1, 9};

    for (size_t i = 0; i < 4; i++) {
        add(&a, one[i]);
        add(&b, other[i]);
    }
    ck_assert_uint_eq(match(), 2);
}
END_TEST

/* More than are compared as a whole: lines that are there once cut the texts. */
START_TEST(many_differences_are_found_piece_by_piece)
{
    for (size_t i = 0; i < 3000; i++) {
        add(&a, i);
        add(&a, 30000 + i % 7);
        add(&b, i);
        add(&b, i % 3 ? 30000 + i % 7 : 31000 + i % 7);
    }
    ck_assert_uint_eq(match(), 2 * 1000);
}
END_TEST

/* What has changed places is no place to cut at, but for one of the two. */
START_TEST(lines_that_changed_places)
{
    for (size_t i = 0; i < 2000; i++) {
        add(&a, i);
        add(&b, i < 1000 ? i + 1000 : i - 1000);
    }
    ck_assert_uint_eq(match(), 2 * 1000);
}
END_TEST

/* A piece without common lines that differs in more than any algorithm is let try. */
START_TEST(all_is_replaced_where_nothing_helps)
{
    for (size_t i = 0; i < 9000; i++) {
        add(&a, i % 2);
        add(&b, i % 2 ? 2 : 3);
    }
    ck_assert_uint_eq(match(), 2 * 9000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nothing_and_the_same,
        few_differences_are_the_fewest,
        many_differences_are_found_piece_by_piece,
        lines_that_changed_places,
        all_is_replaced_where_nothing_helps,
    };
    Suite *suite = suite_create("line_match");
    TCase *tcase = tcase_create("line_match");

    tcase_add_checked_fixture(tcase, setup, NULL);
    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
