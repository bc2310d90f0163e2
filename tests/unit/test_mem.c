/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mem.c - growing arrays and texts */
#include "build.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

START_TEST(a_vector_keeps_its_items_and_zeroes_new_ones)
{
    VEC(int) vec = {0};

    for (int i = 0; i < 1000; i++) {
        int *item = vec_add(&vec);

        ck_assert_ptr_nonnull(item);
        ck_assert_int_eq(*item, 0);
        *item = i + 1;
    }
    ck_assert_uint_eq(vec.count, 1000);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(vec.items[i], i + 1);
    free(vec.items);
}
END_TEST

START_TEST(a_size_that_overflows_is_refused)
{
    char *items = NULL;
    size_t cap = SIZE_MAX / 8;

    ck_assert(!mem_grow(&items, cap, &cap, 16));
    ck_assert_uint_eq(cap, SIZE_MAX / 8);
    ck_assert_ptr_null(items);
}
END_TEST

START_TEST(steal_leaves_nothing_behind)
{
    char *text = mem_printf("%d-%s", 7, "x"), *taken = steal(text);

    ck_assert_ptr_null(text);
    ck_assert_str_eq(taken, "7-x");
    free(taken);
}
END_TEST

START_TEST(autofree_frees_at_the_end_of_the_scope) /* the leak checker sees it if not */
{
    autofree char *text = mem_printf("%s", "x"), *nothing = NULL;

    ck_assert_str_eq(text, "x");
    ck_assert_ptr_null(nothing);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mem");
    TCase *tcase = tcase_create("mem");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_vector_keeps_its_items_and_zeroes_new_ones);
    tcase_add_test(tcase, a_size_that_overflows_is_refused);
    tcase_add_test(tcase, steal_leaves_nothing_behind);
    tcase_add_test(tcase, autofree_frees_at_the_end_of_the_scope);
    return run_suite(suite);
}
