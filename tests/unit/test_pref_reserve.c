/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pref_reserve.c - ports that ask firmware for the 64-bit memory that Linux wants */
#include "bars_world.h"

#include <stdlib.h>

/* Each card has a BAR of 64 GiB and one of 1 MiB. */
static void setup(void)
{
    setup_host(64 * GIB, 0, 0);
    w.domain.machine_kind = MACHINE_VIRT;
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.acpi = ACPI_ON;
    w.domain.phys_bits = 48;
    w.policy.ovmf_version = 2025002000;
}

static void assign_whole(unsigned cards)
{
    assign(cards, NULL);
    for (unsigned i = 0; i < cards; i++) {
        char host[32];

        snprintf(host, sizeof(host), "%02x:00.1", 0x41 + i);
        add_hostdev(&w, host, NULL);
    }
}

static unsigned asked(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < w.plan->overrides.count; i++) {
        const struct plan_override *o = &w.plan->overrides.items[i];

        if (strcmp(o->name, "pref64-reserve") != 0)
            continue;
        ck_assert_str_eq(o->value, "137438953472");
        ck_assert_str_eq(o->type, "unsigned");
        count++;
    }
    return count;
}

static const char *lacking(void)
{
    return finding_of(&w, FINDING_PREF_RESERVE_LACKING);
}

START_TEST(a_port_asks_for_what_linux_wants)
{
    assign_whole(1);
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 1);
    ck_assert_ptr_null(lacking());
    for (size_t i = 0; i < w.plan->budgets.count; i++) {
        if (!strcmp(w.plan->budgets.items[i].name, "64-bit MMIO"))
            ck_assert_uint_eq(w.plan->budgets.items[i].used, 128 * GIB);
    }
}
END_TEST

START_TEST(one_bar_needs_nothing_more)
{
    assign(1, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_null(lacking());
}
END_TEST

START_TEST(other_machines_keep_what_firmware_gives)
{
    assign_whole(1);
    w.domain.machine_kind = MACHINE_Q35;
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_null(lacking());
}
END_TEST

/* A BAR of 32 GiB has its place between the others as long as these ask for nothing. */
START_TEST(all_ask_or_none)
{
    assign_whole(4);
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 4);
    add_hostdev(&w, "45:00.0", NULL);
    for (size_t i = 0; i < w.host.functions.count; i++) {
        if (w.host.functions.items[i].bdf.bus == 0x45)
            w.host.functions.items[i].bars[0].size = 32 * GIB;
    }
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_nonnull(strstr(lacking(), "window"));
    ck_assert_ptr_nonnull(
        strstr(lacking(), "to 0000:41:00.0, 0000:42:00.0, 0000:43:00.0, 0000:44:00.0:"));
    ck_assert_ptr_null(finding_of(&w, FINDING_BUDGET_UNSURE));
}
END_TEST

START_TEST(windows_that_are_too_small)
{
    assign_whole(5); /* of 512 GiB */
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_BUDGET_UNSURE));
    ck_assert_ptr_nonnull(strstr(lacking(), "have 655360 MiB"));
}
END_TEST

/* Where a processor of 40 bits would have no such window there is nothing to lose. */
START_TEST(a_window_that_a_narrow_processor_lacks)
{
    w.domain.phys_bits = 0;
    w.domain.kvm = true;
    w.domain.space.hole64_kib = UINT64_C(1) << 30;
    assign_whole(8);
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 8);
    ck_assert_ptr_null(lacking());
    w.domain.space.hole64_kib = UINT64_C(1) << 29;
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_nonnull(lacking());
}
END_TEST

START_TEST(libvirt_without_overrides)
{
    assign_whole(1);
    w.policy.libvirt_version = 8004000;
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_nonnull(strstr(lacking(), "libvirt 8.5"));
}
END_TEST

/* The new port is hot-pluggable as the one was that the device leaves. */
START_TEST(ports_without_hot_plug)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    w.domain.controllers.items[w.domain.controllers.count - 1].hotplug = 0;
    add_hostdev(&w, "41:00.0", "1:00.0");
    add_hostdev(&w, "41:00.1", "1:00.1");
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_nonnull(strstr(lacking(), "because it is not hot-pluggable"));
}
END_TEST

/* Where the width of addresses is not known, what there is at least has to do. */
START_TEST(an_unknown_processor)
{
    w.domain.kvm = true;
    w.domain.phys_bits = 0;
    assign_whole(4);
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 4);
    add_hostdev(&w, "45:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(asked(), 0);
    ck_assert_ptr_nonnull(lacking());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pref_reserve");
    TCase *tcase = tcase_create("pref_reserve");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_port_asks_for_what_linux_wants);
    tcase_add_test(tcase, one_bar_needs_nothing_more);
    tcase_add_test(tcase, other_machines_keep_what_firmware_gives);
    tcase_add_test(tcase, all_ask_or_none);
    tcase_add_test(tcase, windows_that_are_too_small);
    tcase_add_test(tcase, a_window_that_a_narrow_processor_lacks);
    tcase_add_test(tcase, libvirt_without_overrides);
    tcase_add_test(tcase, ports_without_hot_plug);
    tcase_add_test(tcase, an_unknown_processor);
    return run_suite(suite);
}
