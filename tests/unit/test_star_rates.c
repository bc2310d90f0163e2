/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_star_rates.c - what the links of one guest switch count that stands for several of the host
 */
#include "links_world.h"

#include "plan/ground/star_rates.h"

#define GB 80

static struct star_leaf leaves[8];
static size_t leaf_count;

static void add_leaf(const char *above, unsigned own, unsigned weight)
{
    struct bdf bdf = function_of(&w, above)->bdf;

    leaves[leaf_count++] =
        (struct star_leaf){.above = host_find(&w.host, &bdf), .own = own * GB, .weight = weight};
}

/* "48 24(54:00) ...": what each counts in GB/s, and the group that it loses in. */
static const char *rates(void)
{
    struct bdf top = function_of(&w, "51:00.0")->bdf;
    size_t *where = malloc(w.host.functions.count * sizeof(*where));

    for (size_t i = 0; i < w.host.functions.count; i++)
        where[i] = SIZE_MAX;
    ck_assert(star_set_rates(&w.host, host_find(&w.host, &top), leaves, leaf_count, where));
    for (size_t i = 0; i < w.host.functions.count; i++)
        ck_assert_uint_eq(where[i], SIZE_MAX);
    free(where);
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < leaf_count; i++) {
        text_append(&w.text, "%s%g", i ? " " : "", leaves[i].rate / (double)GB);
        if (leaves[i].group != HOST_NONE)
            text_append(&w.text, "(%02x)", w.host.functions.items[leaves[i].group].bdf.bus);
    }
    leaf_count = 0;
    return w.text;
}

START_TEST(each_link_of_one_switch_counts_its_own)
{
    leaf_count = 0;
    add_leaf("52:00.0", 24, 1);
    add_leaf("52:01.0", 48, 1);
    add_leaf("51:00.0", 12, 1);
    ck_assert_str_eq(rates(), "24 48 12");
}
END_TEST

/* 54 hangs on the switch with 12 GB/s. */
START_TEST(a_group_of_more_pairs_wins)
{
    leaf_count = 0;
    set_link("54:00.0", 160, 8);
    add_leaf("55:00.0", 48, 1);
    add_leaf("55:01.0", 48, 1);
    add_leaf("52:00.0", 48, 1);
    add_leaf("51:00.0", 48, 1);
    ck_assert_str_eq(rates(), "12(54) 12(54) 48 48"); /* equal: that of the switch itself */
    for (int i = 0; i < 3; i++)
        add_leaf("55:00.0", 48, 1);
    add_leaf("52:00.0", 48, 1);
    add_leaf("51:00.0", 48, 1);
    ck_assert_str_eq(rates(), "48 48 48 12(51) 12(51)");
    for (int i = 0; i < 3; i++)
        add_leaf("55:00.0", 48, 1);
    add_leaf("52:00.0", 48, 1);
    add_leaf("51:00.0", 48, 4); /* four cards are reached through it */
    ck_assert_str_eq(rates(), "12(54) 12(54) 12(54) 48 48");
}
END_TEST

START_TEST(groups_within_groups)
{
    leaf_count = 0;
    set_link("54:00.0", 160, 8);
    add_leaf("55:00.0", 24, 1);
    add_leaf("55:01.0", 48, 1);
    add_leaf("55:01.0", 48, 1);
    add_leaf("52:00.0", 12, 1);
    add_leaf("51:00.0", 6, 1);
    ck_assert_str_eq(rates(), "24 48 48 12 6");
}
END_TEST

START_TEST(links_that_are_none_limit_nothing)
{
    leaf_count = 0;
    add_leaf("52:00.0", 48, 1);
    leaves[0].own = STAR_NO_LINK;
    add_leaf("51:00.0", 24, 1);
    ck_assert_str_eq(rates(), "24 24");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("star_rates");
    TCase *tcase = tcase_create("star_rates");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, each_link_of_one_switch_counts_its_own);
    tcase_add_test(tcase, a_group_of_more_pairs_wins);
    tcase_add_test(tcase, groups_within_groups);
    tcase_add_test(tcase, links_that_are_none_limit_nothing);
    return run_suite(suite);
}
