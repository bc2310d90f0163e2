/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_attach_pci.c - functions behind PCIe-to-PCI bridges: which, where, how many, and how they
 * come out again */
#include "build.h"

#include "base/error.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

/* Two cards of three functions below one switch, one below a root port, a NIC of another root
 * complex. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, .io = 128},
        {"43:00.1", "42:00.0", PORT_NONE, 0, AUDIO, .vendor = 0x10de, .device = 0x10f7},
        {"43:00.2", "42:00.0", PORT_NONE, 0, 0x0c0330},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU},
        {"44:00.1", "42:01.0", PORT_NONE, 0, AUDIO, .vendor = 0x10de, .device = 0x10f7},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"46:00.0", "40:02.0", PORT_NONE, 0, GPU},
        {"46:00.1", "40:02.0", PORT_NONE, 0, AUDIO, .vendor = 0x10de, .device = 0x10f7},
        {"80:01.0", NULL, PORT_ROOT, 0},
        {"81:00.0", "80:01.0", PORT_NONE, 0, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

/* All cards of the first root complex, in flat ports. */
static void add_cards(void)
{
    static const char *const bdfs[] = {"43:00.0", "43:00.1", "43:00.2", "44:00.0",
                                       "44:00.1", "46:00.0", "46:00.1"};

    for (unsigned i = 0; i < 7; i++) {
        char place[16], port[16];

        snprintf(port, sizeof(port), "0:%02x.0", i + 2);
        snprintf(place, sizeof(place), "%x:00.0", i + 1);
        add_controller(&w, i + 1, CTRL_ROOT_PORT, port);
        add_hostdev(&w, bdfs[i], place);
    }
}

static void attach_audio(void)
{
    struct policy_device *wish = add_wish(&w, "43:00.1");

    wish->by_bdf = false;
    wish->vendor = 0x10de;
    wish->device = 0x10f7;
    wish->attach_pci = 1;
}

static void add_cdi_attach(const char *bdf, int attach_pci)
{
    struct policy_cdi *cdi = vec_add(&w.policy.cdi);

    ck_assert_ptr_nonnull(cdi);
    *cdi = (struct policy_cdi){bdf_of(bdf), -1, attach_pci, strdup("a.yaml"), 7};
}

START_TEST(cards_of_one_expander_share_a_bridge)
{
    add_cards();
    attach_audio();
    plan_or_fail(&w);
    ck_assert_str_eq(
        layout(&w),
        "cell0{rp-up(dp(43:00.0) dp-pci(1:43:00.1 2:44:00.1 3:46:00.1) dp(44:00.0)) rp(46:00.0)}");
    ck_assert_uint_eq(device_of(&w, "46:00.1")->after.at.slot, 3);
    ck_assert_int_eq(device_of(&w, "46:00.1")->after.multifunction, -1);
    /* 43:00.2 stays with its card. */
    ck_assert_uint_eq(device_of(&w, "43:00.2")->after.at.bus,
                      device_of(&w, "43:00.0")->after.at.bus);
    ck_assert_uint_eq(device_of(&w, "43:00.2")->after.at.function, 2);
    ck_assert_ptr_null(finding_of(&w, FINDING_FARTHER));
    ck_assert_ptr_null(finding_of(&w, FINDING_FUNCTION_RENUMBERED));
    ck_assert_ptr_null(finding_of(&w, FINDING_ORDER));
}
END_TEST

/* The bridge's port is what the guest could eject. */
START_TEST(a_bridge_is_as_little_to_be_ejected_as_what_is_behind_it)
{
    const struct plan_device *audio;
    size_t bridge;

    add_cards();
    w.domain.controllers.items[7].hotplug = 0; /* of 46:00.1 */
    add_wish(&w, "46:00.1")->attach_pci = 1;
    plan_or_fail(&w);
    audio = device_of(&w, "46:00.1");
    bridge = w.plan->cards.items[audio->card].port;
    ck_assert_str_eq(w.plan->controllers.items[bridge].alias, "ua-vtopo-pci-0000-46-00-1-off");
    ck_assert(w.plan->controllers.items[w.plan->controllers.items[bridge].parent].hotplug_off);
    ck_assert(!port_of(&w, "46:00.0")->hotplug_off);
    ck_assert_ptr_null(finding_of(&w, FINDING_PORT_ON));
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    undo(&w);
    ck_assert_uint_eq(w.domain.devices.items[6].address.at.bus, 7);
}
END_TEST

START_TEST(a_bridge_takes_a_port_and_two_bus_numbers)
{
    unsigned before;

    add_cards();
    plan_or_fail(&w);
    before = expander(&w, 0)->buses;
    attach_audio();
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->buses, before + 2);
}
END_TEST

START_TEST(a_function_of_a_bridge_is_no_reason_for_a_switch)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "43:00.1", NULL);
    w.domain.devices.items[0].address = w.domain.devices.items[1].address =
        (struct address){.kind = ADDRESS_NONE, .multifunction = -1};
    attach_audio();
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(43:00.0) rp-pci(1:43:00.1)}");
}
END_TEST

START_TEST(one_expander_has_a_bridge_of_its_own)
{
    add_cards();
    add_hostdev(&w, "81:00.0", NULL);
    attach_audio();
    add_wish(&w, "81:00.0")->attach_pci = 1;
    w.policy.mirror = MIRROR_ROOT;
    plan_or_fail(&w);
    ck_assert_str_eq(
        layout(&w),
        "cell0{rp(43:00.0) rp-pci(1:43:00.1 2:44:00.1 3:46:00.1) rp(44:00.0) rp(46:00.0)} "
        "cell0{rp-pci(1:81:00.0)}");
}
END_TEST

START_TEST(the_policy_goes_before_cdi)
{
    add_cards();
    add_cdi_attach("43:00.1", 1);
    add_cdi_attach("44:00.1", 1);
    add_cdi_attach("46:00.1", 0);
    add_wish(&w, "44:00.1")->attach_pci = 0;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w),
                     "cell0{rp-up(dp(43:00.0) dp-pci(1:43:00.1) dp(44:00.0)) rp(46:00.0)}");
}
END_TEST

START_TEST(specs_that_contradict_each_other)
{
    add_cards();
    add_cdi_attach("43:00.1", 1);
    add_cdi_attach("43:00.1", 0);
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_FILE);
    ck_assert_str_eq(
        vtopo_error_message(w.error),
        "a.yaml:7 says attach-pci \"true\" of 0000:43:00.1, and a.yaml:7 says \"false\"");
}
END_TEST

START_TEST(function_0_may_be_the_one)
{
    add_cards();
    add_wish(&w, "43:00.0")->attach_pci = 1;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w),
                     "cell0{rp-up(dp-pci(1:43:00.0) dp(43:00.1) dp(44:00.0)) rp(46:00.0)}");
    ck_assert_uint_eq(device_of(&w, "43:00.1")->after.at.function, 0);
}
END_TEST

START_TEST(a_domain_without_addresses_is_refused)
{
    add_hostdev(&w, "43:00.1", NULL);
    add_other(&w, "sound", NULL)->maybe_pci = true;
    attach_audio();
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
}
END_TEST

START_TEST(a_second_rewrite_changes_nothing)
{
    add_cards();
    attach_audio();
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    undo(&w);
    for (size_t i = 0; i < w.domain.controllers.count; i++)
        ck_assert(!w.domain.controllers.items[i].marked);
    for (size_t i = 0; i < w.domain.devices.count; i++)
        ck_assert_uint_eq(w.domain.devices.items[i].address.at.slot, 0);
}
END_TEST

/* libvirt puts a conventional device behind the first bridge that it finds. */
START_TEST(what_others_put_behind_a_bridge_stays)
{
    struct bdf place;
    bool there = false;

    add_cards();
    attach_audio();
    plan_or_fail(&w);
    place = device_of(&w, "46:00.1")->after.at;
    rewrite(&w);
    add_other(&w, "sound", NULL)->address = (struct address){ADDRESS_PCI, {0, place.bus, 9, 0}, -1};
    undo(&w);
    for (size_t i = 0; i < w.domain.controllers.count; i++)
        there = there || w.domain.controllers.items[i].index == place.bus;
    ck_assert(there);
}
END_TEST

/* 31 slots: slot 0 is the bridge's own. */
START_TEST(a_bridge_that_is_full)
{
    struct row rows[1 + 40];
    static char names[41][16];

    teardown();
    world_init(&w);
    add_bound_cells(&w, 1);
    rows[0] = (struct row){"40:01.0", NULL, PORT_ROOT, 0};
    for (unsigned i = 1; i <= 40; i++) {
        snprintf(names[i], sizeof(names[i]), "%x:00.0", 0x40 + i);
        rows[i] = (struct row){names[i], "40:01.0", PORT_NONE, 0, NIC};
    }
    ADD_FUNCTIONS(&w, rows);
    for (unsigned i = 1; i <= 40; i++) {
        add_hostdev(&w, names[i], NULL);
        add_wish(&w, names[i])->attach_pci = 1;
    }
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->controllers.count, 1 + 2 * 2);
    ck_assert_uint_eq(device_of(&w, names[31])->after.at.slot, 31);
    ck_assert_uint_eq(device_of(&w, names[32])->after.at.slot, 1);
}
END_TEST

/* OVMF and SeaBIOS keep an I/O window for a bridge: with those of the cards there is room for so
 * many. */
START_TEST(bridges_need_io_windows)
{
    add_cards();
    attach_audio();
    for (unsigned i = 0; i < 12; i++) {
        char port[16], place[16];

        snprintf(port, sizeof(port), "0:%02x.0", i + 10);
        snprintf(place, sizeof(place), "%x:00.0", i + 8);
        add_controller(&w, i + 8, CTRL_ROOT_PORT, port);
        add_other(&w, "nic", place)->io_bar = true;
    }
    plan_or_fail(&w); /* 12, a GPU with an I/O BAR, and the bridge: 14 */
    add_controller(&w, 20, CTRL_ROOT_PORT, "0:16.0");
    add_other(&w, "nic", "14:00.0")->io_bar = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_nonnull(
        strstr(vtopo_error_message(w.error), "I/O windows: 15 needed, 14 available"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("attach_pci");
    TCase *tcase = tcase_create("attach_pci");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, cards_of_one_expander_share_a_bridge);
    tcase_add_test(tcase, a_bridge_is_as_little_to_be_ejected_as_what_is_behind_it);
    tcase_add_test(tcase, a_bridge_takes_a_port_and_two_bus_numbers);
    tcase_add_test(tcase, a_function_of_a_bridge_is_no_reason_for_a_switch);
    tcase_add_test(tcase, one_expander_has_a_bridge_of_its_own);
    tcase_add_test(tcase, the_policy_goes_before_cdi);
    tcase_add_test(tcase, specs_that_contradict_each_other);
    tcase_add_test(tcase, function_0_may_be_the_one);
    tcase_add_test(tcase, a_domain_without_addresses_is_refused);
    tcase_add_test(tcase, a_second_rewrite_changes_nothing);
    tcase_add_test(tcase, what_others_put_behind_a_bridge_stays);
    tcase_add_test(tcase, a_bridge_that_is_full);
    tcase_add_test(tcase, bridges_need_io_windows);
    return run_suite(suite);
}
