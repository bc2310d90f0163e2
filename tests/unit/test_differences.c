/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_differences.c - what is said of a guest that differs from the host (nearer, farther, order:
 * test_controllers.c) */
#include "switch_world.h"

#include <check.h>
#include <string.h>

START_TEST(a_faithful_guest_gets_no_finding)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "43:00.0", "01:00.0");
    add_hostdev(&w, "44:00.0", "00:05.0");
    add_hostdev(&w, "61:00.0", "00:06.0");
    w.policy.strict = true;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->findings.count, 0);
}
END_TEST

START_TEST(pairs_of_one_root_complex_are_not_nearer_in_numa)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "50:00.0", NULL);
    w.policy.mirror = MIRROR_NUMA;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_NEARER));
    ck_assert_ptr_null(finding_of(&w, FINDING_FARTHER));
}
END_TEST

START_TEST(root_and_numa_do_not_promise_switches)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    w.policy.strict = true;
    w.policy.mirror = MIRROR_ROOT;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_FARTHER));
}
END_TEST

START_TEST(two_nodes_of_one_cell_are_nearer)
{
    idset_free(&w.domain.memnodes.items[0].nodes);
    idset_free(&w.domain.memnodes.items[--w.domain.memnodes.count].nodes);
    ck_assert_int_eq(idset_parse("0-1", &w.domain.memnodes.items[0].nodes), IDSET_OK);
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "61:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_NEARER), ": 0000:43:00.0, 0000:44:00.0 with 0000:61:00.0"));
    ck_assert_uint_eq(findings_of(&w, FINDING_NEARER), 1);
}
END_TEST

START_TEST(an_interface_whose_name_changes_is_named)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "50:00.0", "01:00.0")->address.multifunction = 1;
    add_hostdev(&w, "50:00.1", "01:00.1");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_INTERFACE_NAMES), 1);
    ck_assert_ptr_nonnull(strstr(
        finding_of(&w, FINDING_INTERFACE_NAMES),
        "enp1s0f0 becomes enp241s0f0 (0000:50:00.0), enp1s0f1 becomes enp241s0f1 (0000:50:00.1)"));
}
END_TEST

START_TEST(a_single_function_has_no_function_in_its_name)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_device(&w, DEVICE_INTERFACE_HOSTDEV, "50:00.1", "01:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_INTERFACE_NAMES), "enp1s0 becomes enp241s0 (0000:50:00.1)"));
}
END_TEST

START_TEST(other_devices_have_no_names)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "43:00.0", "01:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_INTERFACE_NAMES));
}
END_TEST

START_TEST(an_interface_that_keeps_its_name_is_not_named)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "50:00.0", "01:00.0");
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_INTERFACE_NAMES));
}
END_TEST

START_TEST(a_gpu_that_leaves_its_host_address_is_told)
{
    add_controller(&w, 0x43, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "43:00.0", "43:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_LEAVES_HOST_ADDRESS));
}
END_TEST

START_TEST(a_nic_or_another_place_is_not)
{
    add_controller(&w, 0x50, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 0x44, CTRL_ROOT_PORT, "00:03.0");
    add_hostdev(&w, "50:00.0", "50:00.0");
    add_hostdev(&w, "43:00.0", "44:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_LEAVES_HOST_ADDRESS));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("differences");
    TCase *tcase = tcase_create("differences");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_faithful_guest_gets_no_finding);
    tcase_add_test(tcase, pairs_of_one_root_complex_are_not_nearer_in_numa);
    tcase_add_test(tcase, root_and_numa_do_not_promise_switches);
    tcase_add_test(tcase, two_nodes_of_one_cell_are_nearer);
    tcase_add_test(tcase, an_interface_whose_name_changes_is_named);
    tcase_add_test(tcase, a_single_function_has_no_function_in_its_name);
    tcase_add_test(tcase, other_devices_have_no_names);
    tcase_add_test(tcase, an_interface_that_keeps_its_name_is_not_named);
    tcase_add_test(tcase, a_gpu_that_leaves_its_host_address_is_told);
    tcase_add_test(tcase, a_nic_or_another_place_is_not);
    return run_suite(suite);
}
