/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_vacated.c - what becomes of the ports that devices leave */
#include "build.h"

#include "base/error.h"

#include <check.h>
#include <string.h>

static struct world w;

/* Two cards in ports 2 and 3, a disk in port 1: two slots of pcie.0. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},           {"40:02.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU}, {"41:00.1", "40:01.0", PORT_NONE, 0, GPU},
        {"41:00.2", "40:01.0", PORT_NONE, 0, GPU}, {"42:00.0", "40:02.0", PORT_NONE, 0, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:02.1");
    add_controller(&w, 3, CTRL_ROOT_PORT, "0:02.2");
    for (size_t i = 0; i < w.domain.controllers.count; i++)
        w.domain.controllers.items[i].index_given = true;
    add_hostdev(&w, "41:00.0", "2:00.0");
    add_hostdev(&w, "42:00.0", "3:00.0");
    w.policy.vacated = VACATED_DROP;
}

static void teardown(void)
{
    world_clear(&w);
}

static bool is_removed(unsigned index)
{
    for (size_t i = 0; i < w.plan->removed.count; i++) {
        if (w.plan->removed.items[i] == index)
            return true;
    }
    return false;
}

START_TEST(nothing_is_done_unless_asked)
{
    w.policy.vacated = VACATED_KEEP;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count + w.plan->ports_off.count, 0);
    ck_assert_ptr_null(finding_of(&w, FINDING_VACATED));
}
END_TEST

START_TEST(ports_are_switched_off)
{
    w.policy.vacated = VACATED_OFF;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count, 0);
    ck_assert_uint_eq(w.plan->ports_off.count, 2);
    ck_assert_uint_eq(w.plan->ports_off.items[0], 3);
    ck_assert_uint_eq(w.plan->ports_off.items[1], 2);
    ck_assert_ptr_nonnull(strstr(w.plan->controllers.items[0].alias, "-off-2-3-ports"));
}
END_TEST

START_TEST(one_that_is_off_is_not_switched_off)
{
    w.policy.vacated = VACATED_OFF;
    w.domain.controllers.items[w.domain.controllers.count - 1].hotplug = 0;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->ports_off.count, 1);
    ck_assert_uint_eq(w.plan->ports_off.items[0], 2);
}
END_TEST

/* Their indexes go to the expander and a port. */
START_TEST(ports_are_removed)
{
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count, 2);
    ck_assert(is_removed(2) && is_removed(3));
    ck_assert_uint_eq(w.plan->controllers.items[0].index, 2);
    ck_assert_uint_eq(w.plan->controllers.items[1].index, 3);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_VACATED));
}
END_TEST

/* By the name that QEMU has for it. */
START_TEST(one_that_qemu_is_told_of_stays)
{
    struct domain_override *o = vec_add(&w.domain.overrides);

    *o = (struct domain_override){
        .alias = strdup("pci.3"), .name = strdup("x"), .value = strdup("1")};
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count, 0);
}
END_TEST

START_TEST(one_that_a_port_follows_stays)
{
    add_controller(&w, 4, CTRL_ROOT_PORT, "0:02.3");
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count, 0);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_VACATED), "are not removed"));
}
END_TEST

START_TEST(only_those_behind_the_last_other_port_go)
{
    add_controller(&w, 4, CTRL_ROOT_PORT, "0:03.0");
    add_controller(&w, 5, CTRL_ROOT_PORT, "0:03.1");
    w.domain.controllers.items[w.domain.controllers.count - 1].index_given = true;
    w.domain.devices.items[w.domain.devices.count - 1].address.at.bus = 5;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count, 1);
    ck_assert(is_removed(5));
}
END_TEST

START_TEST(function_0_of_a_slot_in_use_stays)
{
    w.domain.controllers.items[w.domain.controllers.count - 1].address.at =
        (struct bdf){0, 0, 4, 0};
    add_device(&w, DEVICE_OTHER, NULL, "0:04.1");
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count, 0);
}
END_TEST

START_TEST(one_with_something_else_stays)
{
    add_device(&w, DEVICE_OTHER, NULL, "3:00.1");
    plan_or_fail(&w);
    ck_assert(!is_removed(3));
}
END_TEST

/* Three ports and two controllers of ours: libvirt would make a port of the third index. */
START_TEST(one_whose_index_nobody_takes_stays)
{
    w.domain.devices.items[w.domain.devices.count - 1].source = (struct bdf){0, 0x41, 0, 1};
    add_controller(&w, 4, CTRL_ROOT_PORT, "0:02.3")->index_given = true;
    add_hostdev(&w, "41:00.2", "4:00.0");
    add_controller(&w, 9, CTRL_ROOT_PORT, "0:01.0");
    for (unsigned i = 5; i < 9; i++)
        add_controller(&w, i, CTRL_ROOT_PORT,
                       (char[]){'0', ':', '0', '1', '.', (char)('0' + i - 4), 0});
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->removed.count, 0);
}
END_TEST

START_TEST(without_addresses_it_is_refused)
{
    add_device(&w, DEVICE_OTHER, NULL, NULL);
    w.domain.devices.items[w.domain.devices.count - 1].maybe_pci = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "define it first"));
    w.policy.vacated = VACATED_KEEP;
    plan_or_fail(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vacated");
    TCase *tcase = tcase_create("vacated");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nothing_is_done_unless_asked);
    tcase_add_test(tcase, ports_are_switched_off);
    tcase_add_test(tcase, one_that_is_off_is_not_switched_off);
    tcase_add_test(tcase, ports_are_removed);
    tcase_add_test(tcase, one_that_qemu_is_told_of_stays);
    tcase_add_test(tcase, one_that_a_port_follows_stays);
    tcase_add_test(tcase, only_those_behind_the_last_other_port_go);
    tcase_add_test(tcase, function_0_of_a_slot_in_use_stays);
    tcase_add_test(tcase, one_with_something_else_stays);
    tcase_add_test(tcase, one_whose_index_nobody_takes_stays);
    tcase_add_test(tcase, without_addresses_it_is_refused);
    return run_suite(suite);
}
