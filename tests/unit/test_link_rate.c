/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_link_rate.c - what NCCL makes of a link */
#include "build.h"
#include "plan/ground/link_rate.h"

#include <check.h>

START_TEST(links_count_as_in_its_dictionary)
{
    static const struct {
        struct host_link link;
        unsigned bandwidth;
    } rows[] = {
        {{25, 1}, 15},     {{50, 4}, 120}, {{80, 16}, 960},  {{160, 16}, 1920}, {{320, 16}, 3840},
        {{640, 16}, 7680}, {{0, 16}, 960}, {{320, 0}, 3840}, {{0, 0}, 960},     {{1280, 16}, 960},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        ck_assert_uint_eq(link_rate(&rows[i].link), rows[i].bandwidth);
}
END_TEST

START_TEST(speed_and_width_are_read_apart)
{
    static const struct {
        struct host_link one, other, read;
    } rows[] = {
        {{160, 8}, {50, 16}, {50, 8}}, {{320, 16}, {320, 16}, {320, 16}},
        {{0, 8}, {80, 16}, {80, 8}},   {{80, 0}, {160, 16}, {80, 0}},
        {{0, 0}, {0, 0}, {0, 0}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct host_link there = link_read(rows[i].one, rows[i].other);
        struct host_link back = link_read(rows[i].other, rows[i].one);

        ck_assert_uint_eq(there.speed, rows[i].read.speed);
        ck_assert_uint_eq(there.width, rows[i].read.width);
        ck_assert_uint_eq(back.speed, rows[i].read.speed);
        ck_assert_uint_eq(back.width, rows[i].read.width);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link_rate");
    TCase *tcase = tcase_create("link_rate");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, links_count_as_in_its_dictionary);
    tcase_add_test(tcase, speed_and_width_are_read_apart);
    return run_suite(suite);
}
