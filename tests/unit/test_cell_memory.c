/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cell_memory.c - cells that their host node cannot hold */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* Two cells, each on a node of 64 GiB. */
static void setup(void)
{
    static const struct row rows[] = {{"10:00.0", NULL, PORT_NONE, 0, GPU}};

    world_init(&w);
    add_nodes(&w, 2, 4);
    add_cells(&w, 2, 4);
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "10:00.0", NULL);
}

static void teardown(void)
{
    world_clear(&w);
}

static const char *finding(uint64_t first_gib, uint64_t second_gib)
{
    const char *text;

    w.domain.cells.items[0].memory_kib = first_gib << 20;
    w.domain.cells.items[1].memory_kib = second_gib << 20;
    plan_or_fail(&w);
    text = finding_of(&w, FINDING_CELL_LARGE);
    return text ? text : "";
}

START_TEST(more_than_the_node_has)
{
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    ck_assert_str_eq(finding(63, 63), "");
    ck_assert_str_eq(finding(60, 64),
                     "host node 1 is to hold 65536 MiB for the cells that are tied to it (1), and "
                     "has 65536 MiB, of which the host itself needs some");
    w.host.nodes.items[1].memory_kib = 0; /* nobody knows */
    ck_assert_str_eq(finding(60, 64), "");
}
END_TEST

START_TEST(cells_of_one_node_add_up)
{
    bind_memory(&w, 0, "1");
    bind_memory(&w, 1, "1");
    ck_assert_ptr_nonnull(
        strstr(finding(40, 40), "81920 MiB for the cells that are tied to it (0, 1)"));
    ck_assert_str_eq(finding(30, 30), "");
}
END_TEST

START_TEST(a_cell_on_several_nodes_has_room)
{
    bind_memory(&w, 0, "0-1");
    ck_assert_str_eq(finding(100, 1), "");
}
END_TEST

START_TEST(memory_devices_count)
{
    struct domain_memory *device = vec_add(&w.domain.memory_devices);

    ck_assert_ptr_nonnull(device);
    *device = (struct domain_memory){.size_kib = 9 << 20, .taken_kib = 8 << 20, .node = 1};
    bind_memory(&w, 1, "1");
    ck_assert_str_eq(finding(1, 50), "");
    ck_assert_ptr_nonnull(strstr(finding(1, 60), "69632 MiB"));
}
END_TEST

START_TEST(huge_pages)
{
    struct domain_pages *pages = vec_add(&w.domain.pages);
    struct host_pages *of_host;

    ck_assert_ptr_nonnull(pages);
    *pages = (struct domain_pages){.size_kib = 1 << 20};
    bind_memory(&w, 0, "0");
    ck_assert_str_eq(finding(8, 1), ""); /* the host does not say */
    of_host = vec_add(&w.host.nodes.items[0].pages);
    ck_assert_ptr_nonnull(of_host);
    *of_host = (struct host_pages){.size_kib = 1 << 20, .total = 7};
    ck_assert_str_eq(finding(8, 1),
                     "host node 0 is to hold 8 huge pages of 1048576 KiB for the cells that are "
                     "tied to it (0), and has 7: the guest does not start");
    ck_assert_str_eq(finding(7, 1), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cell_memory");
    TCase *tcase = tcase_create("cell_memory");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, more_than_the_node_has);
    tcase_add_test(tcase, cells_of_one_node_add_up);
    tcase_add_test(tcase, a_cell_on_several_nodes_has_room);
    tcase_add_test(tcase, memory_devices_count);
    tcase_add_test(tcase, huge_pages);
    return run_suite(suite);
}
