/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_p2p_groups.c - which GPUs of a host reach each other (ACS in full: test_clique.c) */
#include "check/p2p_groups.h"

#include "build.h"
#include "model/pcicap.h"

#include <check.h>

#define NVIDIA .vendor = 0x10de

static struct world w;

static void set_acs(const char *port, unsigned char control)
{
    add_config_space(&w, port, 0);
    add_extended_capability(&w, port, PCICAP_EXT_ACS, 0x7f, control);
}

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
        set_acs(ports[i], 0x5d);
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

static void find_groups(const size_t *gpus, size_t count, size_t *groups)
{
    struct obstacles *obstacles = obstacles_new(&w.host);

    ck_assert_ptr_nonnull(obstacles);
    ck_assert(p2p_groups_find(&w.host, obstacles, gpus, count, groups));
    obstacles_free(obstacles);
}

START_TEST(groups_are_below_one_switch)
{
    size_t gpus[] = {place("43:00.0"), place("44:00.0"), place("45:00.0"), place("52:00.0")};
    size_t groups[4];

    find_groups(gpus, 4, groups);
    ck_assert_uint_eq(groups[0], 0);
    ck_assert_uint_eq(groups[1], 0);
    ck_assert_uint_eq(groups[2], 0);
    ck_assert_uint_eq(groups[3], 3);
    cut_config(&w, "42:01.0", 16); /* it cannot be read, so nothing passes */
    find_groups(gpus, 4, groups);
    ck_assert_uint_eq(groups[0], 0);
    ck_assert_uint_eq(groups[1], 1);
    ck_assert_uint_eq(groups[2], 0);
}
END_TEST

/* What would send a guest's addresses to others of the host is no way. */
START_TEST(any_fault_separates)
{
    static const unsigned char controls[] = {0x00, 0x1d, 0x40, 0x5c, 0x5f, 0x7d};
    size_t gpus[] = {place("43:00.0"), place("44:00.0")}, groups[2];

    for (size_t i = 0; i < sizeof(controls); i++) {
        set_acs("42:01.0", controls[i]);
        find_groups(gpus, 2, groups);
        ck_assert_uint_eq(groups[1], 1);
    }
    add_config_space(&w, "42:01.0", 0); /* no ACS */
    find_groups(gpus, 2, groups);
    ck_assert_uint_eq(groups[1], 1);
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
    tcase_add_test(tcase, any_fault_separates);
    tcase_add_test(tcase, what_takes_a_clique);
    return run_suite(suite);
}
