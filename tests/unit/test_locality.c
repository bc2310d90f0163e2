/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_locality.c - vCPUs and memory on other nodes than the cell's devices */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* Two nodes of four CPUs with a GPU each, two cells of two vCPUs. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"c0:01.0", NULL, PORT_ROOT, 1},
        {"c1:00.0", "c0:01.0", PORT_NONE, 1, GPU},
    };

    world_init(&w);
    add_nodes(&w, 2, 4);
    add_cells(&w, 2, 2);
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "c1:00.0", NULL);
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(bound_to_nothing)
{
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_VCPUS));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_MEMORY));
}
END_TEST

START_TEST(all_in_one_place)
{
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    pin_vcpus(&w, "0-1", "0-3");
    pin_vcpus(&w, "2-3", "4-7");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_VCPUS));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_MEMORY));
}
END_TEST

START_TEST(vcpus_elsewhere)
{
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    pin_vcpus(&w, "0", "3");
    pin_vcpus(&w, "1", "4");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELL_VCPUS), 1);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_CELL_VCPUS), "host nodes 0-1, and its devices are on 0,"));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_MEMORY));
}
END_TEST

START_TEST(vcpus_without_a_pin_go_by_the_cpuset)
{
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    pin_vcpus(&w, "0-1", "0-3");
    ck_assert(idset_parse("0-3", &w.domain.vcpu_cpuset) == IDSET_OK);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELL_VCPUS), 1);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_CELL_VCPUS), "host node 0, and its devices are on 1,"));
}
END_TEST

START_TEST(memory_elsewhere)
{
    pin_vcpus(&w, "0-1", "0-3");
    pin_vcpus(&w, "2-3", "4-7");
    ck_assert(idset_parse("1", &w.domain.memory_nodes) == IDSET_OK);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELL_MEMORY), 1);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_CELL_MEMORY), "host node 1, and its devices are on 0,"));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_VCPUS));
}
END_TEST

/* Somebody's own expanders may be right, and the pins wrong. */
START_TEST(devices_that_stay_count_too)
{
    add_controller(&w, 1, CTRL_EXPANDER, "0:03.0")->node = 0;
    add_controller(&w, 2, CTRL_ROOT_PORT, "1:00.0");
    w.domain.devices.items[0].address =
        (struct address){.kind = ADDRESS_PCI, .at = bdf_of("2:00.0")};
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    pin_vcpus(&w, "0-1", "4-7");
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "41:00.0")->fate, FATE_STAYS);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELL_VCPUS), 1);

    w.domain.devices.items[0].address = (struct address){.kind = ADDRESS_UNASSIGNED};
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELL_VCPUS), 0);
}
END_TEST

START_TEST(one_cell_for_both_nodes)
{
    w.domain.cells.count = 1;
    idset_free(&w.domain.cells.items[1].vcpus);
    bind_memory(&w, 0, "0-1");
    pin_vcpus(&w, "0-1", "3-4");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_VCPUS));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_MEMORY));
}
END_TEST

/* cells.c has told that the cell is not the device's. */
START_TEST(the_nearest_cell_is_not_reported_twice)
{
    w.policy.unmapped_node = UNMAPPED_NEAREST;
    bind_memory(&w, 0, "0");
    pin_vcpus(&w, "0-1", "0-3");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_NODE_NEAREST));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_VCPUS));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_MEMORY));
}
END_TEST

START_TEST(a_node_without_cpus_has_no_vcpus)
{
    idset_free(&w.host.nodes.items[1].cpus);
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    pin_vcpus(&w, "0-3", "0-3");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CELL_VCPUS));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("locality");
    TCase *tcase = tcase_create("locality");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, bound_to_nothing);
    tcase_add_test(tcase, all_in_one_place);
    tcase_add_test(tcase, vcpus_elsewhere);
    tcase_add_test(tcase, vcpus_without_a_pin_go_by_the_cpuset);
    tcase_add_test(tcase, memory_elsewhere);
    tcase_add_test(tcase, devices_that_stay_count_too);
    tcase_add_test(tcase, one_cell_for_both_nodes);
    tcase_add_test(tcase, the_nearest_cell_is_not_reported_twice);
    tcase_add_test(tcase, a_node_without_cpus_has_no_vcpus);
    return run_suite(suite);
}
