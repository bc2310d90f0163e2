/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_adopt.c - expanders of others that are taken over, and what is said of those that are
 * not */
#include "build.h"

#include "plan/devices/devices.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static const bool nothing_stays[16],
    all_stay[16] = {true, true, true, true, true, true, true, true};

/* An expander of others, index 1, with root ports 2 and 3, and a switch below 3: 4, 5. */
static void add_theirs(void)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0");
    add_controller(&w, 4, CTRL_UPSTREAM, "03:00.0");
    add_controller(&w, 5, CTRL_DOWNSTREAM, "04:00.0");
}

/* @says: the finding, NULL: there is none.  Returns how many controllers are taken over. */
static size_t adopt_but(const bool *stays, const bool *lone, const char *says)
{
    struct findings findings = {0};
    struct reporter reporter = {&findings, NULL};
    size_t n = 0;

    ck_assert_int_eq(adopt_expanders(&w.domain, stays, lone, &reporter), 0);
    ck_assert_uint_eq(findings.count, says ? 1 : 0);
    if (says) {
        ck_assert_int_eq(findings.items[0].id, FINDING_NOT_ADOPTED);
        ck_assert_str_eq(findings.items[0].subject, "controller 1");
        ck_assert_msg(strstr(findings.items[0].text, says), "%s", findings.items[0].text);
    }
    findings_clear(&findings);
    for (size_t i = 0; i < w.domain.controllers.count; i++)
        n += w.domain.controllers.items[i].marked;
    return n;
}

static size_t adopt(const bool *stays, const char *says)
{
    return adopt_but(stays, NULL, says);
}

START_TEST(an_expander_with_assigned_devices_only_is_adopted_whole)
{
    add_theirs();
    add_controller(&w, 6, CTRL_ROOT_PORT, "00:06.0");
    add_hostdev(&w, "41:00.0", "02:00.0");
    add_hostdev(&w, "42:00.0", "05:00.0");
    add_other(&w, "disk", "06:00.0");
    ck_assert_uint_eq(adopt(nothing_stays, NULL), 5);
    for (size_t i = 0; i < w.domain.controllers.count; i++)
        ck_assert(w.domain.controllers.items[i].marked ==
                  (w.domain.controllers.items[i].index % 6 != 0));
}
END_TEST

START_TEST(an_expander_with_anything_else_is_not_adopted)
{
    add_theirs();
    add_hostdev(&w, "41:00.0", "02:00.0");
    add_other(&w, "disk vda", "05:00.0");
    ck_assert_uint_eq(adopt(nothing_stays, "below it: hostdev disk vda is no host device"), 0);
}
END_TEST

START_TEST(an_expander_with_a_device_that_goes_nowhere_is_not_adopted)
{
    static const bool lone[16] = {false, true};

    add_theirs();
    add_hostdev(&w, "41:00.0", "02:00.0");
    add_hostdev(&w, "42:00.0", "05:00.0");
    ck_assert_uint_eq(adopt_but(nothing_stays, lone,
                                "below it: hostdev 42:00.0 shares no switch of the host with "
                                "another one, and so stays"),
                      0);
}
END_TEST

START_TEST(an_expander_with_a_bridge_is_not_adopted)
{
    add_theirs();
    add_controller(&w, 6, CTRL_PCIE_TO_PCI, "05:00.0");
    add_hostdev(&w, "41:00.0", "06:01.0");
    ck_assert_uint_eq(adopt(nothing_stays, "below it: controller 6 is neither a port nor a switch"),
                      0);
}
END_TEST

START_TEST(an_expander_without_host_devices_is_nobodys_business)
{
    add_theirs();
    add_other(&w, "disk vda", "05:00.0");
    ck_assert_uint_eq(adopt(nothing_stays, NULL), 0);
}
END_TEST

START_TEST(an_expander_with_nothing_but_ports_is_adopted)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");
    add_hostdev(&w, "10:00.0", NULL);
    ck_assert_uint_eq(adopt(nothing_stays, NULL), 0); /* without ports it costs nothing */
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    ck_assert_uint_eq(adopt(all_stay, NULL), 0); /* where nothing is placed, nothing changes */
    ck_assert_uint_eq(adopt(nothing_stays, NULL), 2);
}
END_TEST

START_TEST(an_expander_with_a_device_that_is_to_stay_is_not_adopted)
{
    add_theirs();
    add_hostdev(&w, "41:00.0", "02:00.0");
    ck_assert_uint_eq(adopt(all_stay, "below it: the policy keeps hostdev 41:00.0 where it is"), 0);
}
END_TEST

START_TEST(a_loop_of_controllers_is_not_below_anything)
{
    add_theirs();
    add_controller(&w, 6, CTRL_UPSTREAM, "07:00.0");
    add_controller(&w, 7, CTRL_DOWNSTREAM, "06:00.0");
    add_hostdev(&w, "41:00.0", "07:00.0");
    add_hostdev(&w, "42:00.0", "02:00.0");
    ck_assert_uint_eq(adopt(nothing_stays, NULL), 5);
}
END_TEST

/* Slots of i440fx' expanders, and of a bridge below one. */
static void add_conventional(void)
{
    world_become_pc(&w);
    add_controller(&w, 1, CTRL_PCI_EXPANDER, "00:05.0");
    add_controller(&w, 2, CTRL_PCI_BRIDGE, "01:04.0");
    add_hostdev(&w, "41:00.0", "01:02.0");
    add_hostdev(&w, "42:00.0", "02:01.0");
}

START_TEST(a_conventional_expander_is_adopted_with_its_bridges)
{
    bool adoptable[DOMAIN_INDEXES] = {false};

    add_conventional();
    ck_assert_int_eq(adoptable_expanders_find(&w.domain, nothing_stays, adoptable, NULL), 0);
    ck_assert(adoptable[1]);
    ck_assert_uint_eq(adopt(nothing_stays, NULL), 2);
}
END_TEST

START_TEST(a_conventional_expander_with_anything_else_is_not_adopted)
{
    add_conventional();
    add_other(&w, "disk vda", "02:03.0");
    ck_assert_uint_eq(adopt(nothing_stays, "below it: hostdev disk vda is no host device"), 0);
}
END_TEST

START_TEST(a_bridge_below_an_expander_of_q35_is_not_rebuilt)
{
    add_theirs();
    add_controller(&w, 6, CTRL_PCI_BRIDGE, "05:00.0");
    add_hostdev(&w, "41:00.0", "06:01.0");
    ck_assert_uint_eq(adopt(nothing_stays, "controller 6 is neither a port nor a switch"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("adopt");
    TCase *tcase = tcase_create("adopt");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_expander_with_assigned_devices_only_is_adopted_whole);
    tcase_add_test(tcase, an_expander_with_anything_else_is_not_adopted);
    tcase_add_test(tcase, an_expander_with_a_device_that_goes_nowhere_is_not_adopted);
    tcase_add_test(tcase, an_expander_with_a_bridge_is_not_adopted);
    tcase_add_test(tcase, an_expander_without_host_devices_is_nobodys_business);
    tcase_add_test(tcase, an_expander_with_nothing_but_ports_is_adopted);
    tcase_add_test(tcase, an_expander_with_a_device_that_is_to_stay_is_not_adopted);
    tcase_add_test(tcase, a_loop_of_controllers_is_not_below_anything);
    tcase_add_test(tcase, a_conventional_expander_is_adopted_with_its_bridges);
    tcase_add_test(tcase, a_conventional_expander_with_anything_else_is_not_adopted);
    tcase_add_test(tcase, a_bridge_below_an_expander_of_q35_is_not_rebuilt);
    return run_suite(suite);
}
