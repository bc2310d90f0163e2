/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_nccl_path.c - kinds and bandwidths of paths; the numbers are those of NCCL's topo.h and
 * topo.cc */
#include "nccl_world.h"

#include <stdio.h>

static struct world w;
static struct nccl_graph graph;
static struct host_processor processor;

static void setup(void)
{
    nccl_world_init(&w);
    processor = (struct host_processor){"GenuineIntel", 6, 143};
}

static void teardown(void)
{
    nccl_graph_clear(&graph);
    world_clear(&w);
}

static const char *path(const char *one, const char *other)
{
    static char text[64];
    size_t from = place_of(&w, &graph, one), to = place_of(&w, &graph, other);
    struct nccl_path there = nccl_path_between(&graph, &processor, from, to);
    struct nccl_path back = nccl_path_between(&graph, &processor, to, from);

    ck_assert(there.type == back.type && there.bandwidth == back.bandwidth &&
              there.at_most == back.at_most);
    snprintf(text, sizeof(text), "%s %s%g", nccl_path_name(there.type), there.at_most ? "<=" : "",
             (double)there.bandwidth / NCCL_PER_GB);
    return text;
}

START_TEST(with_the_file_it_is_as_on_the_host)
{
    plan_or_fail(&w);
    ck_assert(nccl_graph_of_host(w.plan, &graph));
    ck_assert_str_eq(path("47:00.0", "48:00.0"), "PIX 48");
    ck_assert_str_eq(path("43:00.0", "48:00.0"), "PXB 48");
    ck_assert_str_eq(path("43:00.0", "50:00.0"), "PHB 48");
    ck_assert_str_eq(path("43:00.0", "61:00.0"), "SYS 22");
}
END_TEST

/* The table of facts: 0.19 GB/s from a switch to the CPU, 3 GB/s between nested ones, 24 GB/s below
 * a root port. */
START_TEST(without_it_ports_are_believed)
{
    w.policy.mirror = MIRROR_EXACT;
    plan_or_fail(&w);
    ck_assert(nccl_graph_of_guest(w.plan, NULL, &graph));
    ck_assert_str_eq(path("47:00.0", "48:00.0"), "PIX 48");
    ck_assert_str_eq(path("43:00.0", "48:00.0"), "PXB 3");
    ck_assert_str_eq(path("43:00.0", "50:00.0"), "PHB 0.1875");
    ck_assert_str_eq(path("50:00.0", "61:00.0"), "SYS 22");
    function_at(&w, "61:00.0")->link_max = (struct host_link){80, 8};
    plan_or_fail(&w);
    nccl_graph_clear(&graph);
    ck_assert(nccl_graph_of_guest(w.plan, NULL, &graph));
    ck_assert_str_eq(path("50:00.0", "61:00.0"), "SYS 6");
}
END_TEST

/* ncclTopoGetXmlFromSys() makes a <cpu numaid="-1"> for them. */
START_TEST(what_has_no_node_is_beside_all_nodes)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1");
    w.domain.devices.items[0].address = (struct address){ADDRESS_PCI, {0, 1, 0, 0}, -1};
    w.domain.devices.items[2].address = (struct address){ADDRESS_PCI, {0, 2, 0, 0}, -1};
    add_wish(&w, "43:00.0")->keep = 1;
    add_wish(&w, "48:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert(nccl_graph_of_guest(w.plan, NULL, &graph));
    ck_assert_str_eq(path("43:00.0", "48:00.0"), "PHB 24");
    ck_assert_str_eq(path("43:00.0", "50:00.0"), "SYS 22");
    ck_assert_str_eq(path("43:00.0", "61:00.0"), "SYS 22");
}
END_TEST

START_TEST(sockets_are_as_fast_as_the_processor_says)
{
    static const struct {
        const char *vendor;
        unsigned family, model;
        const char *path;
    } rows[] = {
        {"GenuineIntel", 6, 0x4f, "SYS 6"},  {"GenuineIntel", 6, 0x55, "SYS 10"},
        {"GenuineIntel", 6, 0x8f, "SYS 22"}, {"GenuineIntel", 6, 0xcf, "SYS 40"},
        {"GenuineIntel", 19, 1, "SYS 6"},    {"AuthenticAMD", 25, 17, "SYS 16"},
        {"  Shanghai  ", 7, 0x5b, "SYS 9"},  {"CentaurHauls", 7, 0x3b, "SYS 6"},
        {"HygonGenuine", 24, 0, "SYS 48"},   {"", 0, 0, "SYS <=48"},
    };

    plan_or_fail(&w);
    ck_assert(nccl_graph_of_host(w.plan, &graph));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        processor = (struct host_processor){.family = rows[i].family, .model = rows[i].model};
        strcpy(processor.vendor, rows[i].vendor);
        ck_assert_str_eq(path("43:00.0", "61:00.0"), rows[i].path);
    }
}
END_TEST

static void make_pex(const char *bdf, uint16_t device, uint16_t subsystem)
{
    struct host_function *f = function_at(&w, bdf);

    f->vendor = f->subsystem_vendor = 0x1000;
    f->device = device;
    f->subsystem_device = subsystem;
}

/* Both generations of PEX switches are one level to NCCL; others are what they show. */
START_TEST(levels_of_a_pex_switch_are_one)
{
    static const struct {
        uint16_t device, upper, lower;
        const char *path;
    } rows[] = {
        {0xc010, 0xa096, 0xa096, "PIX 48"},
        {0xc030, 0x0100, 0x1100, "PIX 48"},
        {0xc030, 0x0100, 0x0100, "PXB 48"},
        {0xc040, 0xa096, 0xa096, "PXB 48"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        make_pex("41:00.0", rows[i].device, rows[i].upper);
        make_pex("45:00.0", rows[i].device, rows[i].lower);
        plan_or_fail(&w);
        nccl_graph_clear(&graph);
        ck_assert(nccl_graph_of_host(w.plan, &graph));
        nccl_flatten(&graph, &w.plan->extract.host);
        ck_assert_str_eq(path("43:00.0", "48:00.0"), rows[i].path);
        ck_assert_str_eq(path("43:00.0", "50:00.0"), "PHB 48");
        ck_assert_str_eq(path("47:00.0", "48:00.0"), "PIX 48");
    }
}
END_TEST

START_TEST(near_is_up_to_several_switches)
{
    ck_assert(nccl_is_near(NCCL_PIX) && nccl_is_near(NCCL_PXB));
    ck_assert(!nccl_is_near(NCCL_PHB) && !nccl_is_near(NCCL_SYS));
}
END_TEST

START_TEST(two_gpus_of_an_amd_host_are_near_enough)
{
    static const struct host_processor amd = {"AuthenticAMD", 25, 1},
                                       intel = {"GenuineIntel", 6, 143}, unknown;

    ck_assert(nccl_does_p2p_anywhere(&amd, 2));
    ck_assert(!nccl_does_p2p_anywhere(&amd, 3));
    ck_assert(!nccl_does_p2p_anywhere(&intel, 2));
    ck_assert(!nccl_does_p2p_anywhere(&unknown, 2));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nccl_path");
    TCase *tcase = tcase_create("nccl_path");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, with_the_file_it_is_as_on_the_host);
    tcase_add_test(tcase, without_it_ports_are_believed);
    tcase_add_test(tcase, what_has_no_node_is_beside_all_nodes);
    tcase_add_test(tcase, sockets_are_as_fast_as_the_processor_says);
    tcase_add_test(tcase, levels_of_a_pex_switch_are_one);
    tcase_add_test(tcase, near_is_up_to_several_switches);
    tcase_add_test(tcase, two_gpus_of_an_amd_host_are_near_enough);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
