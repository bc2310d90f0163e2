/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_compare.c - a guest that is as expected, and all ways in which it may not be */
#include "build.h"

#include "expect/compare.h"

#include <check.h>
#include <string.h>

static struct world w;
static struct expectation list;
static struct guest_row row;

/* A guest: expander c0, root port, switch, GPU c3 on node 0. */
static void setup(void)
{
    static const struct row rows[] = {
        {"c0:00.0", NULL, PORT_ROOT, 0},
        {"c1:00.0", "c0:00.0", PORT_UPSTREAM, 0},
        {"c2:01.0", "c1:00.0", PORT_DOWNSTREAM, 0},
        {"c3:00.0", "c2:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x2330},
    };
    struct expected *item;

    world_init(&w);
    add_nodes(&w, 2, 2);
    ADD_FUNCTIONS(&w, rows);
    w.host.functions.items[3].link_max = (struct host_link){320, 16};
    item = vec_add(&list);
    *item = (struct expected){
        .name = strdup("hostdev 0000:41:00.0"),
        .has_bdf = true,
        .bdf = bdf_of("c3:00.0"),
        .has_ids = true,
        .vendor = 0x10de,
        .device = 0x2330,
        .has_ports = true,
        .port_count = 3,
        .ports = {bdf_of("c0:00.0"), bdf_of("c1:00.0"), bdf_of("c2:01.0")},
        .link = {320, 16},
    };
}

static void teardown(void)
{
    expectation_clear(&list);
    free(row.difference);
    row = (struct guest_row){0};
    world_clear(&w);
}

static void compare(void)
{
    free(row.difference);
    row = (struct guest_row){0};
    ck_assert(guest_compare(&list, &w.host, &row));
}

/* One question is answered so, and the sentence is this. */
static void expect_difference(enum guest_aspect about, const char *difference)
{
    compare();
    for (enum guest_aspect k = 0; k < GUEST_ASPECTS; k++) {
        if (about == GUEST_ADDRESS && k != about)
            ck_assert_int_eq(row.answers[k], GUEST_NOT_COMPARED);
        else
            ck_assert_int_eq(row.answers[k], k == about ? GUEST_DIFFERS : GUEST_AGREES);
    }
    ck_assert_str_eq(row.difference, difference);
}

START_TEST(all_is_as_expected)
{
    compare();
    for (size_t k = 0; k < GUEST_ASPECTS; k++)
        ck_assert_int_eq(row.answers[k], GUEST_AGREES);
    ck_assert_ptr_null(row.difference);
}
END_TEST

START_TEST(what_is_not_expected_is_not_compared)
{
    list.items[0].node = EXPECTED_ANY;
    list.items[0].has_ports = list.items[0].has_ids = false;
    list.items[0].link = (struct host_link){0, 0};
    w.host.functions.items[3].device = 1;
    compare();
    ck_assert_int_eq(row.answers[GUEST_ADDRESS], GUEST_AGREES);
    for (size_t k = GUEST_NODE; k < GUEST_ASPECTS; k++)
        ck_assert_int_eq(row.answers[k], GUEST_NOT_COMPARED);
    ck_assert_ptr_null(row.difference);
}
END_TEST

START_TEST(without_an_address_nothing_is_asked)
{
    list.items[0].has_bdf = false;
    compare();
    for (size_t k = 0; k < GUEST_ASPECTS; k++)
        ck_assert_int_eq(row.answers[k], GUEST_NOT_COMPARED);
    ck_assert_ptr_null(row.difference);
}
END_TEST

START_TEST(nothing_is_there)
{
    list.items[0].bdf = bdf_of("c4:00.0");
    expect_difference(GUEST_ADDRESS, "nothing is at 0000:c4:00.0");
}
END_TEST

START_TEST(another_device_is_there)
{
    w.host.functions.items[3].device = 0x1021;
    expect_difference(GUEST_ADDRESS, "0000:c3:00.0 is 10de:1021, not 10de:2330");
}
END_TEST

START_TEST(another_node)
{
    w.host.functions.items[3].node = -1;
    expect_difference(GUEST_NODE, "numa_node is -1, not 0");
    w.host.functions.items[3].node = 0;
    list.items[0].node = -1;
    expect_difference(GUEST_NODE, "numa_node is 0, not -1");
}
END_TEST

START_TEST(other_ports)
{
    list.items[0].ports[2] = bdf_of("c2:00.0");
    expect_difference(
        GUEST_PORTS,
        "is below 0000:c0:00.0/0000:c1:00.0/0000:c2:01.0, not below 0000:c0:00.0/0000:c1:00.0/0000:c2:00.0");
    list.items[0].port_count = 1;
    expect_difference(GUEST_PORTS,
                      "is below 0000:c0:00.0/0000:c1:00.0/0000:c2:01.0, not below 0000:c0:00.0");
    list.items[0].port_count = 0;
    expect_difference(GUEST_PORTS,
                      "is below 0000:c0:00.0/0000:c1:00.0/0000:c2:01.0, not below no port");
}
END_TEST

START_TEST(another_link)
{
    list.items[0].link.width = 8;
    expect_difference(GUEST_LINK, "max link is 32.0 GT/s x16, not 32.0 GT/s x8");
    list.items[0].link = (struct host_link){25, 16};
    expect_difference(GUEST_LINK, "max link is 32.0 GT/s x16, not 2.5 GT/s x16");
}
END_TEST

START_TEST(several_differences_are_several_lines)
{
    list.items[0].node = 1;
    list.items[0].link.width = 8;
    compare();
    ck_assert_str_eq(row.difference,
                     "numa_node is 0, not 1\nmax link is 32.0 GT/s x16, not 32.0 GT/s x8");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare");
    TCase *tcase = tcase_create("compare");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, all_is_as_expected);
    tcase_add_test(tcase, what_is_not_expected_is_not_compared);
    tcase_add_test(tcase, without_an_address_nothing_is_asked);
    tcase_add_test(tcase, nothing_is_there);
    tcase_add_test(tcase, another_device_is_there);
    tcase_add_test(tcase, another_node);
    tcase_add_test(tcase, other_ports);
    tcase_add_test(tcase, another_link);
    tcase_add_test(tcase, several_differences_are_several_lines);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
