/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_links.c - what guest ports say of their links */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

/* A card at a root port, and a switch with two cards and, one level down, two more. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"50:01.0", NULL, PORT_ROOT, 0},
        {"51:00.0", "50:01.0", PORT_UPSTREAM, 0},
        {"52:00.0", "51:00.0", PORT_DOWNSTREAM, 0},
        {"53:00.0", "52:00.0", PORT_NONE, 0, GPU},
        {"52:01.0", "51:00.0", PORT_DOWNSTREAM, 0},
        {"54:00.0", "52:01.0", PORT_UPSTREAM, 0},
        {"55:00.0", "54:00.0", PORT_DOWNSTREAM, 0},
        {"56:00.0", "55:00.0", PORT_NONE, 0, NIC},
        {"55:01.0", "54:00.0", PORT_DOWNSTREAM, 0},
        {"57:00.0", "55:01.0", PORT_NONE, 0, NIC},
        {"57:00.2", "55:01.0", PORT_NONE, 0, NIC, "57:00.0"},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].link_max = (struct host_link){320, 16};
    free(w.domain.machine);
    w.domain.machine = strdup("pc-q35-10.0");
    w.policy.links = LINKS_HOST;
    w.policy.mirror = MIRROR_EXACT;
}

static void teardown(void)
{
    world_clear(&w);
}

static void assign_all(void)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "53:00.0", NULL);
    add_hostdev(&w, "56:00.0", NULL);
    add_hostdev(&w, "57:00.0", NULL);
}

static void set_link(const char *host, unsigned speed, unsigned width)
{
    function_of(&w, host)->link_max = (struct host_link){speed, width};
}

/* "rp 320x16 up 320x16 ...": every port and switch, in the order of the plan. */
static const char *links(void)
{
    plan_or_fail(&w);
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        if (c->model == CTRL_EXPANDER)
            continue;
        mem_append(&w.text, "%s%s %ux%u", *w.text ? " " : "",
                   c->model == CTRL_ROOT_PORT  ? "rp"
                   : c->model == CTRL_UPSTREAM ? "up"
                                               : "dp",
                   c->link.speed, c->link.width);
    }
    return w.text;
}

/* The overrides of the port that a card hangs on: "driver=cxl-downstream x-speed=32 x-width=16". */
static const char *overrides(const char *alias)
{
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < w.plan->overrides.count; i++) {
        const struct plan_override *o = &w.plan->overrides.items[i];

        if (!strcmp(o->alias, alias))
            mem_append(&w.text, "%s%s=%s", *w.text ? " " : "", o->name, o->value);
    }
    return w.text;
}

START_TEST(each_port_says_its_own_link)
{
    assign_all();
    set_link("41:00.0", 160, 16);
    set_link("51:00.0", 320, 8);
    set_link("52:01.0", 160, 8);
    set_link("57:00.0", 80, 4);
    ck_assert_str_eq(links(),
                     "rp 160x16 rp 320x8 up 320x8 dp 320x16 dp 160x8 up 160x8 dp 320x16 dp 80x4");
}
END_TEST

START_TEST(what_is_written)
{
    assign_all();
    set_link("57:00.0", 25, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(overrides("ua-vtopo-rp-0000-41-00-0"), "x-speed=32 x-width=16");
    ck_assert_str_eq(overrides("ua-vtopo-up-0000-51-00-0"),
                     "driver=cxl-upstream x-speed=32 x-width=16");
    ck_assert_str_eq(overrides("ua-vtopo-dp-0000-57-00-0"),
                     "driver=cxl-downstream x-speed=2_5 x-width=1");
}
END_TEST

/* One guest switch for the tree: a link that stands for several is the narrowest. */
START_TEST(flattened_switches_say_the_narrowest)
{
    w.policy.mirror = MIRROR_SWITCH;
    assign_all();
    set_link("54:00.0", 160, 8);
    ck_assert_str_eq(links(), "rp 320x16 rp 320x16 up 320x16 dp 320x16 dp 160x8 dp 160x8");
}
END_TEST

START_TEST(a_card_alone_says_the_narrowest_up_to_the_root)
{
    add_hostdev(&w, "56:00.0", NULL);
    set_link("50:01.0", 80, 16);
    ck_assert_str_eq(links(), "rp 80x16");
    set_link("54:00.0", 320, 2);
    ck_assert_str_eq(links(), "rp 320x2");
}
END_TEST

START_TEST(a_virtual_function_has_the_link_of_its_physical_one)
{
    add_hostdev(&w, "57:00.2", NULL);
    set_link("57:00.2", 0, 0);
    set_link("57:00.0", 160, 8);
    ck_assert_str_eq(links(), "rp 160x8");
}
END_TEST

START_TEST(one_end_is_enough_and_none_is_told)
{
    add_hostdev(&w, "41:00.0", NULL);
    set_link("41:00.0", 0, 0);
    ck_assert_str_eq(links(), "rp 320x16");
    ck_assert_ptr_null(finding_of(&w, FINDING_LINKS_UNKNOWN));
    set_link("40:01.0", 0, 16);
    ck_assert_str_eq(links(), "rp 0x0");
    ck_assert_uint_eq(w.plan->overrides.count, 0);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_LINKS_UNKNOWN), "0000:41:00.0"));
}
END_TEST

START_TEST(a_width_that_qemu_does_not_have_is_unknown)
{
    add_hostdev(&w, "41:00.0", NULL);
    set_link("41:00.0", 320, 7);
    ck_assert_str_eq(links(), "rp 0x0");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_LINKS_UNKNOWN));
}
END_TEST

START_TEST(spare_ports_stand_for_nothing)
{
    w.policy.spare_ports = 1;
    add_hostdev(&w, "41:00.0", NULL);
    ck_assert_str_eq(links(), "rp 320x16 rp 0x0");
    ck_assert_ptr_null(finding_of(&w, FINDING_LINKS_UNKNOWN));
}
END_TEST

START_TEST(nothing_is_written_unasked)
{
    w.policy.links = LINKS_STOCK;
    assign_all();
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->overrides.count, 0);
}
END_TEST

static const struct {
    const char *machine;
    unsigned qemu, libvirt;
    bool written;
} versions[] = {
    {"pc-q35-10.0", 0, 0, true},        {"pc-q35-11.1", 0, 0, true},
    {"pc-q35-9.2", 0, 0, false},        {"q35", 0, 0, false},
    {"pc-q35-rhel9.6.0", 0, 0, false},  {"pc-q35-noble", 0, 0, false},
    {"pc-q35-", 0, 0, false},           {"q35", 10000000, 0, true},
    {"pc-q35-9.2", 10002000, 0, true},  {"q35", 9002000, 0, false},
    {"pc-q35-10.0", 0, 8004000, false}, {"pc-q35-10.0", 0, 8005000, true},
};

START_TEST(qemu_has_to_be_known)
{
    add_hostdev(&w, "41:00.0", NULL);
    free(w.domain.machine);
    w.domain.machine = strdup(versions[_i].machine);
    w.policy.qemu_version = versions[_i].qemu;
    w.policy.libvirt_version = versions[_i].libvirt;
    ck_assert_str_eq(links(), versions[_i].written ? "rp 320x16" : "rp 0x0");
    ck_assert_uint_eq(findings_of(&w, FINDING_LINKS_UNPROVEN), !versions[_i].written);
}
END_TEST

/* Root port, downstream port; a PCIe-to-PCI bridge; the root bus. */
START_TEST(links_are_seen_below_pcie_ports_only)
{
    static const bool seen[] = {true, true, false, false};

    assign_all();
    add_wish(&w, "56:00.0")->attach_pci = 1;
    w.domain.devices.items[3].address = (struct address){ADDRESS_PCI, {0, 0, 9, 0}, -1};
    add_wish(&w, "57:00.0")->keep = 1;
    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->devices.count; i++)
        ck_assert_int_eq(w.plan->devices.items[i].shows_link, seen[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("links");
    TCase *tcase = tcase_create("links");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, each_port_says_its_own_link);
    tcase_add_test(tcase, what_is_written);
    tcase_add_test(tcase, flattened_switches_say_the_narrowest);
    tcase_add_test(tcase, a_card_alone_says_the_narrowest_up_to_the_root);
    tcase_add_test(tcase, a_virtual_function_has_the_link_of_its_physical_one);
    tcase_add_test(tcase, one_end_is_enough_and_none_is_told);
    tcase_add_test(tcase, a_width_that_qemu_does_not_have_is_unknown);
    tcase_add_test(tcase, spare_ports_stand_for_nothing);
    tcase_add_test(tcase, nothing_is_written_unasked);
    tcase_add_test(tcase, links_are_seen_below_pcie_ports_only);
    tcase_add_loop_test(tcase, qemu_has_to_be_known, 0, sizeof(versions) / sizeof(*versions));
    return run_suite(suite);
}
