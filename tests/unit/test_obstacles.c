/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_obstacles.c - what registers say of two devices is what the checks say of them */
#include "nccl_world.h"

#include "check/obstacles.h"
#include "model/pcicap.h"

static struct world w;

static void setup(void)
{
    nccl_world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static unsigned obstacle_of(enum finding_id id)
{
    switch (id) {
    case FINDING_ACS_OPEN:
    case FINDING_ACS_BLOCKS:
    case FINDING_ACS_ABSENT:
        return OBSTACLE_ACS;
    case FINDING_ACS_INDIRECT:
        return OBSTACLE_ACS_DETOUR;
    case FINDING_ATS_ABSENT:
        return OBSTACLE_ATS;
    case FINDING_ATS_OFF:
        return OBSTACLE_ATS_LATER;
    case FINDING_CONFIG_UNREAD:
        return OBSTACLE_UNREAD;
    default:
        return 0;
    }
}

/* The checks of two devices, of which the first is before the other one. */
static unsigned checked(size_t one, size_t other)
{
    struct check_device devices[] = {{one, true}, {other, true}};
    struct check_set set = {.host = &w.host, .devices = devices, .count = 2};
    struct check_results results = {0};
    unsigned obstacles = 0;

    ck_assert(check_host(&set, CHECK_ACS | CHECK_ATS | CHECK_UNREAD, &results));
    for (size_t i = 0; i < results.count; i++)
        obstacles |= obstacle_of(results.items[i].id);
    check_results_clear(&results);
    return obstacles;
}

static void compare_all(void)
{
    struct obstacles *obstacles = obstacles_new(&w.host);

    ck_assert_ptr_nonnull(obstacles);
    for (size_t i = 0; i < w.host.functions.count; i++) {
        for (size_t k = i + 1; k < w.host.functions.count; k++) {
            if (w.host.functions.items[i].port != PORT_NONE ||
                w.host.functions.items[k].port != PORT_NONE)
                continue;
            ck_assert_uint_eq(obstacles_between(obstacles, i, k), checked(i, k));
            ck_assert_uint_eq(obstacles_between(obstacles, k, i), checked(i, k));
        }
        ck_assert_uint_eq(obstacles_between(obstacles, i, i), 0);
    }
    obstacles_free(obstacles);
}

/* A capability at 0x100, or none, with @control; PCI Express unless @conventional. */
static void set_config(struct host_function *f, uint16_t id, uint16_t control, bool conventional)
{
    unsigned char *c = calloc(4096, 1);

    ck_assert_ptr_nonnull(c);
    free(f->config);
    f->config = c;
    f->config_size = 4096;
    c[0] = 0xde;
    c[6] = 0x10;
    c[0x34] = 0x40;
    c[0x40] = conventional ? 0x01 : 0x10;
    c[0x100] = (unsigned char)id;
    c[0x102] = id ? 1 : 0;
    c[0x104] = 0x7f;
    c[0x106] = (unsigned char)control;
    c[0x107] = (unsigned char)(control >> 8);
}

START_TEST(nothing_could_be_read)
{
    compare_all();
}
END_TEST

START_TEST(whatever_the_registers_say)
{
    static const uint16_t controls[] = {0x5d, 0x1d, 0x00, 0x7d, 0x5f, 0x59};
    unsigned seed = 1;

    for (unsigned run = 0; run < 60; run++) {
        for (size_t i = 0; i < w.host.functions.count; i++) {
            struct host_function *f = &w.host.functions.items[i];
            unsigned draw = (seed = seed * 1103515245 + 12345) >> 16;

            if (f->port == PORT_DOWNSTREAM)
                set_config(f, draw % 7 ? 0x0d : 0, controls[draw / 7 % 6], false);
            else
                set_config(f, draw % 4 ? 0x0f : 0, (uint16_t)(draw / 4 % 2 << 15),
                           draw / 8 % 4 == 0);
            if (draw / 32 % 5 == 0)
                f->config_size = 64;
        }
        compare_all();
    }
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(pair_obstacle_name(OBSTACLE_HOST), "host");
    ck_assert_str_eq(pair_obstacle_name(OBSTACLE_ACS_DETOUR), "acs-detour");
    ck_assert_str_eq(pair_obstacle_name(OBSTACLE_IOMMU), "guest-iommu");
    obstacles_free(NULL);
}
END_TEST

/* The nearest one to the first of the two; where they share no switch there is none. */
START_TEST(the_port_that_is_the_reason)
{
    size_t one = (size_t)(function_at(&w, "43:00.0") - w.host.functions.items);
    size_t other = (size_t)(function_at(&w, "47:00.0") - w.host.functions.items);
    size_t far = (size_t)(function_at(&w, "50:00.0") - w.host.functions.items);
    struct obstacle_port port;
    struct obstacles *obstacles;

    for (size_t i = 0; i < w.host.functions.count; i++) {
        if (w.host.functions.items[i].port == PORT_DOWNSTREAM)
            set_config(&w.host.functions.items[i], PCICAP_EXT_ACS, 0x5d, false);
    }
    set_config(function_at(&w, "46:00.0"), PCICAP_EXT_ACS, 0x19, false);
    obstacles = obstacles_new(&w.host);
    ck_assert_ptr_nonnull(obstacles);
    ck_assert(obstacles_find_port(obstacles, one, other, ACS_FAULT_OPEN, &port));
    ck_assert_ptr_eq(&w.host.functions.items[port.port], function_at(&w, "46:00.0"));
    ck_assert_uint_eq(port.faults, ACS_FAULT_OPEN);
    ck_assert_uint_eq(port.control, 0x19);
    ck_assert(!obstacles_find_port(obstacles, one, other, ACS_FAULT_REDIRECTS, &port));
    ck_assert(!obstacles_find_port(obstacles, one, far, ACS_FAULT_OPEN, &port));
    obstacles_free(obstacles);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("obstacles");
    TCase *tcase = tcase_create("obstacles");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nothing_could_be_read);
    tcase_add_test(tcase, whatever_the_registers_say);
    tcase_add_test(tcase, names);
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_port_that_is_the_reason);
    return run_suite(suite);
}
