/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_nvidia_path.c - nvidia-smi's words for pairs, on the host and in the guest */
#include "nccl_world.h"

#include "peer/nvidia_path.h"
#include "plan/ground/planned_tree.h"

#include <stdio.h>

static struct world w;
static struct guest_tree tree;

static void setup(void)
{
    nccl_world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static void plan(void)
{
    plan_or_fail(&w);
    planned_tree_make(w.plan, &w.plan->extract.domain, &tree);
}

static size_t place(const char *host)
{
    return (size_t)(device_of(&w, host) - w.plan->devices.items);
}

/* "PXB PIX": on the host, in the guest; the same in both directions. */
static const char *words(const char *one, const char *other)
{
    static char text[32];
    size_t a = place(one), b = place(other);
    enum nvidia_path host = nvidia_path_on_host(w.plan, a, b);
    enum nvidia_path guest = nvidia_path_in_guest(w.plan, &tree, a, b);

    ck_assert_int_eq(nvidia_path_on_host(w.plan, b, a), host);
    ck_assert_int_eq(nvidia_path_in_guest(w.plan, &tree, b, a), guest);
    snprintf(text, sizeof(text), "%s %s", nvidia_path_name(host), nvidia_path_name(guest));
    return text;
}

START_TEST(levels_of_switches_are_counted)
{
    w.policy.mirror = MIRROR_EXACT;
    plan();
    ck_assert_str_eq(words("47:00.0", "48:00.0"), "PIX PIX");
    ck_assert_str_eq(words("43:00.0", "48:00.0"), "PXB PXB");
    ck_assert_str_eq(words("43:00.0", "50:00.0"), "PHB PHB");
    ck_assert_str_eq(words("43:00.0", "61:00.0"), "SYS SYS");
    ck_assert_str_eq(words("61:00.0", "62:00.1"), "PHB PHB");
    ck_assert_str_eq(words("50:00.0", "50:00.1"), "PIX PIX");
    ck_assert_int_eq(nvidia_guest_node(w.plan, &tree, place("43:00.0")), 0);
    ck_assert_int_eq(nvidia_guest_node(w.plan, &tree, place("61:00.0")), 1);
}
END_TEST

START_TEST(other_mirrors_give_other_words)
{
    static const struct {
        enum mirror mirror;
        const char *nested, *switched;
    } rows[] = {
        {MIRROR_NUMA, "PXB PHB", "PIX PHB"},
        {MIRROR_ROOT, "PXB PHB", "PIX PHB"},
        {MIRROR_SWITCH, "PXB PIX", "PIX PIX"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.policy.mirror = rows[i].mirror;
        plan();
        ck_assert_str_eq(words("43:00.0", "48:00.0"), rows[i].nested);
        ck_assert_str_eq(words("47:00.0", "48:00.0"), rows[i].switched);
        plan_free(w.plan);
        w.plan = NULL;
    }
}
END_TEST

/* Two root complexes of one node; and a card in two levels of bridges, of which one is counted. */
START_TEST(root_complexes_and_bridges)
{
    static const struct row rows[] = {
        {"10:01.0", NULL, PORT_ROOT, 0},           {"11:00.0", "10:01.0", PORT_BRIDGE, 0},
        {"12:00.0", "11:00.0", PORT_NONE, 0, GPU}, {"12:01.0", "11:00.0", PORT_NONE, 0, NIC},
        {"20:01.0", NULL, PORT_ROOT, 0},           {"21:00.0", "20:01.0", PORT_NONE, 0, GPU},
    };

    teardown();
    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "12:00.0", NULL);
    add_hostdev(&w, "12:01.0", NULL);
    add_hostdev(&w, "21:00.0", NULL);
    plan();
    ck_assert_str_eq(words("12:00.0", "12:01.0"), "PIX PHB");
    ck_assert_str_eq(words("12:00.0", "21:00.0"), "NODE NODE");
}
END_TEST

/* What stays on pcie.0 has no node there, unless the guest has one only. */
/* QEMU puts a bridge into an expander of i440fx. */
START_TEST(conventional_expanders_are_a_bridge)
{
    world_become_pc(&w);
    plan();
    ck_assert_str_eq(words("47:00.0", "48:00.0"), "PIX PIX");
    ck_assert_str_eq(words("43:00.0", "48:00.0"), "PXB PIX");
    ck_assert_str_eq(words("43:00.0", "61:00.0"), "SYS SYS");
}
END_TEST

START_TEST(without_a_node_it_is_not_known)
{
    add_wish(&w, "43:00.0")->keep = 1;
    w.domain.devices.items[0].address =
        (struct address){.kind = ADDRESS_PCI, .at = {0, 0, 0x10, 0}, .multifunction = -1};
    plan();
    ck_assert_str_eq(words("43:00.0", "61:00.0"), "SYS ?");
    ck_assert_str_eq(words("43:00.0", "48:00.0"), "PXB ?");
    ck_assert_int_eq(nvidia_guest_node(w.plan, &tree, place("43:00.0")), -1);
}
END_TEST

static void set_gpus(uint16_t vendor, uint16_t device)
{
    for (size_t i = 0; i < w.host.functions.count; i++) {
        struct host_function *f = &w.host.functions.items[i];

        if (f->class_code != GPU)
            continue;
        f->vendor = vendor;
        f->device = device;
    }
}

START_TEST(nvlink_is_claimed_of_switched_modules)
{
    static const struct {
        uint16_t vendor, device;
        enum nvidia_nvlink gpus;
    } rows[] = {
        {0x10de, 0x2330, NVIDIA_SWITCHED_NVLINK}, /* H100 SXM5 */
        {0x10de, 0x2901, NVIDIA_SWITCHED_NVLINK}, /* B200 */
        {0x10de, 0x1db1, NVIDIA_MAYBE_NVLINK},    /* V100 SXM2: wired pair by pair */
        {0x10de, 0x20b8, NVIDIA_MAYBE_NVLINK},    /* A100X, a card */
        {0x1002, 0x738c, NVIDIA_NO_NVLINK},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        set_gpus(rows[i].vendor, rows[i].device);
        plan();
        ck_assert_int_eq(nvidia_nvlink_between(w.plan, place("43:00.0"), place("48:00.0")),
                         rows[i].gpus);
        ck_assert_int_eq(nvidia_nvlink_between(w.plan, place("43:00.0"), place("47:00.0")),
                         NVIDIA_NO_NVLINK);
        plan_free(w.plan);
        w.plan = NULL;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nvidia_path");
    TCase *tcase = tcase_create("nvidia_path");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, levels_of_switches_are_counted);
    tcase_add_test(tcase, other_mirrors_give_other_words);
    tcase_add_test(tcase, root_complexes_and_bridges);
    tcase_add_test(tcase, conventional_expanders_are_a_bridge);
    tcase_add_test(tcase, without_a_node_it_is_not_known);
    tcase_add_test(tcase, nvlink_is_claimed_of_switched_modules);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
