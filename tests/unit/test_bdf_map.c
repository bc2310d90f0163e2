/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_bdf_map.c - a number for each of many PCI addresses
 */
#include "base/bdf_map.h"

#include "build.h"

#include <check.h>

START_TEST(an_empty_map_has_nothing)
{
    struct bdf_map map = {0};

    ck_assert_uint_eq(bdf_map_get(&map, &(struct bdf){0}), BDF_MAP_NONE);
    bdf_map_clear(&map);
}
END_TEST

START_TEST(what_was_added_is_found_and_nothing_else)
{
    struct bdf_map map = {0};
    size_t count = 0;

    for (uint32_t domain = 0; domain < 3; domain++) {
        for (unsigned n = 0; n < 5000; n += 3) {
            struct bdf bdf = {domain * 0x7fffffffu, (uint8_t)(n >> 8), n >> 3 & 31, n & 7};

            ck_assert_uint_eq(bdf_map_get(&map, &bdf), BDF_MAP_NONE);
            ck_assert(bdf_map_add(&map, &bdf, count++));
        }
    }
    ck_assert_uint_eq(map.count, count);
    count = 0;
    for (uint32_t domain = 0; domain < 3; domain++) {
        for (unsigned n = 0; n < 5000; n++) {
            struct bdf bdf = {domain * 0x7fffffffu, (uint8_t)(n >> 8), n >> 3 & 31, n & 7};

            ck_assert_uint_eq(bdf_map_get(&map, &bdf), n % 3 ? BDF_MAP_NONE : count++);
        }
    }
    bdf_map_clear(&map);
    ck_assert_uint_eq(map.size, 0);
}
END_TEST

START_TEST(the_first_and_the_last_address_are_addresses)
{
    static const struct bdf first, last = {UINT32_MAX, 255, 31, 7};
    struct bdf_map map = {0};

    ck_assert(bdf_map_add(&map, &first, 1));
    ck_assert(bdf_map_add(&map, &last, 2));
    ck_assert_uint_eq(bdf_map_get(&map, &first), 1);
    ck_assert_uint_eq(bdf_map_get(&map, &last), 2);
    bdf_map_clear(&map);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bdf_map");
    TCase *tcase = tcase_create("bdf_map");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, an_empty_map_has_nothing);
    tcase_add_test(tcase, what_was_added_is_found_and_nothing_else);
    tcase_add_test(tcase, the_first_and_the_last_address_are_addresses);
    return run_suite(suite);
}
