/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_numa_advice.c - the cells that would fit, ready to paste */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* A GPU on nodes 0 and 2, one that does not say where it is; nodes of four CPUs in two cores of two
 * threads. */
static void setup(void)
{
    static const struct row rows[] = {
        {"10:00.0", NULL, PORT_NONE, 0, GPU},
        {"20:00.0", NULL, PORT_NONE, 2, GPU},
        {"30:00.0", NULL, PORT_NONE, -1, GPU},
    };

    world_init(&w);
    add_nodes(&w, 3, 4);
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < w.host.cpus.count; i++) { /* 0 and 2, 1 and 3, ... */
        struct host_cpu *cpu = &w.host.cpus.items[i];

        ck_assert(idset_add(&cpu->siblings, cpu->id ^ 2));
    }
    w.domain.vcpus = 4;
    w.domain.memory_kib = 8 << 20;
}

static void teardown(void)
{
    world_clear(&w);
}

static const char *advice(void)
{
    const char *text;

    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    text = finding_of(&w, FINDING_NO_CELLS);
    ck_assert_ptr_nonnull(text);
    return strchr(text, '\n') + 1;
}

START_TEST(a_cell_for_each_node_with_a_device)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_str_eq(advice(),
                     "<topology sockets='2' cores='2' threads='1'/> <!-- inside <cpu> -->\n"
                     "<numa> <!-- inside <cpu> -->\n"
                     "  <cell id='0' cpus='0-1' memory='4194304' unit='KiB'/>\n"
                     "  <cell id='1' cpus='2-3' memory='4194304' unit='KiB'/>\n"
                     "</numa>\n"
                     "<numatune>\n"
                     "  <memory mode='strict' nodeset='0,2'/>\n"
                     "  <memnode cellid='0' mode='strict' nodeset='0'/>\n"
                     "  <memnode cellid='1' mode='strict' nodeset='2'/>\n"
                     "</numatune>\n"
                     "<cputune>\n"
                     "  <vcpupin vcpu='0' cpuset='0-3'/>\n"
                     "  <vcpupin vcpu='1' cpuset='0-3'/>\n"
                     "  <vcpupin vcpu='2' cpuset='8-11'/>\n"
                     "  <vcpupin vcpu='3' cpuset='8-11'/>\n"
                     "</cputune>");
}
END_TEST

START_TEST(devices_that_the_guest_does_not_get_do_not_count)
{
    add_hostdev(&w, "20:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_null(strstr(advice(), "id='1'"));
}
END_TEST

START_TEST(devices_on_unknown_nodes_alone_give_one_cell)
{
    add_hostdev(&w, "30:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0-3' memory='8388608'"));
    ck_assert_ptr_nonnull(strstr(advice(), "<memnode cellid='0' mode='strict' nodeset='0'/>"));
}
END_TEST

START_TEST(a_node_without_memory_is_no_cell)
{
    w.host.nodes.items[0].memory_kib = 0;
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(), "<memnode cellid='0' mode='strict' nodeset='2'/>"));
    ck_assert_ptr_null(strstr(advice(), "id='1'"));
}
END_TEST

START_TEST(a_node_without_cpus_is_a_cell_without_vcpus)
{
    idset_free(&w.host.nodes.items[2].cpus);
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0-3' memory='4194304' unit='KiB'/>\n"
                                           "  <cell id='1' memory='4194304' unit='KiB'/>\n"));
    ck_assert_ptr_nonnull(strstr(advice(), "<vcpupin vcpu='3' cpuset='0-3'/>\n</cputune>"));
}
END_TEST

START_TEST(odd_numbers_are_divided_without_loss)
{
    w.domain.vcpus = 3;
    w.domain.memory_kib = (UINT64_C(5) << 20) + 1;
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(),
                                 "<cell id='0' cpus='0-1' memory='2621441' unit='KiB'/>\n"
                                 "  <cell id='1' cpus='2' memory='2621440' unit='KiB'/>\n"));
}
END_TEST

START_TEST(a_guest_core_is_in_one_cell)
{
    w.domain.vcpus = 6;
    w.domain.threads = 2;
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(),
                                 "<cell id='0' cpus='0-3' memory='4194304' unit='KiB'/>\n"
                                 "  <cell id='1' cpus='4-5' memory='4194304' unit='KiB'/>\n"));
    w.domain.threads = 4; /* libvirt refuses such a domain: nothing to go by */
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0-2'"));
}
END_TEST

START_TEST(cells_are_whole_huge_pages_where_the_memory_is)
{
    w.domain.memory_kib = 4098 << 10;
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(), "memory='2099200' unit='KiB'/>\n"));
    ck_assert_ptr_nonnull(strstr(advice(), "memory='2097152' unit='KiB'/>\n"));
}
END_TEST

START_TEST(the_policy_says_on_which_node_a_device_is)
{
    add_hostdev(&w, "30:00.0", NULL);
    add_hostdev(&w, "20:00.0", NULL);
    add_wish(&w, "30:00.0")->node = 1;
    add_wish(&w, "20:00.0")->node = -1;
    ck_assert_ptr_nonnull(
        strstr(advice(), "<memnode cellid='0' mode='strict' nodeset='1'/>\n</numatune>"));
}
END_TEST

/* As many nodes as vCPUs and memory need; or none, and why. */
START_TEST(more_nodes_where_one_is_too_small)
{
    w.domain.vcpus = 10;
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='2' cpus='7-9'"));
    w.domain.vcpus = 4;
    w.domain.memory_kib = UINT64_C(150) << 20; /* nodes have 64 GiB */
    ck_assert_ptr_nonnull(strstr(advice(), "<memnode cellid='1' mode='strict' nodeset='1'/>"));
    w.domain.memory_kib = UINT64_C(200) << 20;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "no cells fit: of 3 cells"));
    ck_assert_ptr_null(strchr(finding_of(&w, FINDING_NO_CELLS), '\n'));
}
END_TEST

static void pin(unsigned vcpu, const char *cpus)
{
    struct domain_pin *item = vec_add(&w.domain.pins);

    ck_assert_ptr_nonnull(item);
    *item = (struct domain_pin){.vcpu = vcpu};
    ck_assert_int_eq(idset_parse(cpus, &item->cpus), IDSET_OK);
}

/* The pins that are there are followed, and stay. */
START_TEST(cells_follow_the_pins)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    pin(0, "4");
    pin(1, "5");
    pin(2, "6-7");
    pin(3, "0-11"); /* ties nothing */
    ck_assert_str_eq(advice(), "<numa> <!-- inside <cpu> -->\n"
                               "  <cell id='0' cpus='0-3' memory='8388608' unit='KiB'/>\n"
                               "</numa>\n"
                               "<numatune>\n"
                               "  <memory mode='strict' nodeset='1'/>\n"
                               "  <memnode cellid='0' mode='strict' nodeset='1'/>\n"
                               "</numatune>");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS),
                                 "for 0000:20:00.0 (node 2), 0000:10:00.0 (node 0) there"));
    idset_free(&w.domain.pins.items[1].cpus);
    ck_assert_int_eq(idset_parse("8", &w.domain.pins.items[1].cpus), IDSET_OK);
    ck_assert_ptr_nonnull(strstr(advice(), "<topology sockets='4' cores='1' threads='1'/>"));
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0,2' "));
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='1' cpus='1,3' "));
}
END_TEST

START_TEST(cells_follow_what_binds_all)
{
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_int_eq(idset_parse("5-6", &w.domain.vcpu_cpuset), IDSET_OK);
    w.domain.vcpus = 2;
    ck_assert_ptr_nonnull(strstr(advice(), "cellid='0' mode='strict' nodeset='1'/>\n</numatune>"));
    ck_assert_ptr_null(strstr(advice(), "cputune"));
    idset_free(&w.domain.vcpu_cpuset);
    ck_assert_int_eq(idset_parse("0-11", &w.domain.vcpu_cpuset), IDSET_OK); /* binds nothing */
    ck_assert_ptr_nonnull(strstr(advice(), "cellid='0' mode='strict' nodeset='0'/>\n</numatune>"));
    idset_free(&w.domain.vcpu_cpuset);
    ck_assert(idset_add(&w.domain.memory_nodes, 2));
    w.domain.memory_mode = strdup("preferred");
    ck_assert_ptr_nonnull(strstr(advice(), "<memory mode='preferred' nodeset='2'/>\n"
                                           "  <memnode cellid='0' mode='preferred' nodeset='2'/>"));
    ck_assert_ptr_nonnull(strstr(advice(), "<vcpupin vcpu='0' cpuset='8-11'/>"));
}
END_TEST

/* What a guest that works as it is has more of than its CPUs is no reason to refuse. */
START_TEST(vcpus_may_share_cpus_as_they_do)
{
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.vcpus = 6;
    ck_assert_int_eq(idset_parse("1-2", &w.domain.vcpu_cpuset), IDSET_OK);
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0-5' memory='8388608'"));
    ck_assert_ptr_null(strstr(advice(), "cputune")); /* the cpuset says it */
    idset_free(&w.domain.vcpu_cpuset);
    ck_assert_int_eq(idset_parse("1-2,4", &w.domain.vcpu_cpuset), IDSET_OK);
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0-3' "));
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='1' cpus='4-5' "));
    ck_assert_ptr_nonnull(strstr(advice(), "<vcpupin vcpu='3' cpuset='1-2'/>\n"
                                           "  <vcpupin vcpu='4' cpuset='4'/>\n"));
    idset_free(&w.domain.vcpu_cpuset);
    w.domain.vcpus = 13; /* the host has 12 */
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='2' cpus='9-12' "));
    for (unsigned i = 0; i < 13; i++)
        pin(i, "5"); /* all on one */
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0-12' "));
}
END_TEST

START_TEST(parts_go_by_the_cpus_where_equal_ones_do_not_fit)
{
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_int_eq(idset_parse("0-3,4", &w.domain.vcpu_cpuset), IDSET_OK);
    w.domain.vcpus = 5;
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0-3' "));
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='1' cpus='4' "));
    w.domain.vcpus = 2;
    ck_assert_ptr_nonnull(strstr(advice(), "<cell id='0' cpus='0' "));
}
END_TEST

/* Memory says where a guest is, not its CPUs, of which there are enough. */
START_TEST(more_vcpus_than_the_node_of_the_memory_has_are_a_shortage)
{
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert(idset_add(&w.domain.memory_nodes, 0));
    w.domain.vcpus = 5;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS),
                                 "5 vCPUs, and that node has 65536 MiB and 4 CPUs"));
}
END_TEST

/* A cell is a whole number of sockets. */
START_TEST(sockets_are_not_cut)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.vcpus = 8;
    w.domain.threads = 2;
    w.domain.sockets = 1;
    ck_assert_ptr_nonnull(strstr(advice(), "<topology sockets='2' cores='2' threads='2'/>"));
    w.domain.dies = 2; /* whole dies suffice */
    ck_assert_ptr_null(strstr(advice(), "topology"));
    w.domain.dies = 0;
    w.domain.sockets = 4;
    ck_assert_ptr_null(strstr(advice(), "topology"));
}
END_TEST

/* Cells that are there keep what they have. */
START_TEST(cells_that_nothing_ties)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    add_cells(&w, 2, 2);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CELLS_UNTIED),
                                 "\n<numatune>\n  <memory mode='strict' nodeset='0,2'/>\n"
                                 "  <memnode cellid='0' mode='strict' nodeset='0'/>\n"
                                 "  <memnode cellid='1' mode='strict' nodeset='2'/>\n"
                                 "</numatune>\n<cputune>\n"));
    bind_memory(&w, 0, "1");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CELLS_UNTIED));
}
END_TEST

static void bind_cpus(const char *cpus)
{
    idset_free(&w.domain.vcpu_cpuset);
    ck_assert_int_eq(idset_parse(cpus, &w.domain.vcpu_cpuset), IDSET_OK);
}

/* Cells that are there are tied to where the domain is bound, and not to nodes that are too small.
 */
START_TEST(ties_follow_what_binds_the_domain)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    add_cells(&w, 2, 2);
    bind_cpus("4-7");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CELLS_UNTIED),
                                 "  <memnode cellid='0' mode='strict' nodeset='1'/>\n"
                                 "  <memnode cellid='1' mode='strict' nodeset='1'/>\n"));
    bind_cpus("0-11");
    w.domain.cells.items[1].memory_kib = UINT64_C(70) << 20;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CELLS_UNTIED),
                                 "one on node 2 would have 71680 MiB and 2 vCPUs"));
    w.domain.cells.items[0].memory_kib = w.domain.cells.items[1].memory_kib = UINT64_C(40) << 20;
    plan_or_fail(&w);
    ck_assert_ptr_null(strstr(finding_of(&w, FINDING_CELLS_UNTIED), "they do not fit"));
    bind_cpus("4-7"); /* both on one node */
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CELLS_UNTIED), "they do not fit"));
}
END_TEST

/* Pins to several nodes, but not to all, bind as <vcpu cpuset> does. */
START_TEST(pins_to_some_of_the_nodes_bind)
{
    add_hostdev(&w, "20:00.0", NULL);
    for (unsigned v = 0; v < 4; v++)
        pin(v, "0-7");
    ck_assert_ptr_nonnull(strstr(advice(), "  <memnode cellid='0' mode='strict' nodeset='0'/>\n"
                                           "  <memnode cellid='1' mode='strict' nodeset='1'/>\n"
                                           "</numatune>"));
    ck_assert_ptr_null(strstr(advice(), "nodeset='2'"));
}
END_TEST

START_TEST(vcpus_without_a_pin_get_one)
{
    add_hostdev(&w, "20:00.0", NULL);
    pin(0, "4");
    pin(1, "5");
    ck_assert_ptr_nonnull(strstr(advice(), "<cputune>\n"
                                           "  <vcpupin vcpu='2' cpuset='4-7'/>\n"
                                           "  <vcpupin vcpu='3' cpuset='4-7'/>\n"
                                           "</cputune>"));
}
END_TEST

START_TEST(memory_may_be_bound_to_a_node_without_cpus)
{
    idset_free(&w.host.nodes.items[2].cpus);
    add_hostdev(&w, "20:00.0", NULL);
    ck_assert(idset_add(&w.domain.memory_nodes, 2));
    ck_assert_str_eq(advice(), "<numa> <!-- inside <cpu> -->\n"
                               "  <cell id='0' cpus='0-3' memory='8388608' unit='KiB'/>\n"
                               "</numa>\n"
                               "<numatune>\n"
                               "  <memory mode='strict' nodeset='2'/>\n"
                               "  <memnode cellid='0' mode='strict' nodeset='2'/>\n"
                               "</numatune>");
}
END_TEST

START_TEST(what_contradicts_itself_is_named)
{
    add_hostdev(&w, "10:00.0", NULL);
    bind_cpus("4-7");
    ck_assert(idset_add(&w.domain.memory_nodes, 0));
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS),
                                 "no cells fit: vCPUs are bound to CPUs of host node 1 and the "
                                 "memory (<numatune>) to 0, and a cell has both"));
    bind_cpus("0-11"); /* binds nothing: the memory does */
    ck_assert_ptr_nonnull(strstr(advice(), "cellid='0' mode='strict' nodeset='0'/>\n</numatune>"));
}
END_TEST

static void add_pages(uint64_t size_kib, bool of_cell_0)
{
    struct domain_pages *pages = vec_add(&w.domain.pages);

    ck_assert_ptr_nonnull(pages);
    *pages = (struct domain_pages){.size_kib = size_kib};
    ck_assert(!of_cell_0 || idset_add(&pages->cells, 0));
}

/* Cells are whole pages, at least one each; pages that are for the one node of the guest are for
 * all cells then. */
START_TEST(huge_pages_are_for_all_cells)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.memory_kib = 7 << 20;
    add_pages(1 << 20, false);
    ck_assert_ptr_nonnull(strstr(advice(), "memory='4194304' unit='KiB'/>\n"));
    ck_assert_ptr_null(strstr(advice(), "<page "));
    w.domain.pages.count = 0;
    add_pages(1 << 20, true);
    ck_assert_ptr_nonnull(strstr(advice(), "<page size='1048576' unit='KiB' nodeset='0-1'/>"));
    w.domain.memory_kib = 1 << 20;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "no cells fit: 2 need"));
}
END_TEST

/* A node without memory is no place for a cell, also where pins lead to it; nor is one that the
 * cell would fill up. */
START_TEST(a_cell_leaves_memory_to_the_host)
{
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.memory_kib = UINT64_C(192) << 20;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "no cells fit"));
    w.domain.memory_kib = 8 << 20;
    w.host.nodes.items[1].memory_kib = 0;
    pin(0, "4");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "no cells fit"));
}
END_TEST

static void forget_nodes(void)
{
    for (size_t i = 0; i < w.host.nodes.count; i++) {
        idset_free(&w.host.nodes.items[i].cpus);
        free(w.host.nodes.items[i].distances);
    }
    w.host.nodes.count = 0;
}

START_TEST(a_kernel_without_numa_has_nothing_to_bind_memory_to)
{
    forget_nodes();
    w.host.functions.items[0].node = -1;
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_ptr_null(strstr(advice(), "numatune"));
    ck_assert_ptr_nonnull(strstr(advice(), "<vcpupin vcpu='1' cpuset='0-11'/>"));
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
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_cell_for_each_node_with_a_device);
    tcase_add_test(tcase, devices_that_the_guest_does_not_get_do_not_count);
    tcase_add_test(tcase, devices_on_unknown_nodes_alone_give_one_cell);
    tcase_add_test(tcase, a_node_without_memory_is_no_cell);
    tcase_add_test(tcase, a_node_without_cpus_is_a_cell_without_vcpus);
    tcase_add_test(tcase, odd_numbers_are_divided_without_loss);
    tcase_add_test(tcase, a_guest_core_is_in_one_cell);
    tcase_add_test(tcase, cells_are_whole_huge_pages_where_the_memory_is);
    tcase_add_test(tcase, the_policy_says_on_which_node_a_device_is);
    tcase_add_test(tcase, more_nodes_where_one_is_too_small);
    tcase_add_test(tcase, cells_follow_the_pins);
    tcase_add_test(tcase, cells_follow_what_binds_all);
    tcase_add_test(tcase, vcpus_may_share_cpus_as_they_do);
    tcase_add_test(tcase, parts_go_by_the_cpus_where_equal_ones_do_not_fit);
    tcase_add_test(tcase, more_vcpus_than_the_node_of_the_memory_has_are_a_shortage);
    tcase_add_test(tcase, sockets_are_not_cut);
    tcase_add_test(tcase, cells_that_nothing_ties);
    tcase_add_test(tcase, ties_follow_what_binds_the_domain);
    tcase_add_test(tcase, pins_to_some_of_the_nodes_bind);
    tcase_add_test(tcase, vcpus_without_a_pin_get_one);
    tcase_add_test(tcase, memory_may_be_bound_to_a_node_without_cpus);
    tcase_add_test(tcase, what_contradicts_itself_is_named);
    tcase_add_test(tcase, huge_pages_are_for_all_cells);
    tcase_add_test(tcase, a_cell_leaves_memory_to_the_host);
    tcase_add_test(tcase, a_kernel_without_numa_has_nothing_to_bind_memory_to);
    tcase_add_test(tcase, with_what_is_advised_every_device_has_its_cell);
    return run_suite(suite);
}
