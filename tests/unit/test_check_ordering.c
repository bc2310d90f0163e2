/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_ordering.c - is relaxed ordering on? */
#include "build.h"

#include "core/check.h"

#include <check.h>
#include <string.h>

static struct world w;
static struct check_results results;

/* A GPU and a NIC, each on a root port of its own. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, NULL, 0x10de, 0x2235},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO, NULL, 0x10de, 0x1aef},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_NONE, 0, NIC, NULL, 0x15b3, 0x101d},
        {"61:00.2", "60:01.0", PORT_NONE, 0, NIC, "61:00.0", 0x15b3, 0x101e},
    };

    world_init(&w);
    add_nodes(&w, 2, 4);
    ADD_FUNCTIONS(&w, rows);
    results = (struct check_results){0};
}

static void teardown(void)
{
    check_results_clear(&results);
    world_clear(&w);
}

START_TEST(on)
{
    give_config(&w, "41:00.0", 0x2930);
    ask(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(off)
{
    const struct check_result *result;

    give_config(&w, "41:00.0", 0x2920);
    ask(&w, CHECK_ORDERING, &results, "41:00.0", NULL);
    result = result_of(&results, FINDING_ORDERING, "41:00.0");
    ck_assert_ptr_nonnull(result);
    ck_assert_str_eq(
        result->is,
        "Device Control (capability 10 at 0x40, register 0x48) is 0x2920: relaxed ordering is off");
    ck_assert_ptr_nonnull(strstr(result->how, "CAP_EXP+8.w=0010:0010"));
}
END_TEST

START_TEST(the_bit_of_virtual_functions_is_reserved)
{
    give_config(&w, "61:00.2", 0);
    ask(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "61:00.2", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(unreadable)
{
    give_config(&w, "41:00.0", 0);
    cut_config(&w, "41:00.0", 0x49);
    ask(&w, CHECK_ORDERING | CHECK_UNREAD, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_CONFIG_UNREAD, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_ordering");
    TCase *tcase = tcase_create("check_ordering");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, on);
    tcase_add_test(tcase, off);
    tcase_add_test(tcase, the_bit_of_virtual_functions_is_reserved);
    tcase_add_test(tcase, unreadable);
    return run_suite(suite);
}
