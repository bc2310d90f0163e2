/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_nodes.c - does the host know the nodes of the devices? */
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

START_TEST(known)
{
    ask(&w, CHECK_NODES, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(unknown)
{
    function_of(&w, "61:00.0")->node = -1;
    ask(&w, CHECK_NODES, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(result_of(&results, FINDING_NO_NODE, "61:00.0")->is, "has numa_node -1");
}
END_TEST

START_TEST(a_host_with_one_node_need_not_say_it)
{
    idset_free(&w.host.nodes.items[1].cpus);
    free(w.host.nodes.items[1].distances);
    w.host.nodes.count = 1;
    function_of(&w, "61:00.0")->node = -1;
    ask(&w, CHECK_NODES, &results, "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_nodes");
    TCase *tcase = tcase_create("check_nodes");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, known);
    tcase_add_test(tcase, unknown);
    tcase_add_test(tcase, a_host_with_one_node_need_not_say_it);
    return run_suite(suite);
}
