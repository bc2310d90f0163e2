/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cells.c - the guest cell of a host node, and devices whose node has none */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* A GPU on each of nodes 0 to 3 and one that does not say its node: on buses 10, 20, 30, 40 and 50.
 */
static void setup(void)
{
    static const struct row rows[] = {
        {"10:00.0", NULL, PORT_NONE, 0, GPU},  {"20:00.0", NULL, PORT_NONE, 1, GPU},
        {"30:00.0", NULL, PORT_NONE, 2, GPU},  {"40:00.0", NULL, PORT_NONE, 3, GPU},
        {"50:00.0", NULL, PORT_NONE, -1, GPU},
    };

    world_init(&w);
    add_nodes(&w, 4, 4); /* CPUs 0-3, 4-7, 8-11, 12-15 */
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

/* The cell of the device on a node, -1: none. */
static int cell_on(unsigned node)
{
    static const char *const hosts[] = {"10:00.0", "20:00.0", "30:00.0", "40:00.0"};

    if (!w.domain.devices.count) {
        for (size_t i = 0; i < 4; i++)
            add_hostdev(&w, hosts[i], NULL);
    }
    plan_or_fail(&w);
    return device_of(&w, hosts[node])->cell;
}

/* --- memnode --- */

START_TEST(memnode_goes_before_pins)
{
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "1");
    bind_memory(&w, 1, "0");
    pin_vcpus(&w, "0-1", "0-3"); /* cell 0 on node 0 */
    pin_vcpus(&w, "2-3", "4-7");
    ck_assert_int_eq(cell_on(0), 1);
    ck_assert_int_eq(cell_on(1), 0);
}
END_TEST

START_TEST(a_cell_over_several_nodes_stands_for_all_of_them)
{
    add_cells(&w, 1, 2);
    bind_memory(&w, 0, "0,2-3");
    ck_assert_int_eq(cell_on(0), 0);
    ck_assert_int_eq(cell_on(1), -1);
    ck_assert_int_eq(cell_on(2), 0);
    ck_assert_int_eq(cell_on(3), 0);
}
END_TEST

START_TEST(the_cell_that_has_the_node_alone_goes_first)
{
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0-1");
    bind_memory(&w, 1, "1");
    ck_assert_int_eq(cell_on(0), 0);
    ck_assert_int_eq(cell_on(1), 1);
}
END_TEST

START_TEST(then_the_lowest_cell)
{
    add_cells(&w, 3, 2);
    bind_memory(&w, 2, "1");
    bind_memory(&w, 1, "1");
    bind_memory(&w, 0, "0-1");
    ck_assert_int_eq(cell_on(1), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELLS_EQUAL), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CELLS_EQUAL),
                                 "host node 1, because it is the lowest of 2 cells"));
    for (size_t i = 0; i < w.domain.devices.count; i++)
        add_wish(&w, BDF_TEXT(&w.domain.devices.items[i].source))->keep = 1;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELLS_EQUAL), 0); /* nothing was decided */
}
END_TEST

START_TEST(what_memnode_leaves_out_falls_to_the_pins)
{
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0");
    pin_vcpus(&w, "2-3", "4-7");
    ck_assert_int_eq(cell_on(0), 0);
    ck_assert_int_eq(cell_on(1), 1);
}
END_TEST

/* --- vcpupin --- */

START_TEST(pins_choose_the_cell_with_most_vcpus_there)
{
    add_cells(&w, 2, 4);
    pin_vcpus(&w, "0-2,4", "0-3"); /* three of cell 0, one of cell 1 */
    pin_vcpus(&w, "3,5-7", "4-7");
    ck_assert_int_eq(cell_on(0), 0);
    ck_assert_int_eq(cell_on(1), 1);
    ck_assert_int_eq(cell_on(2), -1);
}
END_TEST

START_TEST(a_small_cell_alone_on_the_node_goes_before_a_large_one)
{
    add_cells(&w, 2, 4);
    pin_vcpus(&w, "0-2", "0-3");
    pin_vcpus(&w, "3", "4");
    pin_vcpus(&w, "4", "0"); /* the only pinned vCPU of cell 1 */
    ck_assert_int_eq(cell_on(0), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELLS_EQUAL), 0);
}
END_TEST

START_TEST(equal_pins_go_to_the_lowest_cell)
{
    add_cells(&w, 2, 2);
    pin_vcpus(&w, "2-3", "0-3");
    pin_vcpus(&w, "0-1", "0-3");
    ck_assert_int_eq(cell_on(0), 0);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CELLS_EQUAL),
                                 "host node 0, because it is the lowest of 2 cells"));
}
END_TEST

START_TEST(a_vcpu_on_two_nodes_counts_half_on_each)
{
    add_cells(&w, 2, 4);
    pin_vcpus(&w, "0-3", "0-7");   /* two and two */
    pin_vcpus(&w, "4-6", "4-7,8"); /* more than two on node 1 */
    ck_assert_int_eq(cell_on(0), 0);
    ck_assert_int_eq(cell_on(1), 1);
    ck_assert_int_eq(cell_on(2), 1);
}
END_TEST

START_TEST(a_cpuless_node_has_no_pins)
{
    idset_free(&w.host.nodes.items[3].cpus);
    add_cells(&w, 2, 2);
    pin_vcpus(&w, "0-1", "0-3");
    pin_vcpus(&w, "2-3", "12-15");
    ck_assert_int_eq(cell_on(3), -1);
    bind_memory(&w, 1, "3");
    ck_assert_int_eq(cell_on(3), 1);
}
END_TEST

/* --- one cell --- */

START_TEST(one_cell_follows_the_memory_of_the_domain)
{
    add_cells(&w, 1, 2);
    ck_assert_int_eq(idset_parse("2", &w.domain.memory_nodes), IDSET_OK);
    ck_assert_int_eq(cell_on(2), 0);
    ck_assert_int_eq(cell_on(0), -1);
}
END_TEST

START_TEST(one_cell_follows_the_vcpus_of_the_domain)
{
    add_cells(&w, 1, 2);
    ck_assert_int_eq(idset_parse("5-6", &w.domain.vcpu_cpuset), IDSET_OK);
    ck_assert_int_eq(cell_on(1), 0);
    ck_assert_int_eq(cell_on(0), -1);
}
END_TEST

START_TEST(memory_or_vcpus_on_two_nodes_say_nothing)
{
    add_cells(&w, 1, 2);
    ck_assert_int_eq(idset_parse("0-1", &w.domain.memory_nodes), IDSET_OK);
    ck_assert_int_eq(idset_parse("3-4", &w.domain.vcpu_cpuset), IDSET_OK);
    ck_assert_int_eq(cell_on(0), -1);
    ck_assert_int_eq(cell_on(1), -1);
}
END_TEST

START_TEST(with_two_cells_the_domain_as_a_whole_says_nothing)
{
    add_cells(&w, 2, 2);
    ck_assert_int_eq(idset_parse("0", &w.domain.memory_nodes), IDSET_OK);
    ck_assert_int_eq(idset_parse("0-3", &w.domain.vcpu_cpuset), IDSET_OK);
    ck_assert_int_eq(cell_on(0), -1);
}
END_TEST

/* --- hosts without NUMA, or with odd nodes --- */

static void forget_nodes(void)
{
    for (size_t i = 0; i < w.host.nodes.count; i++) {
        idset_free(&w.host.nodes.items[i].cpus);
        free(w.host.nodes.items[i].distances);
    }
    w.host.nodes.count = 0;
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].node = -1;
}

START_TEST(a_host_without_nodes_is_node_0_with_all_cpus)
{
    forget_nodes();
    add_cells(&w, 2, 2);
    ck_assert_int_eq(cell_on(0), -1);
    ck_assert_ptr_null(strstr(finding_of(&w, FINDING_NODE_WITHOUT_CELL), "the policy says"));
    pin_vcpus(&w, "2-3", "100");
    ck_assert_int_eq(cell_on(0), 1);
    pin_vcpus(&w, "0-1", "101");
    ck_assert_int_eq(cell_on(0), 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_CELLS_EQUAL), 1);
    bind_memory(&w, 0, "0");
    ck_assert_int_eq(cell_on(0), 0);
}
END_TEST

START_TEST(a_host_without_nodes_and_one_cell_with_a_cpuset)
{
    forget_nodes();
    add_cells(&w, 1, 2);
    ck_assert_int_eq(idset_parse("7", &w.domain.vcpu_cpuset), IDSET_OK);
    ck_assert_int_eq(cell_on(0), 0);
}
END_TEST

START_TEST(node_numbers_may_be_sparse)
{
    w.host.nodes.items[3].id = 8;
    w.host.functions.items[3].node = 8;
    add_cells(&w, 2, 2);
    bind_memory(&w, 1, "8");
    bind_memory(&w, 0, "3"); /* no such node */
    ck_assert_int_eq(cell_on(3), 1);
}
END_TEST

/* --- nodes without a cell --- */

START_TEST(a_node_without_a_cell_gets_an_expander_without_a_node)
{
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    ck_assert_int_eq(cell_on(3), -1);
    ck_assert_str_eq(layout(&w),
                     "cell0{rp(10:00.0)} cell1{rp(20:00.0)} none{rp(30:00.0)} none{rp(40:00.0)}");
    ck_assert_uint_eq(findings_of(&w, FINDING_NODE_WITHOUT_CELL), 2);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NODE_WITHOUT_CELL), "nearest is cell 1"));
}
END_TEST

START_TEST(a_node_without_a_cell_is_refused_by_strict)
{
    add_cells(&w, 1, 2);
    bind_memory(&w, 0, "0");
    add_hostdev(&w, "40:00.0", NULL);
    w.policy.strict = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "VTOPO-0010 0000:40:00.0"));
}
END_TEST

/* Of the findings on nodes without a cell, those that say this. */
static size_t count_saying(const char *words)
{
    size_t n = 0;

    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->findings.count; i++)
        n += w.plan->findings.items[i].id == FINDING_NODE_WITHOUT_CELL &&
             strstr(w.plan->findings.items[i].text, words);
    return n;
}

START_TEST(a_cell_without_a_tie_is_named_where_others_have_one)
{
    add_cells(&w, 3, 2);
    bind_memory(&w, 1, "0");
    ck_assert_int_eq(cell_on(1), -1);
    ck_assert_uint_eq(
        count_saying("host node 1; the nearest is cell 1 (policy unmapped_node \"nearest\" takes "
                     "it); cell 0 is tied to no node, and <memnode cellid='0' mode='strict' "
                     "nodeset='1'/> inside <numatune> would tie it to this one (--cells make"),
        1);
    ck_assert_uint_eq(count_saying("<memnode cellid='2' mode='strict' nodeset='2'/>"), 1);
    ck_assert_uint_eq(count_saying("is tied to no node"), 2); /* and none is left for node 3 */
    w.domain.memory_mode = strdup("preferred");
    ck_assert_uint_eq(count_saying("<memnode cellid='2' mode='preferred' nodeset='2'/>"), 1);
    pin_vcpus(&w, "0-1", "0"); /* says where it is */
    ck_assert_uint_eq(count_saying("cell 0 is tied to no node"), 0);
    ck_assert_uint_eq(count_saying("<memnode cellid='2' mode='preferred' nodeset='1'/>"), 1);
}
END_TEST

START_TEST(a_tie_that_cannot_be_is_not_named)
{
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0");
    add_hostdev(&w, "20:00.0", NULL);
    ck_assert_uint_eq(count_saying("cell 1 is tied to no node"), 1);
    w.domain.cells.items[1].memory_kib = w.host.nodes.items[1].memory_kib;
    ck_assert_uint_eq(count_saying("is tied to no node"), 0);
    w.domain.cells.items[1].memory_kib--;
    ck_assert_uint_eq(count_saying("is tied to no node"), 1);
    ck_assert(idset_add(&w.domain.memory_nodes, 0)); /* of all memory */
    ck_assert_uint_eq(count_saying("is tied to no node"), 0);
    ck_assert(idset_add(&w.domain.memory_nodes, 1));
    ck_assert_uint_eq(count_saying("is tied to no node"), 1);
    w.domain.placement_auto = true; /* libvirt refuses <memnode> */
    ck_assert_uint_eq(count_saying("is tied to no node"), 0);
    w.domain.placement_auto = false;
    for (size_t v = 4; v < 7; v++) /* five vCPUs for four CPUs */
        ck_assert(idset_add(&w.domain.cells.items[1].vcpus, v));
    ck_assert_uint_eq(count_saying("is tied to no node"), 0);
}
END_TEST

START_TEST(policy_nearest_takes_the_nearest_cell)
{
    w.policy.unmapped_node = UNMAPPED_NEAREST;
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    ck_assert_int_eq(cell_on(3), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_NODE_NEAREST), 2);
    ck_assert_uint_eq(findings_of(&w, FINDING_NODE_WITHOUT_CELL), 0);
}
END_TEST

START_TEST(of_two_nearest_cells_the_lowest_is_taken)
{
    w.policy.unmapped_node = UNMAPPED_NEAREST;
    add_cells(&w, 2, 2);
    bind_memory(&w, 1, "0");
    bind_memory(&w, 0, "2");
    ck_assert_int_eq(cell_on(1), 0);
}
END_TEST

START_TEST(without_distances_no_cell_is_nearest)
{
    free(w.host.nodes.items[3].distances);
    w.host.nodes.items[3].distances = NULL;
    w.policy.unmapped_node = UNMAPPED_NEAREST;
    add_cells(&w, 1, 2);
    bind_memory(&w, 0, "0");
    ck_assert_int_eq(cell_on(3), -1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NODE_WITHOUT_CELL), "<memnode>"));
}
END_TEST

START_TEST(policy_stay_leaves_it_where_it_is)
{
    w.policy.unmapped_node = UNMAPPED_STAY;
    add_cells(&w, 1, 2);
    bind_memory(&w, 0, "0");
    add_hostdev(&w, "10:00.0", "00:05.0");
    add_hostdev(&w, "40:00.0", "00:06.0");
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "40:00.0")->fate, FATE_STAYS);
    ck_assert_uint_eq(device_of(&w, "40:00.0")->after.at.slot, 6);
    ck_assert_str_eq(layout(&w), "cell0{rp(10:00.0)}");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_STAYS_UNMAPPED), "nearest is cell 0"));
}
END_TEST

/* Taken over, the expander would leave the device without a place. */
START_TEST(an_expander_above_what_stays_is_not_adopted)
{
    w.policy.unmapped_node = UNMAPPED_STAY;
    w.policy.adopt = true;
    add_cells(&w, 1, 2);
    bind_memory(&w, 0, "0");
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 200;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0");
    add_hostdev(&w, "10:00.0", "02:00.0");
    add_hostdev(&w, "40:00.0", "03:00.0");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "");
    ck_assert_uint_eq(device_of(&w, "40:00.0")->after.at.bus, 3);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NOT_ADOPTED), "40:00.0"));
    add_wish(&w, "40:00.0")->node = 0; /* which has a cell */
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(10:00.0)} cell0{rp(40:00.0)}");
    ck_assert_ptr_null(finding_of(&w, FINDING_NOT_ADOPTED));
    w.policy.devices.items[0].node = -1; /* none, whatever the host says */
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "");
    w.policy.unmapped_node = UNMAPPED_NEAREST; /* nothing stays for that */
    plan_or_fail(&w);
    ck_assert_uint_eq(device_of(&w, "10:00.0")->fate, FATE_MOVED);
    ck_assert_uint_eq(device_of(&w, "40:00.0")->fate, FATE_MOVED);
}
END_TEST

START_TEST(a_device_on_an_unknown_node_gets_an_expander_without_a_node)
{
    add_cells(&w, 1, 2);
    bind_memory(&w, 0, "0");
    add_hostdev(&w, "50:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "none{rp(50:00.0)}");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_NODE_UNKNOWN));
    w.policy.unmapped_node = UNMAPPED_NEAREST; /* to what? */
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "none{rp(50:00.0)}");
    w.policy.unmapped_node = UNMAPPED_STAY;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_STAYS_UNMAPPED), "does not say"));
}
END_TEST

START_TEST(policy_node_takes_the_place_of_the_hosts)
{
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    add_hostdev(&w, "50:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    add_wish(&w, "50:00.0")->node = 1;
    add_wish(&w, "10:00.0")->node = -1;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "none{rp(10:00.0)} cell1{rp(50:00.0)}");
}
END_TEST

/* --- devices that somebody placed --- */

static void place_below_expander(int cell)
{
    struct domain_controller *expander = add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");

    expander->bus_nr = 100;
    expander->node = cell;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_cells(&w, 2, 2);
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    add_hostdev(&w, "20:00.0", "02:00.0"); /* belongs to cell 1 */
}

START_TEST(the_right_cell_is_fine)
{
    place_below_expander(1);
    w.policy.strict = true;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_PLACED_ON_PURPOSE), "below controller 2"));
}
END_TEST

/* As KubeVirt writes it. */
START_TEST(the_right_cell_is_fine_before_the_expander_has_an_address)
{
    place_below_expander(1);
    w.domain.controllers.items[w.domain.controllers.count - 2].address.kind = ADDRESS_NONE;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_PLACED_WRONG));
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_PLACED_ON_PURPOSE), "below controller 2"));
}
END_TEST

START_TEST(the_wrong_cell_gets_a_finding)
{
    place_below_expander(0);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_PLACED_WRONG), "in cell 0: it belongs to cell 1"));
    w.policy.strict = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
}
END_TEST

START_TEST(cell_0_is_a_cell_to_belong_to)
{
    place_below_expander(1);
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0");
    add_hostdev(&w, "10:00.0", "03:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_PLACED_WRONG), "in cell 1: it belongs to cell 0"));
}
END_TEST

START_TEST(no_cell_gets_a_finding)
{
    place_below_expander(-1);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_PLACED_WRONG), "no node in the guest: it belongs to cell 1"));
}
END_TEST

START_TEST(a_cell_for_a_node_that_has_none_gets_a_finding)
{
    place_below_expander(0);
    add_wish(&w, "20:00.0")->node = 3;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_PLACED_WRONG),
                                 "cell 0, which does not stand for its host node 3"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cells");
    TCase *tcase = tcase_create("cells");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, memnode_goes_before_pins);
    tcase_add_test(tcase, a_cell_over_several_nodes_stands_for_all_of_them);
    tcase_add_test(tcase, the_cell_that_has_the_node_alone_goes_first);
    tcase_add_test(tcase, then_the_lowest_cell);
    tcase_add_test(tcase, what_memnode_leaves_out_falls_to_the_pins);
    tcase_add_test(tcase, pins_choose_the_cell_with_most_vcpus_there);
    tcase_add_test(tcase, a_small_cell_alone_on_the_node_goes_before_a_large_one);
    tcase_add_test(tcase, equal_pins_go_to_the_lowest_cell);
    tcase_add_test(tcase, a_vcpu_on_two_nodes_counts_half_on_each);
    tcase_add_test(tcase, a_cpuless_node_has_no_pins);
    tcase_add_test(tcase, one_cell_follows_the_memory_of_the_domain);
    tcase_add_test(tcase, one_cell_follows_the_vcpus_of_the_domain);
    tcase_add_test(tcase, memory_or_vcpus_on_two_nodes_say_nothing);
    tcase_add_test(tcase, with_two_cells_the_domain_as_a_whole_says_nothing);
    tcase_add_test(tcase, a_host_without_nodes_is_node_0_with_all_cpus);
    tcase_add_test(tcase, a_host_without_nodes_and_one_cell_with_a_cpuset);
    tcase_add_test(tcase, node_numbers_may_be_sparse);
    tcase_add_test(tcase, a_node_without_a_cell_gets_an_expander_without_a_node);
    tcase_add_test(tcase, a_node_without_a_cell_is_refused_by_strict);
    tcase_add_test(tcase, a_cell_without_a_tie_is_named_where_others_have_one);
    tcase_add_test(tcase, a_tie_that_cannot_be_is_not_named);
    tcase_add_test(tcase, policy_nearest_takes_the_nearest_cell);
    tcase_add_test(tcase, of_two_nearest_cells_the_lowest_is_taken);
    tcase_add_test(tcase, without_distances_no_cell_is_nearest);
    tcase_add_test(tcase, policy_stay_leaves_it_where_it_is);
    tcase_add_test(tcase, an_expander_above_what_stays_is_not_adopted);
    tcase_add_test(tcase, a_device_on_an_unknown_node_gets_an_expander_without_a_node);
    tcase_add_test(tcase, policy_node_takes_the_place_of_the_hosts);
    tcase_add_test(tcase, the_right_cell_is_fine);
    tcase_add_test(tcase, the_right_cell_is_fine_before_the_expander_has_an_address);
    tcase_add_test(tcase, the_wrong_cell_gets_a_finding);
    tcase_add_test(tcase, cell_0_is_a_cell_to_belong_to);
    tcase_add_test(tcase, no_cell_gets_a_finding);
    tcase_add_test(tcase, a_cell_for_a_node_that_has_none_gets_a_finding);
    return run_suite(suite);
}
