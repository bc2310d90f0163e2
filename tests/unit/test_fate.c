/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fate.c - fates of assigned devices, and the same for each device of the domain */
#include "build.h"
#include "plan/ground/fate.h"

#include <check.h>

static struct world w;
static struct facts facts;
static struct fates fates;
/* Of four devices the second and the last are assigned. */
static struct assignment items[] = {{.device = 1}, {.device = 3}};
static const struct assignments assigned = {.items = items, .count = 2};

static void setup(void)
{
    world_init(&w);
    for (size_t i = 0; i < 4; i++)
        add_other(&w, "device", NULL);
    facts = (struct facts){.base = &w.domain};
    ck_assert(fates_init(&facts, &assigned, &fates));
}

static void teardown(void)
{
    fates_clear(&fates);
    world_clear(&w);
}

START_TEST(at_first_all_stay)
{
    ck_assert_uint_eq(fates.count, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(fates.items[i].fate, FATE_STAYS);
    for (size_t i = 0; i < 4; i++)
        ck_assert(!fates.moves[i]);
}
END_TEST

START_TEST(fates_and_moves_agree)
{
    fate_set(&fates, &assigned, 1, FATE_MOVED, STAY_OTHER);
    ck_assert(!fates.moves[0] && !fates.moves[1] && !fates.moves[2] && fates.moves[3]);
    ck_assert_int_eq(fates.items[0].fate, FATE_STAYS);
    ck_assert_int_eq(fates.items[1].fate, FATE_MOVED);
    fate_set(&fates, &assigned, 1, FATE_STAYS, STAY_KEPT);
    ck_assert(!fates.moves[3]);
    ck_assert_int_eq(fates.items[1].reason, STAY_KEPT);
    fate_set(&fates, &assigned, 0, FATE_UNASSIGNED, STAY_OTHER);
    ck_assert(!fates.moves[1]);
}
END_TEST

START_TEST(no_assigned_devices)
{
    static const struct assignments none;

    fates_clear(&fates);
    ck_assert(fates_init(&facts, &none, &fates));
    ck_assert_uint_eq(fates.count, 0);
    ck_assert_ptr_nonnull(fates.moves); /* the domain has devices all the same */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fate");
    TCase *tcase = tcase_create("fate");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, at_first_all_stay);
    tcase_add_test(tcase, fates_and_moves_agree);
    tcase_add_test(tcase, no_assigned_devices);
    return run_suite(suite);
}
