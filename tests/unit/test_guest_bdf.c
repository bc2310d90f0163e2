/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_guest_bdf.c - the addresses that the guest will see */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

/* Two GPUs and a NIC with two ports below one switch, node 0; a GPU on node 1. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU},
        {"45:00.0", "42:02.0", PORT_NONE, 0, NIC},
        {"45:00.1", "42:02.0", PORT_NONE, 0, NIC},
        {"80:01.0", NULL, PORT_ROOT, 1},
        {"81:00.0", "80:01.0", PORT_NONE, 1, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static void expect_after(const char *host, const char *guest)
{
    const struct plan_device *d = device_of(&w, host);

    ck_assert_msg(d->after_known, "%s is not known", host);
    ck_assert_str_eq(BDF_TEXT(&d->guest_after), guest);
}

static void expect_before(const char *host, const char *guest)
{
    const struct plan_device *d = device_of(&w, host);

    ck_assert_int_eq(d->before_known, guest != NULL);
    if (guest)
        ck_assert_str_eq(BDF_TEXT(&d->guest_before), guest);
}

START_TEST(buses_are_numbered_depth_first_from_the_expander)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "45:00.1", NULL);
    add_hostdev(&w, "81:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 0xe0);
    expect_after("43:00.0", "0000:e3:00.0"); /* e1 is the upstream port, e2 its bus */
    expect_after("44:00.0", "0000:e4:00.0");
    expect_after("45:00.1", "0000:e5:00.0");
    expect_after("81:00.0", "0000:f1:00.0");
    ck_assert_str_eq(BDF_TEXT(&expander(&w, 0)->guest), "0000:00:1c.0");
    ck_assert_str_eq(BDF_TEXT(&port_of(&w, "44:00.0")->guest), "0000:e2:01.0");
}
END_TEST

START_TEST(functions_keep_their_number)
{
    add_hostdev(&w, "45:00.0", NULL);
    add_hostdev(&w, "45:00.1", NULL);
    plan_or_fail(&w);
    expect_after("45:00.1", "0000:f1:00.1");
}
END_TEST

/* Ports of pcie.0 in the order of slots and functions, not of indexes; what is below one before the
 * next. */
START_TEST(before_the_rewrite_pcie0_is_numbered_from_1)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:03.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1");
    add_controller(&w, 3, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 4, CTRL_UPSTREAM, "03:00.0");
    add_controller(&w, 5, CTRL_DOWNSTREAM, "04:00.0");
    add_hostdev(&w, "43:00.0", "01:00.0");
    add_hostdev(&w, "44:00.0", "02:00.0");
    add_hostdev(&w, "45:00.0", "05:00.0");
    add_hostdev(&w, "81:00.0", "00:04.0");
    plan_or_fail(&w);
    expect_before("45:00.0", "0000:03:00.0");
    expect_before("44:00.0", "0000:04:00.0");
    expect_before("43:00.0", "0000:05:00.0");
    expect_before("81:00.0", "0000:00:04.0");
}
END_TEST

START_TEST(what_libvirt_will_choose_is_not_known)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:03.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, NULL);
    add_hostdev(&w, "43:00.0", "01:00.0");
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "81:00.0", "00:04.0");
    plan_or_fail(&w);
    expect_before("43:00.0", NULL);
    expect_before("44:00.0", NULL);
    expect_before("81:00.0", "0000:00:04.0");
    expect_after("43:00.0", "0000:e3:00.0"); /* below our expander it is */
}
END_TEST

START_TEST(a_missing_index_makes_buses_of_pcie0_unknown)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:03.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "00:03.1");
    add_hostdev(&w, "43:00.0", "01:00.0");
    plan_or_fail(&w);
    expect_before("43:00.0", NULL);
}
END_TEST

START_TEST(below_an_expander_of_others)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 0x80;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:01.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:00.0");
    add_hostdev(&w, "43:00.0", "02:00.0");
    plan_or_fail(&w);
    expect_before("43:00.0", "0000:82:00.0");
    expect_after("43:00.0", "0000:82:00.0");
}
END_TEST

START_TEST(others_keep_their_guest_address)
{
    for (unsigned i = 1; i <= 9; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:02.%u", i % 8);
        if (i > 7)
            snprintf(place, sizeof(place), "00:03.%u", i % 8);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
        snprintf(place, sizeof(place), "%02x:00.0", i);
        if (i == 3)
            add_hostdev(&w, "43:00.0", place);
        else
            add_other(&w, "disk", place);
    }
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_GUEST_BDF_CHANGES));
}
END_TEST

START_TEST(others_whose_guest_address_changes_get_a_finding)
{
    add_controller(&w, 1, CTRL_ROOT_PORT,
                   "00:1e.0"); /* behind it, what is filled in is too early */
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:1c.0");
    add_other(&w, "disk vda", "01:00.0");
    add_hostdev(&w, "43:00.0", NULL);
    w.policy.without_numa = WITHOUT_NUMA_GROUP;
    for (size_t i = 0; i < w.domain.cells.count; i++)
        idset_free(&w.domain.cells.items[i].vcpus);
    w.domain.cells.count = 0;
    add_hostdev(&w, "44:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "pcie.0{rp-up(dp(43:00.0) dp(44:00.0))}");
    ck_assert_str_eq(
        finding_of(&w, FINDING_GUEST_BDF_CHANGES),
        "is not moved, but its guest address changes from 0000:02:00.0 to 0000:06:00.0");
}
END_TEST

START_TEST(a_loop_of_controllers_ends)
{
    add_controller(&w, 1, CTRL_UPSTREAM, "02:00.0");
    add_controller(&w, 2, CTRL_DOWNSTREAM, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "03:00.0");
    add_other(&w, "disk", "02:01.0");
    add_hostdev(&w, "43:00.0", "03:00.0");
    add_hostdev(&w, "44:00.0", NULL);
    plan_or_fail(&w);
    expect_before("43:00.0", NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest_bdf");
    TCase *tcase = tcase_create("guest_bdf");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, buses_are_numbered_depth_first_from_the_expander);
    tcase_add_test(tcase, functions_keep_their_number);
    tcase_add_test(tcase, before_the_rewrite_pcie0_is_numbered_from_1);
    tcase_add_test(tcase, what_libvirt_will_choose_is_not_known);
    tcase_add_test(tcase, a_missing_index_makes_buses_of_pcie0_unknown);
    tcase_add_test(tcase, below_an_expander_of_others);
    tcase_add_test(tcase, others_keep_their_guest_address);
    tcase_add_test(tcase, others_whose_guest_address_changes_get_a_finding);
    tcase_add_test(tcase, a_loop_of_controllers_ends);
    return run_suite(suite);
}
