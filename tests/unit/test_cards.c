/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cards.c - which functions share a guest slot, and their numbers there */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* A GPU with four functions, a NIC with two ports and three VFs, one of them numbered between the
 * ports. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO},
        {"41:00.2", "40:01.0", PORT_NONE, 0, 0x0c0330},
        {"41:00.3", "40:01.0", PORT_NONE, 0, 0x0c8000},
        {"42:00.0", "40:02.0", PORT_NONE, 0, NIC},
        {"42:00.1", "40:02.0", PORT_NONE, 0, NIC, "42:00.0"},
        {"42:00.2", "40:02.0", PORT_NONE, 0, NIC},
        {"42:00.3", "40:02.0", PORT_NONE, 0, NIC, "42:00.0"},
        {"42:01.0", "40:02.0", PORT_NONE, 0, NIC, "42:00.2"},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(a_card_is_one_slot_and_keeps_its_function_numbers)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "41:00.1", NULL);
    add_hostdev(&w, "41:00.3", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "2:00.0* 2:00.1 2:00.3");
    ck_assert_uint_eq(w.plan->cards.count, 1);
    ck_assert_ptr_null(finding_of(&w, FINDING_FUNCTION_RENUMBERED));
}
END_TEST

START_TEST(the_lowest_assigned_function_becomes_function_0)
{
    add_hostdev(&w, "41:00.3", NULL);
    add_hostdev(&w, "41:00.2", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "2:00.3 2:00.0*");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_FUNCTION_RENUMBERED));
}
END_TEST

START_TEST(a_second_port_alone_becomes_function_0_of_a_plain_slot)
{
    add_hostdev(&w, "42:00.2", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "2:00.0");
    ck_assert_uint_eq(findings_of(&w, FINDING_FUNCTION_RENUMBERED), 1);
}
END_TEST

START_TEST(a_vf_has_a_port_of_its_own)
{
    add_hostdev(&w, "42:00.1", NULL);
    add_device(&w, DEVICE_INTERFACE_HOSTDEV, "42:00.3", NULL);
    add_hostdev(&w, "42:01.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "2:00.0 3:00.0 4:00.0");
    ck_assert_ptr_null(
        finding_of(&w, FINDING_FUNCTION_RENUMBERED)); /* it never was one of several */
}
END_TEST

START_TEST(a_vf_between_does_not_split_the_card)
{
    add_hostdev(&w, "42:00.0", NULL);
    add_hostdev(&w, "42:00.1", NULL);
    add_hostdev(&w, "42:00.2", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "2:00.0* 3:00.0 2:00.2");
}
END_TEST

START_TEST(an_mdev_on_a_function_does_not_split_the_card)
{
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c01", "41:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "41:00.1", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "3:00.0 2:00.0* 2:00.1");
}
END_TEST

START_TEST(mdevs_of_one_function_are_a_card_each_in_the_order_of_their_uuids)
{
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c01", "41:00.0");
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c02", "41:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c02", NULL);
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "3:00.0 2:00.0");
    ck_assert_str_ne(w.plan->controllers.items[1].alias, w.plan->controllers.items[2].alias);
}
END_TEST

START_TEST(nvme_disks_of_one_controller_are_a_card_each_in_the_order_of_their_namespaces)
{
    w.policy.nvme_disks = NVME_DISKS_MOVE;
    add_device(&w, DEVICE_DISK_NVME, "41:00.0", NULL)->nvme_namespace = 2;
    add_device(&w, DEVICE_DISK_NVME, "41:00.0", NULL)->nvme_namespace = 1;
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "3:00.0 2:00.0");
}
END_TEST

START_TEST(cards_ascend_whatever_the_order_in_the_domain)
{
    static const char *const hosts[] = {"42:01.0", "41:00.2", "42:00.3", "41:00.0", "42:00.0"};

    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
        add_hostdev(&w, hosts[i], NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0) rp(42:00.0) rp(42:00.3) rp(42:01.0)}");
    ck_assert_str_eq(places(&w), "5:00.0 2:00.2 4:00.0 2:00.0* 3:00.0");
}
END_TEST

START_TEST(a_function_that_must_be_hot_pluggable_is_a_card)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "41:00.1", NULL)->teaming_transient = true;
    plan_or_fail(&w);
    ck_assert(!w.plan->cards.items[0].hotplug);
    ck_assert(w.plan->cards.items[1].hotplug);
    ck_assert(port_of(&w, "41:00.1")->hotplug_on);
    ck_assert_str_eq(places(&w), "2:00.0 3:00.0");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cards");
    TCase *tcase = tcase_create("cards");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_card_is_one_slot_and_keeps_its_function_numbers);
    tcase_add_test(tcase, the_lowest_assigned_function_becomes_function_0);
    tcase_add_test(tcase, a_second_port_alone_becomes_function_0_of_a_plain_slot);
    tcase_add_test(tcase, a_vf_has_a_port_of_its_own);
    tcase_add_test(tcase, a_vf_between_does_not_split_the_card);
    tcase_add_test(tcase, an_mdev_on_a_function_does_not_split_the_card);
    tcase_add_test(tcase, mdevs_of_one_function_are_a_card_each_in_the_order_of_their_uuids);
    tcase_add_test(tcase,
                   nvme_disks_of_one_controller_are_a_card_each_in_the_order_of_their_namespaces);
    tcase_add_test(tcase, cards_ascend_whatever_the_order_in_the_domain);
    tcase_add_test(tcase, a_function_that_must_be_hot_pluggable_is_a_card);
    return run_suite(suite);
}
