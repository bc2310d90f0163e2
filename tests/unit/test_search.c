/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_search.c - the place of a key in a sorted array
 */
#include "base/search.h"

#include "build.h"

#include <check.h>

static int compare_ints(const void *key, const void *item)
{
    int a = *(const int *)key, b = *(const int *)item;

    return (a > b) - (a < b);
}

static size_t bound(int key, const int *items, size_t count)
{
    return search_lower_bound(&key, items, count, sizeof(*items), compare_ints);
}

static const int *find(int key, const int *items, size_t count)
{
    return search_find(&key, items, count, sizeof(*items), compare_ints);
}

START_TEST(every_place_of_arrays_of_every_size_is_found)
{
    int items[33];

    for (size_t count = 0; count <= 33; count++) {
        for (size_t i = 0; i < count; i++)
            items[i] = (int)(2 * i + 1);
        for (int key = 0; key <= 2 * (int)count; key++) {
            size_t at = bound(key, items, count);

            ck_assert_uint_eq(at, (size_t)key / 2);
            if (key % 2)
                ck_assert_ptr_eq(find(key, items, count), &items[at]);
            else
                ck_assert_ptr_null(find(key, items, count));
        }
    }
}
END_TEST

START_TEST(of_equal_items_the_first_is_found)
{
    static const int items[] = {1, 4, 4, 4, 9};

    ck_assert_uint_eq(bound(4, items, 5), 1);
    ck_assert_ptr_eq(find(4, items, 5), &items[1]);
    ck_assert_uint_eq(bound(5, items, 5), 4);
}
END_TEST

START_TEST(an_empty_array_may_be_null)
{
    ck_assert_uint_eq(bound(1, NULL, 0), 0);
    ck_assert_ptr_null(find(1, NULL, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("search");
    TCase *tcase = tcase_create("search");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, every_place_of_arrays_of_every_size_is_found);
    tcase_add_test(tcase, of_equal_items_the_first_is_found);
    tcase_add_test(tcase, an_empty_array_may_be_null);
    return run_suite(suite);
}
