/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_slot_needs.c - functions that share a slot with nobody, and what that costs */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* A GPU of AMD and one of NVIDIA, each with audio, and a NIC with two ports, below one switch; a
 * GPU of AMD elsewhere. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, .vendor = 0x1002},
        {"43:00.1", "42:00.0", PORT_NONE, 0, AUDIO, .vendor = 0x1002},
        {"43:00.2", "42:00.0", PORT_NONE, 0, 0x0c0330, .vendor = 0x1002},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de},
        {"44:00.1", "42:01.0", PORT_NONE, 0, AUDIO, .vendor = 0x10de},
        {"45:00.0", "42:02.0", PORT_NONE, 0, NIC},
        {"45:00.1", "42:02.0", PORT_NONE, 0, NIC},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_NONE, 0, GPU, .vendor = 0x1002},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_express_port(&w, "40:01.0", 0x80, 0);
    add_express_port(&w, "41:00.0", 0x40, 0);
    add_express_port(&w, "42:00.0", 0x40, 0);
    add_express_port(&w, "42:01.0", 0x40, 0);
    add_express_port(&w, "42:02.0", 0x40, 0);
    add_express_port(&w, "60:01.0", 0x80, 0);
}

static void teardown(void)
{
    world_clear(&w);
}

static void assign(const char *hosts)
{
    char text[128], *at = text, *host;

    strcpy(text, hosts);
    while ((host = strsep(&at, " ")))
        add_hostdev(&w, host, NULL);
}

START_TEST(a_gpu_with_atomics_is_alone_and_the_rest_of_its_card_is_in_the_switch)
{
    assign("43:00.0 43:00.1 43:00.2 44:00.0 44:00.1");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(43:00.0) rp-up(dp(43:00.1) dp(44:00.0))}");
    ck_assert_str_eq(places(&w), "2:00.0 5:00.0* 5:00.2 6:00.0* 6:00.1");
    ck_assert_uint_eq(findings_of(&w, FINDING_ATOMICS_APART), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ATOMICS_APART), "in no guest switch"));
    ck_assert_ptr_null(strstr(finding_of(&w, FINDING_ATOMICS_APART), "could not be seen"));
    ck_assert_ptr_null(finding_of(&w, FINDING_FARTHER));
}
END_TEST

START_TEST(what_costs_nothing_is_not_reported)
{
    assign("61:00.0 44:00.0");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_APART));
}
END_TEST

START_TEST(a_host_without_atomics_loses_nothing)
{
    add_express_port(&w, "40:01.0", 0, 0);
    assign("43:00.0 43:00.1 44:00.0");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(43:00.0) dp(44:00.0))}");
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_APART));
}
END_TEST

START_TEST(what_cannot_be_seen_is_kept)
{
    cut_config(&w, "40:01.0", 64);
    assign("43:00.0 43:00.1");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(43:00.0) rp(43:00.1)}");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ATOMICS_APART), "could not be seen"));
}
END_TEST

START_TEST(the_policy_decides)
{
    w.policy.atomics = ATOMICS_IGNORE;
    assign("43:00.0 44:00.0 45:00.0");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(43:00.0) dp(44:00.0) dp(45:00.0))}");
    add_wish(&w, "44:00.0")->atomics = ATOMICS_KEEP;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(43:00.0) dp(45:00.0)) rp(44:00.0)}");
    w.policy.atomics = ATOMICS_KEEP;
    add_wish(&w, "43:00.0")->atomics = ATOMICS_IGNORE;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(43:00.0) dp(45:00.0)) rp(44:00.0)}");
}
END_TEST

START_TEST(a_mirror_that_was_asked_for_goes_before_atomics_where_there_is_a_switch)
{
    w.policy.mirror_given = true;
    assign("43:00.0 43:00.1 44:00.0 61:00.0");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(43:00.0) dp(44:00.0))} cell0{rp(61:00.0)}");
    ck_assert_uint_eq(findings_of(&w, FINDING_ATOMICS_LOST), 1);
    w.policy.mirror = MIRROR_ROOT;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(43:00.0) rp(43:00.1) rp(44:00.0)} cell0{rp(61:00.0)}");
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_LOST));
}
END_TEST

START_TEST(each_transient_function_is_a_card)
{
    assign("45:00.0 45:00.1");
    w.domain.devices.items[0].teaming_transient = true;
    w.domain.devices.items[1].teaming_transient = true;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp+(45:00.0) rp+(45:00.1)}");
    ck_assert_str_eq(places(&w), "2:00.0 3:00.0");
}
END_TEST

START_TEST(a_transient_function_is_a_card_though_the_policy_wants_no_hot_plug)
{
    assign("44:00.0 45:00.0 45:00.1");
    w.domain.devices.items[2].teaming_transient = true;
    add_wish(&w, "45:00.1")->hotplug = 0;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(44:00.0) dp(45:00.0) dp(45:00.1))}");
    ck_assert_str_eq(places(&w), "4:00.0 5:00.0 6:00.0");
}
END_TEST

START_TEST(what_is_to_be_unplugged_is_a_card)
{
    assign("44:00.0 44:00.1");
    add_wish(&w, "44:00.1")->hotplug = 1;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(44:00.0) rp+(44:00.1)}");
    ck_assert_str_eq(places(&w), "2:00.0 3:00.0");
}
END_TEST

START_TEST(a_slot_of_its_own_does_not_say_multifunction)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    add_hostdev(&w, "43:00.0", "1:00.0")->address.multifunction = 1;
    plan_or_fail(&w);
    rewrite(&w);
    w.domain.devices.items[0].address.multifunction = 1;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    w.domain.devices.items[0].address.multifunction = -1;
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

START_TEST(a_port_that_is_off_stays_off_for_its_card)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:02.1")->hotplug = 0;
    add_hostdev(&w, "44:00.0", "1:00.0");
    add_hostdev(&w, "61:00.0", "2:00.0");
    for (int i = 0; i < 2; i++) {
        plan_or_fail(&w);
        ck_assert(!port_of(&w, "44:00.0")->hotplug_off);
        ck_assert(port_of(&w, "61:00.0")->hotplug_off);
        rewrite(&w);
    }
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    undo(&w);
    ck_assert_uint_eq(w.domain.devices.items[0].address.at.bus, 1);
    ck_assert_uint_eq(w.domain.devices.items[1].address.at.bus, 2);
}
END_TEST

START_TEST(each_card_goes_back_to_a_port_of_its_kind)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0")->hotplug = 0;
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:02.1");
    add_hostdev(&w, "44:00.0", "2:00.0");
    add_hostdev(&w, "61:00.0", "1:00.0");
    plan_or_fail(&w);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    undo(&w);
    ck_assert_uint_eq(w.domain.devices.items[0].address.at.bus, 2);
    ck_assert_uint_eq(w.domain.devices.items[1].address.at.bus, 1);
}
END_TEST

START_TEST(a_switch_below_which_nothing_may_be_ejected_stays)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0")->hotplug = 0;
    add_hostdev(&w, "44:00.0", "1:00.0");
    add_hostdev(&w, "45:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp-up(dp(44:00.0) dp(45:00.0))}");
    ck_assert(w.plan->controllers.items[1].hotplug_off);
}
END_TEST

/* Functions of one slot, and each gets a port of its own. */
START_TEST(all_cards_that_leave_a_port_that_was_off_keep_that)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0")->hotplug = 0;
    add_hostdev(&w, "61:00.0", "1:00.0")->address.multifunction = 1;
    add_hostdev(&w, "44:00.0", "1:00.1");
    plan_or_fail(&w);
    ck_assert(port_of(&w, "61:00.0")->hotplug_off);
    ck_assert(port_of(&w, "44:00.0")->hotplug_off);
    ck_assert_ptr_null(finding_of(&w, FINDING_PORT_ON));
}
END_TEST

START_TEST(hot_plug_that_is_asked_for_goes_before_the_port_that_was_off)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0")->hotplug = 0;
    add_hostdev(&w, "61:00.0", "1:00.0");
    add_wish(&w, "61:00.0")->hotplug = 1;
    plan_or_fail(&w);
    ck_assert(!port_of(&w, "61:00.0")->hotplug_off);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_PORT_ON), "because it must be"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slot_needs");
    TCase *tcase = tcase_create("slot_needs");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_gpu_with_atomics_is_alone_and_the_rest_of_its_card_is_in_the_switch);
    tcase_add_test(tcase, what_costs_nothing_is_not_reported);
    tcase_add_test(tcase, a_host_without_atomics_loses_nothing);
    tcase_add_test(tcase, what_cannot_be_seen_is_kept);
    tcase_add_test(tcase, the_policy_decides);
    tcase_add_test(tcase, a_mirror_that_was_asked_for_goes_before_atomics_where_there_is_a_switch);
    tcase_add_test(tcase, each_transient_function_is_a_card);
    tcase_add_test(tcase, a_transient_function_is_a_card_though_the_policy_wants_no_hot_plug);
    tcase_add_test(tcase, what_is_to_be_unplugged_is_a_card);
    tcase_add_test(tcase, a_slot_of_its_own_does_not_say_multifunction);
    tcase_add_test(tcase, a_port_that_is_off_stays_off_for_its_card);
    tcase_add_test(tcase, each_card_goes_back_to_a_port_of_its_kind);
    tcase_add_test(tcase, a_switch_below_which_nothing_may_be_ejected_stays);
    tcase_add_test(tcase, all_cards_that_leave_a_port_that_was_off_keep_that);
    tcase_add_test(tcase, hot_plug_that_is_asked_for_goes_before_the_port_that_was_off);
    return run_suite(suite);
}
