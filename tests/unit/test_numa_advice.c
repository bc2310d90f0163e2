/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_numa_advice.c - the cells that a domain lacks, as XML, and what the planner says of them */
#include "three_gpus_world.h"

#include "plan/advice/numa_advice.h"

#include <check.h>
#include <string.h>

static const char *advice(void)
{
    const char *text;

    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    text = finding_of(&w, FINDING_NO_CELLS);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(strchr(text, '\n'));
    return strchr(text, '\n') + 1;
}

START_TEST(all_elements)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_str_eq(advice(), "<cputune>\n"
                               "  <vcpupin vcpu='0' cpuset='0-3'/>\n"
                               "  <vcpupin vcpu='1' cpuset='0-3'/>\n"
                               "  <vcpupin vcpu='2' cpuset='8-11'/>\n"
                               "  <vcpupin vcpu='3' cpuset='8-11'/>\n"
                               "</cputune>\n"
                               "<numatune>\n"
                               "  <memnode cellid='0' mode='strict' nodeset='0'/>\n"
                               "  <memnode cellid='1' mode='strict' nodeset='2'/>\n"
                               "</numatune>\n"
                               "<!-- inside <cpu>: -->\n"
                               "<topology sockets='2' dies='1' cores='2' threads='1'/>\n"
                               "<numa>\n"
                               "  <cell id='0' cpus='0-1' memory='4194304' unit='KiB'>\n"
                               "    <distances>\n"
                               "      <sibling id='0' value='10'/>\n"
                               "      <sibling id='1' value='30'/>\n"
                               "    </distances>\n"
                               "  </cell>\n"
                               "  <cell id='1' cpus='2-3' memory='4194304' unit='KiB'>\n"
                               "    <distances>\n"
                               "      <sibling id='0' value='30'/>\n"
                               "      <sibling id='1' value='10'/>\n"
                               "    </distances>\n"
                               "  </cell>\n"
                               "</numa>");
}
END_TEST

START_TEST(a_cell_without_vcpus_and_pages_of_all_cells)
{
    struct domain_pages *pages = vec_add(&w.domain.pages);

    ck_assert(pages && idset_add(&pages->cells, 0));
    pages->size_kib = 1 << 20;
    pages->nodeset = strdup("0");
    idset_free(&w.host.nodes.items[2].cpus);
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(), "  <cell id='1' memory='4194304' unit='KiB'>\n"));
    ck_assert_ptr_nonnull(strstr(advice(), "<page nodeset='0-1'/> <!-- in place of '0' -->"));
}
END_TEST

START_TEST(a_kernel_without_numa_has_nothing_to_bind_memory_to)
{
    for (size_t i = 0; i < w.host.nodes.count; i++) {
        idset_free(&w.host.nodes.items[i].cpus);
        free(w.host.nodes.items[i].distances);
    }
    w.host.nodes.count = 0;
    w.host.functions.items[0].node = -1;
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(
        strstr(advice(), "<cell id='0' cpus='0-3' memory='8388608' unit='KiB'/>"));
    ck_assert_ptr_null(strstr(advice(), "numatune"));
    ck_assert_ptr_nonnull(strstr(advice(), "<vcpupin vcpu='1' cpuset='0-11'/>"));
}
END_TEST

START_TEST(devices_that_the_guest_does_not_get_do_not_count)
{
    add_hostdev(&w, "20:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_null(strstr(advice(), "id='1'"));
}
END_TEST

START_TEST(the_policy_says_on_which_node_a_device_is)
{
    add_hostdev(&w, "30:00.0", NULL);
    add_hostdev(&w, "20:00.0", NULL);
    add_wish(&w, "30:00.0")->node = 1;
    add_wish(&w, "20:00.0")->node = -1;
    ck_assert_ptr_nonnull(
        strstr(advice(), "<memnode cellid='0' mode='strict' nodeset='1'/>\n</numatune>\n"));
}
END_TEST

START_TEST(devices_outside_of_the_cells_are_named)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    pin_vcpus(&w, "0-3", "4-7");
    advice();
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS),
                                 "for 0000:20:00.0 (node 2), 0000:10:00.0 (node 0) there"));
}
END_TEST

START_TEST(why_there_are_none)
{
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.memory_kib = UINT64_C(200) << 20;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "no cells fit: of 3 cells"));
    ck_assert_ptr_null(strchr(finding_of(&w, FINDING_NO_CELLS), '\n'));
}
END_TEST

START_TEST(ties_of_the_domains_own_cells)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    add_cells(&w, 2, 2);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CELLS_UNTIED),
                                 "</cputune>\n<numatune>\n"
                                 "  <memnode cellid='0' mode='strict' nodeset='0'/>\n"
                                 "  <memnode cellid='1' mode='strict' nodeset='2'/>\n"
                                 "</numatune>"));
    bind_memory(&w, 0, "1");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CELLS_UNTIED));
}
END_TEST

/* What is advised is what the planner wants: the same domain with these cells has every device in
 * its cell. */
START_TEST(with_what_is_advised_every_device_has_its_cell)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    advice();
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "2");
    w.policy.strict = true;
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "10:00.0")->cell, 0);
    ck_assert_int_eq(device_of(&w, "20:00.0")->cell, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("numa_advice");
    TCase *tcase = tcase_create("numa_advice");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup_three_gpus, teardown);
    tcase_add_test(tcase, all_elements);
    tcase_add_test(tcase, a_cell_without_vcpus_and_pages_of_all_cells);
    tcase_add_test(tcase, a_kernel_without_numa_has_nothing_to_bind_memory_to);
    tcase_add_test(tcase, devices_that_the_guest_does_not_get_do_not_count);
    tcase_add_test(tcase, the_policy_says_on_which_node_a_device_is);
    tcase_add_test(tcase, devices_outside_of_the_cells_are_named);
    tcase_add_test(tcase, why_there_are_none);
    tcase_add_test(tcase, ties_of_the_domains_own_cells);
    tcase_add_test(tcase, with_what_is_advised_every_device_has_its_cell);
    return run_suite(suite);
}
