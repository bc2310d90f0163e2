/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_kinds.c - which of many things are of one kind
 */
#include "base/kinds.h"

#include "build.h"

#include <check.h>

static struct kinds kinds;

static void clear(void)
{
    kinds_clear(&kinds);
}

static void make(const struct kinds_key *keys, size_t count)
{
    kinds_clear(&kinds);
    ck_assert(kinds_make(keys, count, &kinds));
}

START_TEST(of_numbers_and_texts)
{
    static const struct kinds_key keys[] = {
        {.number = 7},
        {.number = 3, .text = "a"},
        {.number = 7, .text = ""},
        {.number = 7, .left_out = true},
        {.number = 3, .text = "b"},
        {.number = 7},
        {.number = 3, .text = "a"},
    };
    static const size_t first[] = {0, 1, 0, KINDS_NONE, 4, 0, 1};
    static const size_t next[] = {2, 6, 5, KINDS_NONE, KINDS_NONE, KINDS_NONE, KINDS_NONE};

    make(keys, sizeof(keys) / sizeof(*keys));
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        ck_assert_uint_eq(kinds.first[i], first[i]);
        ck_assert_uint_eq(kinds.next[i], next[i]);
    }
}
END_TEST

START_TEST(of_none)
{
    static const struct kinds_key out[] = {{.left_out = true}, {.left_out = true}};

    make(NULL, 0);
    make(out, 2);
    ck_assert_uint_eq(kinds.first[1], KINDS_NONE);
}
END_TEST

/* Whatever the order is in which they come. */
START_TEST(many)
{
    enum { COUNT = 1000, KINDS = 7 };
    static struct kinds_key keys[COUNT];

    for (size_t i = 0; i < COUNT; i++)
        keys[i].number = UINT64_MAX - i * 3 % KINDS;
    make(keys, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(kinds.first[i], i % KINDS);
        ck_assert_uint_eq(kinds.next[i], i + KINDS < COUNT ? i + KINDS : KINDS_NONE);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kinds");
    TCase *tcase = tcase_create("kinds");

    tcase_add_checked_fixture(tcase, NULL, clear);
    tcase_add_test(tcase, of_numbers_and_texts);
    tcase_add_test(tcase, of_none);
    tcase_add_test(tcase, many);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
