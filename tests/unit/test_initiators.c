/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_initiators.c - cells for the memory of coherent GPUs: how many, how far apart, and why not
 */
#include "build.h"
#include "model/machine.h"
#include "plan/cells/cell_nodes.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NVIDIA 0x10de
#define GB200 0x2941
#define BARE 2  /* the first such node */
#define EACH 8u /* for a GPU */

static struct world w;

/* @nodes behind the two with CPUs; those below @first_of_1 are of node 0. */
static void add_bare_nodes(unsigned nodes, unsigned first_of_1)
{
    unsigned all = BARE + nodes;

    for (unsigned i = 0; i < nodes; i++) {
        struct host_node *node = add_node(&w, BARE + i, "");

        node->memory_kib = 0;
        node->initiator = true;
    }
    for (unsigned i = 0; i < all; i++) {
        unsigned *row = calloc(all, sizeof(*row));

        ck_assert_ptr_nonnull(row);
        for (unsigned k = 0; k < all; k++) {
            bool one = i < BARE ? i == 1 : i - BARE >= first_of_1,
                 other = k < BARE ? k == 1 : k - BARE >= first_of_1;
            unsigned near = i < BARE && k < BARE ? 40 : i < BARE || k < BARE ? 80 : 255;

            row[k] = i == k ? 10 : one == other || near == 40 ? near : near == 80 ? 120 : 255;
        }
        free(w.host.nodes.items[i].distances);
        w.host.nodes.items[i].distances = row;
    }
}

static void keep_nodes(size_t count)
{
    for (size_t i = count; i < w.host.nodes.count; i++) {
        free(w.host.nodes.items[i].distances);
        idset_free(&w.host.nodes.items[i].cpus);
    }
    w.host.nodes.count = count;
}

/* Two GPUs on node 0, one on node 1, a NIC. */
static void setup(void)
{
    static const struct row rows[] = {
        {"0008:00:00.0", NULL, PORT_ROOT, 0},
        {"0008:01:00.0", "0008:00:00.0", PORT_NONE, 0, GPU, NULL, NVIDIA, GB200},
        {"0009:00:00.0", NULL, PORT_ROOT, 0},
        {"0009:01:00.0", "0009:00:00.0", PORT_NONE, 0, GPU, NULL, NVIDIA, GB200},
        {"0018:00:00.0", NULL, PORT_ROOT, 1},
        {"0018:01:00.0", "0018:00:00.0", PORT_NONE, 1, GPU, NULL, NVIDIA, GB200},
        {"0000:00:01.0", NULL, PORT_ROOT, 0},
        {"0000:01:00.0", "0000:00:01.0", PORT_NONE, 0, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    add_bare_nodes(24, 16);
    ADD_FUNCTIONS(&w, rows);
    world_become_virt(&w);
    w.policy.mmio = MMIO_OFF;
    w.policy.libvirt_version = 11008000;
}

static void teardown(void)
{
    world_clear(&w);
}

static void assign_all(void)
{
    add_hostdev(&w, "0018:01:00.0", NULL);
    add_hostdev(&w, "0009:01:00.0", NULL);
    add_hostdev(&w, "0008:01:00.0", NULL);
    add_hostdev(&w, "0000:01:00.0", NULL);
}

static const struct addition *addition_of(enum addition_kind kind, const char *of)
{
    for (size_t i = 0; i < w.plan->additions.count; i++) {
        if (w.plan->additions.items[i].kind == kind && !strcmp(w.plan->additions.items[i].of, of))
            return &w.plan->additions.items[i];
    }
    return NULL;
}

static size_t count(enum addition_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < w.plan->additions.count; i++)
        n += w.plan->additions.items[i].kind == kind;
    return n;
}

static void expect_nodeset(const char *host, const char *text)
{
    const struct addition *acpi = addition_of(ADDITION_DEVICE_ACPI, host);

    if (!text) {
        ck_assert_ptr_null(acpi);
        return;
    }
    ck_assert_ptr_nonnull(acpi);
    ck_assert_str_eq(acpi->text, text);
}

static void expect_why(const char *why)
{
    const char *text;

    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    text = finding_of(&w, FINDING_INITIATORS_LACKING);
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(strstr(text, why), "%s", text);
}

static void expect_nothing(void)
{
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_ptr_null(finding_of(&w, FINDING_INITIATORS_LACKING));
    ck_assert_ptr_null(finding_of(&w, FINDING_INITIATORS_MADE));
}

START_TEST(eight_for_each_in_the_order_of_the_host)
{
    assign_all();
    plan_or_fail(&w);
    expect_nodeset("0008:01:00.0", "<acpi nodeset='2-9'/>");
    expect_nodeset("0009:01:00.0", "<acpi nodeset='10-17'/>");
    expect_nodeset("0018:01:00.0", "<acpi nodeset='18-25'/>");
    expect_nodeset("0000:01:00.0", NULL);
    ck_assert_uint_eq(count(ADDITION_NUMA_CELL), 3 * EACH);
    ck_assert_str_eq(
        finding_of(&w, FINDING_INITIATORS_MADE),
        "the memory of GPUs gets NUMA nodes in the guest, as on the host: cells 2 to 9 "
        "for 0008:01:00.0, cells 10 to 17 for 0009:01:00.0, cells 18 to 25 for "
        "0018:01:00.0");
    ck_assert(strstr(finding_of(&w, FINDING_MANY_NODES), "the guest has 26 NUMA nodes"));
}
END_TEST

START_TEST(distances_are_the_host_s)
{
    const struct addition *cell;

    keep_nodes(4); /* one node each */
    for (unsigned i = 0; i < 4; i++)
        w.host.nodes.items[i].distances[3] = i == 3 ? 10 : i == 1 ? 80 : 120 + i;
    w.host.nodes.items[3].distances[0] = 120;
    w.host.nodes.items[3].distances[1] = 80;
    w.host.nodes.items[3].distances[2] = 9;
    add_hostdev(&w, "0018:01:00.0", NULL);
    add_hostdev(&w, "0008:01:00.0", NULL);
    plan_or_fail(&w);
    expect_nodeset("0008:01:00.0", "<acpi nodeset='2'/>");
    expect_nodeset("0018:01:00.0", "<acpi nodeset='3'/>");
    ck_assert(
        strstr(finding_of(&w, FINDING_INITIATORS_MADE), "host: cell 2 for 0008:01:00.0, cell 3"));
    ck_assert_str_eq(addition_of(ADDITION_CELL_DISTANCES, "0")->text,
                     "<distances>\n"
                     "  <sibling id='0' value='10'/>\n"
                     "  <sibling id='1' value='40'/>\n"
                     "  <sibling id='2' value='80'/>\n"
                     "  <sibling id='3' value='120'/>\n"
                     "</distances>");
    cell = addition_of(ADDITION_NUMA_CELL, "");
    ck_assert_str_eq(cell[1].text, "<cell id='3' memory='0' unit='KiB'>\n"
                                   "  <distances>\n"
                                   "    <sibling id='0' value='120'/>\n"
                                   "    <sibling id='1' value='80'/>\n"
                                   "    <sibling id='2' value='11'/>\n"
                                   "    <sibling id='3' value='10'/>\n"
                                   "  </distances>\n"
                                   "</cell>");
    ck_assert_ptr_null(finding_of(&w, FINDING_MANY_NODES));
}
END_TEST

START_TEST(somebody_s_distances_are_extended)
{
    w.domain.cell_distances = true;
    add_hostdev(&w, "0018:01:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(count(ADDITION_CELL_DISTANCES), 0);
    ck_assert_uint_eq(count(ADDITION_CELL_SIBLING), 2 * EACH);
    ck_assert_str_eq(addition_of(ADDITION_CELL_SIBLING, "0")->text,
                     "<sibling id='2' value='120'/>");
    ck_assert_str_eq(addition_of(ADDITION_CELL_SIBLING, "1")->text, "<sibling id='2' value='80'/>");
}
END_TEST

START_TEST(a_cell_of_no_node_has_no_distances)
{
    w.domain.memnodes.count = 1;
    idset_free(&w.domain.memnodes.items[1].nodes);
    add_hostdev(&w, "0008:01:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_ptr_null(addition_of(ADDITION_CELL_DISTANCES, "1"));
    ck_assert_str_eq(strstr(addition_of(ADDITION_CELL_DISTANCES, "0")->text, "id='0'"),
                     "id='0' value='10'/>\n"
                     "  <sibling id='2' value='80'/>\n"
                     "  <sibling id='3' value='80'/>\n"
                     "  <sibling id='4' value='80'/>\n"
                     "  <sibling id='5' value='80'/>\n"
                     "  <sibling id='6' value='80'/>\n"
                     "  <sibling id='7' value='80'/>\n"
                     "  <sibling id='8' value='80'/>\n"
                     "  <sibling id='9' value='80'/>\n"
                     "</distances>");
}
END_TEST

START_TEST(a_host_without_distances)
{
    for (size_t i = 0; i < w.host.nodes.count; i++) {
        free(w.host.nodes.items[i].distances);
        w.host.nodes.items[i].distances = NULL;
    }
    add_hostdev(&w, "0008:01:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(count(ADDITION_CELL_DISTANCES), 0);
    ck_assert_str_eq(addition_of(ADDITION_NUMA_CELL, "")->text,
                     "<cell id='2' memory='0' unit='KiB'/>");
}
END_TEST

START_TEST(gpus_share_what_is_too_little)
{
    keep_nodes(BARE + 13); /* 13 on node 0, and none on node 1 */
    assign_all();
    plan_or_fail(&w);
    expect_nodeset("0008:01:00.0", "<acpi nodeset='2-7'/>");
    expect_nodeset("0009:01:00.0", "<acpi nodeset='8-13'/>");
    expect_nodeset("0018:01:00.0", NULL);
    ck_assert_str_eq(
        finding_of(&w, FINDING_INITIATORS_LACKING),
        "the guest gets no NUMA nodes for the memory of 0018:01:00.0, and its driver "
        "cannot add that memory there: the host shows too few on the node of its CPUs");
}
END_TEST

START_TEST(cells_that_are_made_have_them)
{
    const struct addition *numa;

    w.domain.cells.count = w.domain.memnodes.count = 0;
    for (size_t i = 0; i < 2; i++) {
        idset_free(&w.domain.cells.items[i].vcpus);
        idset_free(&w.domain.memnodes.items[i].nodes);
    }
    w.domain.vcpus = 4;
    w.domain.memory_kib = 4 << 20;
    w.policy.cells = CELLS_MAKE;
    add_hostdev(&w, "0018:01:00.0", NULL);
    plan_or_fail(&w);
    numa = addition_of(ADDITION_CPU_NUMA, "");
    ck_assert_ptr_nonnull(numa);
    ck_assert_msg(strstr(numa->text, "<cell id='0' cpus='0-3' memory='4194304' unit='KiB'>\n"
                                     "    <distances>\n"
                                     "      <sibling id='0' value='10'/>\n"
                                     "      <sibling id='1' value='80'/>\n"),
                  "%s", numa->text);
    ck_assert_msg(strstr(numa->text, "  <cell id='8' memory='0' unit='KiB'>\n"), "%s", numa->text);
    ck_assert_uint_eq(count(ADDITION_NUMA_CELL) + count(ADDITION_CELL_DISTANCES), 0);
    expect_nodeset("0018:01:00.0", "<acpi nodeset='1-8'/>");
    w.policy.cells = CELLS_ADVISE;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_msg(strstr(finding_of(&w, FINDING_NO_CELLS),
                         "<!-- inside <hostdev> of 0018:01:00.0: -->\n<acpi nodeset='1-8'/>"),
                  "%s", finding_of(&w, FINDING_NO_CELLS));
}
END_TEST

START_TEST(too_old_or_not_known)
{
    assign_all();
    w.policy.libvirt_version = 11007000;
    expect_why("the guest gets no NUMA nodes for the memory of 0008:01:00.0, 0009:01:00.0, "
               "0018:01:00.0, and its driver cannot add that memory there: it takes libvirt 11.8 "
               "and QEMU 9.0 or later, and policy libvirt_version says that libvirt is older");
    w.policy.libvirt_version = 0;
    expect_why("how new libvirt is is not known (policy libvirt_version says it)");
    w.policy.libvirt_version = 11008000;
    free(w.domain.machine);
    w.domain.machine = strdup("virt-8.2");
    expect_why("nothing shows how new QEMU is (policy qemu_version says it)");
    w.policy.qemu_version = 8002000;
    expect_why("policy qemu_version says that QEMU is older");
}
END_TEST

START_TEST(the_host_has_none)
{
    keep_nodes(BARE);
    assign_all();
    expect_why("the host's kernel shows none for them");
}
END_TEST

START_TEST(more_than_qemu_takes)
{
    add_cells(&w, 103, 0);
    for (size_t i = BARE; i < w.domain.cells.count; i++)
        w.domain.cells.items[i].memory_kib = 1024;
    assign_all();
    expect_why("with them it would have 129, and QEMU takes 128");
}
END_TEST

START_TEST(somebody_s_own_stay)
{
    assign_all();
    w.domain.devices.items[0].acpi = w.domain.devices.items[0].acpi_nodes = true;
    plan_or_fail(&w);
    expect_nodeset("0018:01:00.0", NULL);
    expect_nodeset("0008:01:00.0", "<acpi nodeset='2-9'/>");
    w.domain.devices.items[0].acpi_most = 2;
    expect_why("<acpi nodeset> of 0018:01:00.0 names cell 2, which is not there, and would be "
               "theirs");
    w.domain.devices.items[0].acpi_most = 1;
    w.domain.devices.items[1].acpi = true;
    expect_why("<acpi> of 0009:01:00.0 is somebody's, and names no nodes");
    w.domain.devices.items[1].acpi = false;
    add_cells(&w, 1, 0);
    w.domain.cells.items[2].memory_kib = 0;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_ptr_null(finding_of(&w, FINDING_INITIATORS_LACKING));
    ck_assert_str_eq(
        finding_of(&w, FINDING_INITIATORS_KEPT),
        "what it has of cells without vCPUs and memory (cell 2 is the first) stays as "
        "it is, and so does what names them: no <acpi nodeset> is added for the memory of "
        "0008:01:00.0, 0009:01:00.0");
}
END_TEST

START_TEST(nothing_to_do)
{
    add_hostdev(&w, "0000:01:00.0", NULL);
    expect_nothing();
    assign_all();
    w.domain.devices.count = 1;
    function_of(&w, "0000:01:00.0")->is_vf = true;
    expect_nothing();
    function_of(&w, "0000:01:00.0")->is_vf = false;
    w.domain.devices.count = 5;
    w.policy.initiators = INITIATORS_OFF;
    expect_nothing();
    w.policy.initiators = INITIATORS_AUTO;
    w.domain.acpi = ACPI_NOT_ASKED;
    expect_nothing();
    w.domain.acpi = ACPI_ON;
    w.domain.machine_kind = MACHINE_Q35;
    expect_nothing();
}
END_TEST

/* --- the nodes of cells --- */

static void expect_node(size_t cell, size_t node)
{
    struct facts facts = {.host = &w.host, .base = &w.domain, .policy = &w.policy};
    size_t *nodes = cell_nodes_of(&facts);

    ck_assert_ptr_nonnull(nodes);
    ck_assert_uint_eq(nodes[cell], node);
    free(nodes);
}

START_TEST(a_cell_stands_for_one_node)
{
    const struct idset *own = &w.domain.cells.items[1].vcpus;
    char *vcpus = idset_format(own), *cpus = idset_format(&w.host.nodes.items[1].cpus), other[24];

    snprintf(other, sizeof(other), "%zu", idset_next(own, 0));
    expect_node(0, 0);
    expect_node(1, 1);
    ck_assert(idset_add(&w.domain.memnodes.items[1].nodes, 0));
    expect_node(1, HOST_NONE);
    idset_free(&w.domain.memnodes.items[1].nodes);
    w.domain.memnodes.count = 1;
    expect_node(1, HOST_NONE);
    pin_vcpus(&w, vcpus, cpus);
    expect_node(1, 1);
    pin_vcpus(&w, other, "0");
    expect_node(1, HOST_NONE);
    free(vcpus);
    free(cpus);
}
END_TEST

START_TEST(a_single_cell_and_the_whole_domain)
{
    idset_free(&w.domain.memnodes.items[0].nodes);
    idset_free(&w.domain.memnodes.items[1].nodes);
    idset_free(&w.domain.cells.items[1].vcpus);
    w.domain.memnodes.count = 0;
    w.domain.cells.count = 1;
    expect_node(0, HOST_NONE);
    ck_assert(idset_add_all(&w.domain.vcpu_cpuset, &w.host.nodes.items[1].cpus));
    expect_node(0, 1);
    ck_assert(idset_add(&w.domain.memory_nodes, 0));
    expect_node(0, 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("initiators");
    Suite *suite = suite_create("initiators");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, eight_for_each_in_the_order_of_the_host);
    tcase_add_test(tcase, distances_are_the_host_s);
    tcase_add_test(tcase, somebody_s_distances_are_extended);
    tcase_add_test(tcase, a_cell_of_no_node_has_no_distances);
    tcase_add_test(tcase, a_host_without_distances);
    tcase_add_test(tcase, gpus_share_what_is_too_little);
    tcase_add_test(tcase, cells_that_are_made_have_them);
    tcase_add_test(tcase, too_old_or_not_known);
    tcase_add_test(tcase, the_host_has_none);
    tcase_add_test(tcase, more_than_qemu_takes);
    tcase_add_test(tcase, somebody_s_own_stay);
    tcase_add_test(tcase, nothing_to_do);
    tcase_add_test(tcase, a_cell_stands_for_one_node);
    tcase_add_test(tcase, a_single_cell_and_the_whole_domain);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
