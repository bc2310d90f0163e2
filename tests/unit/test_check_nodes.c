/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_nodes.c - does the host know the nodes of the devices? */
#include "check_world.h"

#include <check.h>
#include <string.h>

START_TEST(known)
{
    run_checks(&w, CHECK_NODES, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(unknown)
{
    function_of(&w, "61:00.0")->node = -1;
    run_checks(&w, CHECK_NODES, &results, "41:00.0", "61:00.0", NULL);
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
    run_checks(&w, CHECK_NODES, &results, "61:00.0", NULL);
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
