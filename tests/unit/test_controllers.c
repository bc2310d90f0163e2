/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_controllers.c - expanders, root ports and switches in every mode */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

/*
 * Root complex 40, node 0: a switch with a GPU (43), a NIC with two VFs (44) and a second-level
 * switch with two more GPUs (47, 48); a disk below a root port (50).  Root complex 80, node 1: a
 * switch with a GPU (84); a NIC (90) alone. Root complex c0, node 1: a GPU (c1).
 */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, NIC},
        {"44:00.1", "42:01.0", PORT_NONE, 0, NIC, "44:00.0"},
        {"44:00.2", "42:01.0", PORT_NONE, 0, NIC, "44:00.0"},
        {"45:00.0", "42:02.0", PORT_UPSTREAM, 0},
        {"46:00.0", "45:00.0", PORT_DOWNSTREAM, 0},
        {"46:01.0", "45:00.0", PORT_DOWNSTREAM, 0},
        {"47:00.0", "46:00.0", PORT_NONE, 0, GPU},
        {"48:00.0", "46:01.0", PORT_NONE, 0, GPU},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"50:00.0", "40:02.0", PORT_NONE, 0, 0x010802},
        {"80:01.0", NULL, PORT_ROOT, 1},
        {"81:00.0", "80:01.0", PORT_UPSTREAM, 1},
        {"82:00.0", "81:00.0", PORT_DOWNSTREAM, 1},
        {"84:00.0", "82:00.0", PORT_NONE, 1, GPU},
        {"80:02.0", NULL, PORT_ROOT, 1},
        {"90:00.0", "80:02.0", PORT_NONE, 1, NIC},
        {"c0:01.0", NULL, PORT_ROOT, 1},
        {"c1:00.0", "c0:01.0", PORT_NONE, 1, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static void assign(const char *hosts)
{
    char text[16];

    for (int used; sscanf(hosts, "%15s%n", text, &used) == 1; hosts += used)
        add_hostdev(&w, text, NULL);
}

static void expect(enum mirror mirror, const char *built)
{
    w.policy.mirror = mirror;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), built);
}

#define ALL "43:00.0 44:00.0 47:00.0 48:00.0 50:00.0 84:00.0 90:00.0 c1:00.0"

START_TEST(numa_one_expander_per_cell_and_a_root_port_per_card)
{
    assign(ALL);
    expect(MIRROR_NUMA, "cell0{rp(43:00.0) rp(44:00.0) rp(47:00.0) rp(48:00.0) rp(50:00.0)} "
                        "cell1{rp(84:00.0) rp(90:00.0) rp(c1:00.0)}");
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_NEARER), ": 0000:84:00.0, 0000:90:00.0 with 0000:c1:00.0"));
}
END_TEST

START_TEST(root_one_expander_per_root_complex_and_a_root_port_per_card)
{
    assign(ALL);
    expect(MIRROR_ROOT, "cell0{rp(43:00.0) rp(44:00.0) rp(47:00.0) rp(48:00.0) rp(50:00.0)} "
                        "cell1{rp(84:00.0) rp(90:00.0)} cell1{rp(c1:00.0)}");
}
END_TEST

START_TEST(switch_one_switch_per_tree_of_two_or_more_cards)
{
    assign(ALL);
    expect(MIRROR_SWITCH,
           "cell0{rp-up(dp(43:00.0) dp(44:00.0) dp(47:00.0) dp(48:00.0)) rp(50:00.0)} "
           "cell1{rp(84:00.0) rp(90:00.0)} cell1{rp(c1:00.0)}");
}
END_TEST

START_TEST(exact_all_levels_below_the_first_fork)
{
    assign(ALL);
    expect(MIRROR_EXACT,
           "cell0{rp-up(dp(43:00.0) dp(44:00.0) dp-up(dp(47:00.0) dp(48:00.0))) rp(50:00.0)} "
           "cell1{rp(84:00.0) rp(90:00.0)} cell1{rp(c1:00.0)}");
}
END_TEST

START_TEST(exact_leaves_out_switches_above_the_first_fork)
{
    assign("47:00.0 48:00.0");
    expect(MIRROR_EXACT, "cell0{rp-up(dp(47:00.0) dp(48:00.0))}");
    ck_assert_ptr_null(finding_of(&w, FINDING_NEARER));
    ck_assert_str_eq(BDF_TEXT(&w.plan->controllers.items[2].switch_bdf), "0000:45:00.0");
}
END_TEST

START_TEST(exact_keeps_a_switch_with_one_branch_below_the_first_fork)
{
    assign("43:00.0 47:00.0");
    expect(MIRROR_EXACT, "cell0{rp-up(dp(43:00.0) dp-up(dp(47:00.0)))}");
    ck_assert_ptr_null(finding_of(&w, FINDING_NEARER));
}
END_TEST

START_TEST(exact_vfs_behind_one_downstream_port_share_its_switch)
{
    assign("44:00.1 44:00.2");
    expect(MIRROR_EXACT, "cell0{rp-up(dp(44:00.1) dp(44:00.2))}");
    ck_assert_ptr_null(finding_of(&w, FINDING_FARTHER));
}
END_TEST

START_TEST(exact_vfs_and_a_second_level)
{
    assign("44:00.1 44:00.2 47:00.0");
    expect(MIRROR_EXACT, "cell0{rp-up(dp(44:00.1) dp(44:00.2) dp-up(dp(47:00.0)))}");
}
END_TEST

START_TEST(a_card_alone_in_its_tree_gets_a_root_port)
{
    assign("48:00.0 50:00.0");
    expect(MIRROR_SWITCH, "cell0{rp(48:00.0) rp(50:00.0)}");
    expect(MIRROR_EXACT, "cell0{rp(48:00.0) rp(50:00.0)}");
}
END_TEST

START_TEST(what_the_levels_hide_is_said)
{
    assign("43:00.0 47:00.0");
    expect(MIRROR_SWITCH, "cell0{rp-up(dp(43:00.0) dp(47:00.0))}");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NEARER), "0000:43:00.0 with 0000:47:00.0"));
}
END_TEST

START_TEST(a_root_complex_on_two_cells_gets_an_expander_for_each)
{
    assign("43:00.0 44:00.0 47:00.0 50:00.0");
    add_wish(&w, "50:00.0")->node = 1;
    expect(MIRROR_ROOT, "cell0{rp(43:00.0) rp(44:00.0) rp(47:00.0)} cell1{rp(50:00.0)}");
}
END_TEST

START_TEST(a_switch_tree_on_two_cells_is_two)
{
    assign("43:00.0 44:00.0 47:00.0 48:00.0");
    add_wish(&w, "47:00.0")->node = 1;
    add_wish(&w, "48:00.0")->node = 1;
    expect(MIRROR_SWITCH,
           "cell0{rp-up(dp(43:00.0) dp(44:00.0))} cell1{rp-up(dp(47:00.0) dp(48:00.0))}");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_FARTHER),
                                 "0000:43:00.0, 0000:44:00.0 with 0000:47:00.0, 0000:48:00.0"));
}
END_TEST

START_TEST(nodes_without_a_cell_do_not_share_an_expander)
{
    w.domain.memnodes.count = 0;
    idset_free(&w.domain.memnodes.items[0].nodes);
    idset_free(&w.domain.memnodes.items[1].nodes);
    assign("43:00.0 90:00.0 c1:00.0");
    add_wish(&w, "c1:00.0")->node = -1;
    expect(MIRROR_NUMA, "none{rp(43:00.0)} none{rp(90:00.0)} none{rp(c1:00.0)}");
}
END_TEST

START_TEST(cells_of_two_nodes_share_one_expander_in_numa)
{
    idset_free(&w.domain.memnodes.items[0].nodes);
    idset_free(&w.domain.memnodes.items[1].nodes);
    ck_assert_int_eq(idset_parse("0-1", &w.domain.memnodes.items[0].nodes), IDSET_OK);
    assign("43:00.0 90:00.0");
    expect(MIRROR_NUMA, "cell0{rp(43:00.0) rp(90:00.0)}");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_NEARER));
    expect(MIRROR_ROOT, "cell0{rp(43:00.0)} cell0{rp(90:00.0)}");
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_NEARER), "one cell stands for their nodes"));
}
END_TEST

/* --- hot-plug --- */

START_TEST(a_hot_pluggable_card_gets_a_root_port_of_its_own)
{
    assign("43:00.0 44:00.0 47:00.0");
    w.domain.devices.items[1].teaming_transient = true;
    expect(MIRROR_SWITCH, "cell0{rp-up(dp(43:00.0) dp(47:00.0)) rp+(44:00.0)}");
    ck_assert_uint_eq(findings_of(&w, FINDING_TRANSIENT), 1);
    ck_assert_ptr_null(finding_of(&w, FINDING_FARTHER)); /* it is asked for */
    expect(MIRROR_EXACT, "cell0{rp-up(dp(43:00.0) dp-up(dp(47:00.0))) rp+(44:00.0)}");
}
END_TEST

START_TEST(a_hot_pluggable_first_card_keeps_its_place)
{
    assign("43:00.0 44:00.0 47:00.0");
    w.domain.devices.items[0].teaming_transient = true;
    expect(MIRROR_SWITCH, "cell0{rp+(43:00.0) rp-up(dp(44:00.0) dp(47:00.0))}");
    ck_assert_ptr_null(finding_of(&w, FINDING_ORDER));
}
END_TEST

START_TEST(one_card_left_over_needs_no_switch)
{
    assign("43:00.0 44:00.0");
    w.domain.devices.items[0].teaming_transient = true;
    expect(MIRROR_SWITCH, "cell0{rp+(43:00.0) rp(44:00.0)}");
    w.domain.devices.items[0].teaming_transient = false;
    w.domain.devices.items[1].teaming_transient = true;
    expect(MIRROR_SWITCH, "cell0{rp(43:00.0) rp+(44:00.0)}");
}
END_TEST

START_TEST(policy_hotplug_is_the_same)
{
    assign("43:00.0 44:00.0 47:00.0");
    add_wish(&w, "47:00.0")->hotplug = 1;
    expect(MIRROR_SWITCH, "cell0{rp-up(dp(43:00.0) dp(44:00.0)) rp+(47:00.0)}");
}
END_TEST

START_TEST(ports_of_cards_say_whether_they_hot_plug)
{
    assign("43:00.0 44:00.0 50:00.0");
    expect(MIRROR_SWITCH, "cell0{rp-up(dp(43:00.0) dp(44:00.0)) rp(50:00.0)}");
    for (size_t i = 0; i < w.plan->controllers.count; i++)
        ck_assert_int_eq(w.plan->controllers.items[i].hotplug_off,
                         w.plan->controllers.items[i].model == CTRL_DOWNSTREAM);
}
END_TEST

/* --- without cells --- */

static void forget_cells(void)
{
    for (size_t i = 0; i < w.domain.cells.count; i++)
        idset_free(&w.domain.cells.items[i].vcpus);
    w.domain.cells.count = 0;
}

START_TEST(without_cells_the_domain_is_left_as_it_is)
{
    forget_cells();
    assign("43:00.0 44:00.0");
    expect(MIRROR_SWITCH, "");
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert(w.plan->realised);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "<cell id='0'"));
}
END_TEST

START_TEST(without_cells_group_builds_switches_below_pcie0)
{
    forget_cells();
    w.policy.without_numa = WITHOUT_NUMA_GROUP;
    assign("43:00.0 47:00.0 50:00.0 84:00.0");
    expect(MIRROR_SWITCH, "pcie.0{rp-up(dp(43:00.0) dp(47:00.0))}");
    ck_assert_int_eq(device_of(&w, "50:00.0")->fate, FATE_STAYS);
    ck_assert_int_eq(device_of(&w, "84:00.0")->fate, FATE_STAYS);
    expect(MIRROR_EXACT, "pcie.0{rp-up(dp(43:00.0) dp-up(dp(47:00.0)))}");
    expect(MIRROR_ROOT, "");
}
END_TEST

START_TEST(without_cells_group_leaves_hot_pluggable_cards)
{
    forget_cells();
    w.policy.without_numa = WITHOUT_NUMA_GROUP;
    assign("43:00.0 44:00.0 47:00.0");
    w.domain.devices.items[1].teaming_transient = true;
    expect(MIRROR_SWITCH, "pcie.0{rp-up(dp(43:00.0) dp(47:00.0))}");
    ck_assert_int_eq(device_of(&w, "44:00.0")->fate, FATE_STAYS);
}
END_TEST

START_TEST(without_cells_group_a_slot_of_two_cards_stays_whole)
{
    forget_cells();
    w.policy.without_numa = WITHOUT_NUMA_GROUP;
    add_hostdev(&w, "43:00.0", "00:05.0");
    add_hostdev(&w, "50:00.0", "00:05.1"); /* has no switch, so it stays */
    assign("44:00.0 47:00.0");
    expect(MIRROR_SWITCH, "pcie.0{rp-up(dp(44:00.0) dp(47:00.0))}");
    ck_assert_int_eq(device_of(&w, "43:00.0")->fate, FATE_STAYS);
}
END_TEST

START_TEST(without_cells_strict_refuses)
{
    forget_cells();
    w.policy.strict = true;
    assign("43:00.0");
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_null(strchr(vtopo_error_message(w.error), '\n'));
}
END_TEST

/* --- spare ports --- */

START_TEST(every_expander_gets_spare_ports_behind_all_others)
{
    w.policy.spare_ports = 2;
    add_hostdev(&w, "43:00.0", "00:05.0");
    add_hostdev(&w, "90:00.0", "00:06.0");
    expect(MIRROR_SWITCH, "cell0{rp(43:00.0) spare spare} cell1{rp(90:00.0) spare spare}");
    for (size_t i = 4; i < 8; i++)
        ck_assert(w.plan->controllers.items[i].spare);
    ck_assert_uint_gt(w.plan->controllers.items[4].index, port_of(&w, "90:00.0")->index);
}
END_TEST

START_TEST(more_spare_ports_than_there_are_indexes_are_not_tried)
{
    w.policy.spare_ports = 4000000000;
    add_hostdev(&w, "43:00.0", "00:05.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->buses, 255); /* and pcie.0 */
    w.policy.strict = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    w.policy.spare_ports = 255;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    w.policy.spare_ports = 253;
    plan_or_fail(&w);
}
END_TEST

/* --- order --- */

START_TEST(guest_numbers_ascend_with_the_hosts)
{
    assign("c1:00.0 90:00.0 84:00.0 50:00.0 48:00.0 47:00.0 44:00.0 43:00.0");
    for (enum mirror mirror = MIRROR_NUMA; mirror <= MIRROR_EXACT; mirror++) {
        w.policy.mirror = mirror;
        plan_or_fail(&w);
        for (size_t i = 1; i < w.plan->cards.count; i++) {
            const struct bdf *before =
                &w.plan->devices.items[w.plan->cards.items[i - 1].first_device].guest_after;
            const struct bdf *now =
                &w.plan->devices.items[w.plan->cards.items[i].first_device].guest_after;

            ck_assert_int_lt(bdf_compare(before, now), 0);
        }
        ck_assert_ptr_null(finding_of(&w, FINDING_ORDER));
    }
}
END_TEST

START_TEST(numa_says_where_interleaved_root_complexes_turn_the_order)
{
    assign("43:00.0 90:00.0 c1:00.0");
    add_wish(&w, "c1:00.0")->node = 0;
    expect(MIRROR_NUMA, "cell0{rp(43:00.0) rp(c1:00.0)} cell1{rp(90:00.0)}");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ORDER), "0000:90:00.0 with 0000:c1:00.0"));
    expect(MIRROR_ROOT, "cell0{rp(43:00.0)} cell1{rp(90:00.0)} cell0{rp(c1:00.0)}");
    ck_assert_ptr_null(finding_of(&w, FINDING_ORDER));
}
END_TEST

/* Of a guest that could have it: Grace Hopper's 43 and c1, of which 50 and 90 share the node. */
static void make_coherent(void)
{
    static const char *const gpus[] = {"43:00.0", "84:00.0", "c1:00.0"};

    for (size_t i = 0; i < sizeof(gpus) / sizeof(*gpus); i++) {
        function_of(&w, gpus[i])->vendor = 0x10de;
        function_of(&w, gpus[i])->device = 0x2342;
    }
    world_become_virt(&w);
    w.policy.mmio = MMIO_OFF;
}

START_TEST(numa_leaves_a_coherent_gpu_to_itself)
{
    make_coherent();
    assign("44:00.0 43:00.0 50:00.0 84:00.0 c1:00.0 90:00.0");
    expect(MIRROR_NUMA, "cell0{rp(43:00.0)} cell0{rp(44:00.0) rp(50:00.0)} cell1{rp(84:00.0)} "
                        "cell1{rp(90:00.0)} cell1{rp(c1:00.0)}");
    ck_assert(expander(&w, 0)->has_root && !expander(&w, 1)->has_root);
    ck_assert_str_eq(expander(&w, 0)->alias, "ua-vtopo-pxb-0000-40-cell0");
    ck_assert_str_eq(expander(&w, 1)->alias, "ua-vtopo-pxb-cell0");
    w.domain.machine_kind = MACHINE_Q35;
    expect(MIRROR_NUMA, "cell0{rp(43:00.0) rp(44:00.0) rp(50:00.0)} "
                        "cell1{rp(84:00.0) rp(90:00.0) rp(c1:00.0)}");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("controllers");
    TCase *tcase = tcase_create("controllers");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, numa_one_expander_per_cell_and_a_root_port_per_card);
    tcase_add_test(tcase, root_one_expander_per_root_complex_and_a_root_port_per_card);
    tcase_add_test(tcase, switch_one_switch_per_tree_of_two_or_more_cards);
    tcase_add_test(tcase, exact_all_levels_below_the_first_fork);
    tcase_add_test(tcase, exact_leaves_out_switches_above_the_first_fork);
    tcase_add_test(tcase, exact_keeps_a_switch_with_one_branch_below_the_first_fork);
    tcase_add_test(tcase, exact_vfs_behind_one_downstream_port_share_its_switch);
    tcase_add_test(tcase, exact_vfs_and_a_second_level);
    tcase_add_test(tcase, a_card_alone_in_its_tree_gets_a_root_port);
    tcase_add_test(tcase, what_the_levels_hide_is_said);
    tcase_add_test(tcase, a_root_complex_on_two_cells_gets_an_expander_for_each);
    tcase_add_test(tcase, a_switch_tree_on_two_cells_is_two);
    tcase_add_test(tcase, nodes_without_a_cell_do_not_share_an_expander);
    tcase_add_test(tcase, cells_of_two_nodes_share_one_expander_in_numa);
    tcase_add_test(tcase, a_hot_pluggable_card_gets_a_root_port_of_its_own);
    tcase_add_test(tcase, a_hot_pluggable_first_card_keeps_its_place);
    tcase_add_test(tcase, one_card_left_over_needs_no_switch);
    tcase_add_test(tcase, policy_hotplug_is_the_same);
    tcase_add_test(tcase, ports_of_cards_say_whether_they_hot_plug);
    tcase_add_test(tcase, without_cells_the_domain_is_left_as_it_is);
    tcase_add_test(tcase, without_cells_group_builds_switches_below_pcie0);
    tcase_add_test(tcase, without_cells_group_leaves_hot_pluggable_cards);
    tcase_add_test(tcase, without_cells_group_a_slot_of_two_cards_stays_whole);
    tcase_add_test(tcase, without_cells_strict_refuses);
    tcase_add_test(tcase, every_expander_gets_spare_ports_behind_all_others);
    tcase_add_test(tcase, more_spare_ports_than_there_are_indexes_are_not_tried);
    tcase_add_test(tcase, guest_numbers_ascend_with_the_hosts);
    tcase_add_test(tcase, numa_says_where_interleaved_root_complexes_turn_the_order);
    tcase_add_test(tcase, numa_leaves_a_coherent_gpu_to_itself);
    return run_suite(suite);
}
