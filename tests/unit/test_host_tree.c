/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_tree.c - ways up through the tree of a host
 */
#include "model/host_tree.h"

#include "build.h"

#include <check.h>

/* A switch below a switch with two cards, a card beside them on the outer one, a card on its own
 * root port, and one behind a conventional bridge. */
static const struct row rows[] = {
    {"40:01.0", NULL, PORT_ROOT, 0},
    {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
    {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
    {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
    {"43:00.0", "42:00.0", PORT_UPSTREAM, 0},
    {"44:00.0", "43:00.0", PORT_DOWNSTREAM, 0},
    {"44:01.0", "43:00.0", PORT_DOWNSTREAM, 0},
    {"45:00.0", "44:00.0", PORT_NONE, 0, GPU},
    {"45:00.1", "44:00.0", PORT_NONE, 0, AUDIO},
    {"46:00.0", "44:01.0", PORT_NONE, 0, GPU},
    {"47:00.0", "42:01.0", PORT_NONE, 0, NIC},
    {"40:02.0", NULL, PORT_ROOT, 0},
    {"48:00.0", "40:02.0", PORT_NONE, 0, GPU},
    {"40:03.0", NULL, PORT_BRIDGE, 0},
    {"49:00.0", "40:03.0", PORT_NONE, 0, NIC},
    {"49:01.0", "40:03.0", PORT_NONE, 0, NIC},
};

static struct world w;

static void setup(void)
{
    world_init(&w);
    add_nodes(&w, 1, 4);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static size_t at(const char *text)
{
    struct bdf bdf;

    ck_assert(bdf_parse(text, &bdf));
    ck_assert_uint_ne(host_find(&w.host, &bdf), HOST_NONE);
    return host_find(&w.host, &bdf);
}

START_TEST(the_bridges_above_come_from_the_nearest_up)
{
    static const char *const above[] = {"44:00.0", "43:00.0", "42:00.0", "41:00.0", "40:01.0"};
    size_t i = 0, bridge;

    HOST_FOR_EACH_ABOVE(&w.host, at("45:00.1"), bridge)
    ck_assert_uint_eq(bridge, at(above[i++]));
    ck_assert_uint_eq(i, 5);
    HOST_FOR_EACH_ABOVE(&w.host, at("40:01.0"), bridge)
    ck_abort_msg("nothing is above a root port");
}
END_TEST

START_TEST(a_function_is_above_itself_and_what_is_below_it)
{
    ck_assert(host_is_above(&w.host, at("41:00.0"), at("46:00.0")));
    ck_assert(host_is_above(&w.host, at("46:00.0"), at("46:00.0")));
    ck_assert(!host_is_above(&w.host, at("46:00.0"), at("41:00.0")));
    ck_assert(!host_is_above(&w.host, at("43:00.0"), at("47:00.0")));
}
END_TEST

START_TEST(the_lowest_common_switch_is_found)
{
    ck_assert_uint_eq(host_common_switch(&w.host, at("45:00.0"), at("46:00.0")), at("43:00.0"));
    ck_assert_uint_eq(host_common_switch(&w.host, at("47:00.0"), at("46:00.0")), at("41:00.0"));
    ck_assert_uint_eq(host_common_switch(&w.host, at("45:00.0"), at("48:00.0")), HOST_NONE);
    ck_assert_uint_eq(host_common_switch(&w.host, at("45:00.0"), at("45:00.0")), HOST_NONE);
    /* Their lowest common bridge is no switch's upstream port. */
    ck_assert_uint_eq(host_common_switch(&w.host, at("45:00.0"), at("45:00.1")), HOST_NONE);
    ck_assert_uint_eq(host_common_switch(&w.host, at("49:00.0"), at("49:01.0")), HOST_NONE);
}
END_TEST

START_TEST(switches_come_topmost_first_and_are_counted_beyond_the_limit)
{
    size_t switches[2] = {HOST_NONE, HOST_NONE};

    ck_assert_uint_eq(host_switches_above(&w.host, at("46:00.0"), switches, 2), 2);
    ck_assert_uint_eq(switches[0], at("41:00.0"));
    ck_assert_uint_eq(switches[1], at("43:00.0"));
    switches[1] = HOST_NONE;
    ck_assert_uint_eq(host_switches_above(&w.host, at("46:00.0"), switches, 1), 2);
    ck_assert_uint_eq(switches[0], at("41:00.0"));
    ck_assert_uint_eq(switches[1], HOST_NONE);
    ck_assert_uint_eq(host_switches_above(&w.host, at("48:00.0"), NULL, 0), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_tree");
    TCase *tcase = tcase_create("host_tree");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_bridges_above_come_from_the_nearest_up);
    tcase_add_test(tcase, a_function_is_above_itself_and_what_is_below_it);
    tcase_add_test(tcase, the_lowest_common_switch_is_found);
    tcase_add_test(tcase, switches_come_topmost_first_and_are_counted_beyond_the_limit);
    return run_suite(suite);
}
