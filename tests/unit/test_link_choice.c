/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_link_choice.c - which speed and width a port says */
#include "build.h"
#include "plan/ground/link_choice.h"

#include <check.h>

static const struct {
    unsigned value;
    const char *speed, *width;
} words[] = {
    {0, NULL, NULL},   {1, NULL, "1"},    {2, NULL, "2"},    {3, NULL, NULL},   {4, NULL, "4"},
    {8, NULL, "8"},    {12, NULL, "12"},  {16, NULL, "16"},  {24, NULL, NULL},  {25, "2_5", NULL},
    {32, NULL, "32"},  {33, NULL, NULL},  {50, "5", NULL},   {64, NULL, NULL},  {80, "8", NULL},
    {160, "16", NULL}, {320, "32", NULL}, {640, "64", NULL}, {641, NULL, NULL},
};

static void expect_word(const char *is, const char *wanted)
{
    if (wanted)
        ck_assert_str_eq(is, wanted);
    else
        ck_assert_ptr_null(is);
}

START_TEST(the_words_of_qemu)
{
    expect_word(link_speed_word(words[_i].value), words[_i].speed);
    expect_word(link_width_word(words[_i].value), words[_i].width);
}
END_TEST

static const struct {
    unsigned rate;
    bool has_end;
    struct host_link end, like, link;
    unsigned counts;
} choices[] = {
    /* both ends are ports */
    {1920, false, {0, 0}, {160, 16}, {160, 16}, 1920},
    {960, false, {0, 0}, {160, 16}, {80, 16}, 960},
    {960, false, {0, 0}, {160, 4}, {320, 4}, 960},
    /* the card says the same, more, or something else */
    {3840, true, {320, 16}, {320, 16}, {320, 16}, 3840},
    {960, true, {320, 16}, {160, 8}, {160, 8}, 960},
    {480, true, {160, 8}, {50, 16}, {80, 16}, 480},
    {240, true, {80, 16}, {320, 1}, {320, 4}, 240},
    {15, true, {640, 16}, {25, 1}, {25, 1}, 15},
    /* as near as can be */
    {180, true, {320, 4}, {25, 12}, {50, 12}, 120},
    /* a virtio device of QEMU's; an mdev, which has no link */
    {3840, true, {25, 1}, {320, 16}, {320, 16}, 15},
    {1920, true, {0, 0}, {320, 8}, {160, 8}, 1920},
    /* no link is so slow */
    {15, true, {0, 0}, {25, 1}, {25, 1}, 240},
};

START_TEST(chosen)
{
    const struct host_link *end = choices[_i].has_end ? &choices[_i].end : NULL;
    struct host_link link = link_choose(choices[_i].rate, end, &choices[_i].like);

    ck_assert_uint_eq(link_rate_with(&link, end), choices[_i].counts);
    ck_assert_uint_eq(link.speed, choices[_i].link.speed);
    ck_assert_uint_eq(link.width, choices[_i].link.width);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link_choice");
    TCase *tcase = tcase_create("link_choice");

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, the_words_of_qemu, 0, sizeof(words) / sizeof(*words));
    tcase_add_loop_test(tcase, chosen, 0, sizeof(choices) / sizeof(*choices));
    return run_suite(suite);
}
