/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_p2p_groups.c - which GPUs of a host reach each other (ACS in full: test_clique.c) */
#include "check/p2p_groups.h"

#include "build.h"
#include "model/host_tree.h"

#include <check.h>

#define NVIDIA .vendor = 0x10de

static struct world w;

/* Three GPUs below a switch, one behind a switch of its own; a virtual function. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, NVIDIA},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU, NVIDIA},
        {"45:00.0", "42:02.0", PORT_NONE, 0, GPU, NVIDIA},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"50:00.0", "40:02.0", PORT_UPSTREAM, 0},
        {"51:00.0", "50:00.0", PORT_DOWNSTREAM, 0},
        {"52:00.0", "51:00.0", PORT_NONE, 0, GPU, NVIDIA},
        {"52:00.1", "51:00.0", PORT_NONE, 0, GPU, "52:00.0", NVIDIA},
    };
    static const char *const ports[] = {"42:00.0", "42:01.0", "42:02.0", "51:00.0"};

    world_init(&w);
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
        add_config_space(&w, ports[i], 0); /* no ACS */
}

static void teardown(void)
{
    world_clear(&w);
}

static size_t place(const char *bdf)
{
    struct bdf at = bdf_of(bdf);

    return host_find(&w.host, &at);
}

START_TEST(groups_are_below_one_switch)
{
    size_t gpus[] = {place("43:00.0"), place("44:00.0"), place("45:00.0"), place("52:00.0")};
    size_t groups[4];

    ck_assert(p2p_groups_find(&w.host, gpus, 4, groups));
    ck_assert_uint_eq(groups[0], 0);
    ck_assert_uint_eq(groups[1], 0);
    ck_assert_uint_eq(groups[2], 0);
    ck_assert_uint_eq(groups[3], 3);
    cut_config(&w, "42:01.0", 16); /* it cannot be read, so nothing passes */
    ck_assert(p2p_groups_find(&w.host, gpus, 4, groups));
    ck_assert_uint_eq(groups[0], 0);
    ck_assert_uint_eq(groups[1], 1);
    ck_assert_uint_eq(groups[2], 0);
}
END_TEST

START_TEST(the_first_port_that_is_not_clear)
{
    struct p2p_way way;

    ck_assert(!p2p_find_way(&w.host, place("43:00.0"), place("52:00.0"), &way));
    ck_assert(p2p_find_way(&w.host, place("43:00.0"), place("44:00.0"), &way));
    ck_assert(way.clear);
    cut_config(&w, "42:01.0", 16);
    ck_assert(p2p_find_way(&w.host, place("43:00.0"), place("44:00.0"), &way));
    ck_assert(!way.clear);
    ck_assert_uint_eq(way.port, place("42:01.0"));
    ck_assert_int_eq(way.state, ACS_UNREADABLE);
}
END_TEST

START_TEST(what_takes_a_clique)
{
    ck_assert(function_takes_clique(function_of(&w, "43:00.0")));
    ck_assert(!function_takes_clique(function_of(&w, "52:00.1")));
    ck_assert(!function_takes_clique(function_of(&w, "42:00.0")));
    ck_assert_uint_eq(p2p_top_switch(&w.host, place("43:00.0")), place("41:00.0"));
    ck_assert_uint_eq(p2p_top_switch(&w.host, place("40:02.0")), HOST_NONE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("p2p_groups");
    TCase *tcase = tcase_create("p2p_groups");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, groups_are_below_one_switch);
    tcase_add_test(tcase, the_first_port_that_is_not_clear);
    tcase_add_test(tcase, what_takes_a_clique);
    return run_suite(suite);
}
