/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_io_windows.c - I/O windows that the guest needs */
#include "bars_world.h"

START_TEST(fourteen_io_windows_fit_with_seabios)
{
    setup_host(0, 0, 128);
    assign(14, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 14);
    add_hostdev(&w, "4f:00.0", NULL);
    refused("I/O windows: 15 needed, 14 available");
}
END_TEST

START_TEST(nine_io_windows_fit_with_ovmf)
{
    setup_host(0, 0, 128);
    w.domain.firmware = FIRMWARE_OVMF;
    assign(9, NULL);
    plan_or_fail(&w);
    add_hostdev(&w, "4a:00.0", NULL);
    refused("I/O windows: 10 needed, 9 available");
}
END_TEST

START_TEST(functions_of_a_card_share_a_window)
{
    setup_host(0, 0, 128);
    assign(1, NULL);
    add_hostdev(&w, "41:00.1", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 1);
}
END_TEST

START_TEST(others_below_ports_count_and_those_on_pcie0_do_not)
{
    setup_host(0, 0, 128);
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_other(&w, "e1000", "01:00.0")->io_bar = true;
    add_other(&w, "e1000", "00:03.0")->io_bar = true;
    add_other(&w, "e1000", NULL)->io_bar = true;
    assign(1, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 3);
}
END_TEST

/* One window for the port above a bridge, with anything behind it or with nothing; another bridge
 * beside what is behind it takes one more. */
START_TEST(what_is_behind_a_bridge_shares_a_window)
{
    setup_host(0, 0, 128);
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_PCIE_TO_PCI, "01:00.0");
    add_controller(&w, 3, CTRL_PCI_BRIDGE, "02:01.0");
    add_controller(&w, 4, CTRL_ROOT_PORT, "00:03.0");
    add_controller(&w, 5, CTRL_PCIE_TO_PCI, "04:00.0");
    add_other(&w, "e1000", "02:02.0")->io_bar = true;
    add_other(&w, "e1000", "02:03.0")->io_bar = true;
    add_other(&w, "e1000", "03:01.0")->io_bar = true;
    assign(1, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 4);
}
END_TEST

static size_t used_windows(void)
{
    plan_or_fail(&w);
    return budget_of(&w, "I/O windows")->used;
}

/* As SeaBIOS 1.16.2 does it (tried: nothing in them, bridges in bridges, in expanders). */
START_TEST(bridges_of_i440fx_take_windows)
{
    setup_host(0, 0, 128);
    world_become_pc(&w);
    assign(1, NULL);
    ck_assert_uint_eq(used_windows(), 1);
    for (unsigned i = 1; i < 8; i++) {
        char place[16];

        snprintf(place, sizeof(place), "00:%02x.0", i + 8);
        add_controller(&w, i, CTRL_PCI_BRIDGE, place);
    }
    ck_assert_uint_eq(used_windows(), 8);
    add_controller(&w, 8, CTRL_PCI_BRIDGE, "01:03.0");
    ck_assert_uint_eq(used_windows(), 8); /* in that of the first */
    add_other(&w, "e1000", "02:01.0")->io_bar = true;
    add_other(&w, "e1000", "02:02.0")->io_bar = true;
    ck_assert_uint_eq(used_windows(), 8);
    add_other(&w, "e1000", "01:01.0")->io_bar = true;
    refused("I/O windows: 9 needed, 8 available (8 for what stays where it is)");
}
END_TEST

START_TEST(so_do_bridges_in_expanders_of_i440fx)
{
    setup_host(0, 0, 0);
    world_become_pc(&w);
    assign(1, NULL);
    add_controller(&w, 1, CTRL_PCI_EXPANDER, "00:09.0")->bus_nr = 64;
    ck_assert_uint_eq(used_windows(), 0);
    add_controller(&w, 2, CTRL_PCI_BRIDGE, "01:03.0");
    ck_assert_uint_eq(used_windows(), 1);
    add_controller(&w, 3, CTRL_PCI_BRIDGE, "01:04.0");
    ck_assert_uint_eq(used_windows(), 2);
    add_other(&w, "e1000", "01:01.0")->io_bar = true;
    add_other(&w, "e1000", "01:02.0")->io_bar = true;
    ck_assert_uint_eq(used_windows(), 3);
}
END_TEST

START_TEST(what_others_need_alone_is_no_reason_to_refuse)
{
    setup_host(0, 0, 0);
    for (unsigned i = 0; i < 15; i++)
        add_other(&w, "e1000", NULL)->io_bar = true;
    assign(1, NULL);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_BUDGET_UNSURE), "15 I/O windows"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("io_windows");
    TCase *tcase = tcase_create("io_windows");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, fourteen_io_windows_fit_with_seabios);
    tcase_add_test(tcase, nine_io_windows_fit_with_ovmf);
    tcase_add_test(tcase, functions_of_a_card_share_a_window);
    tcase_add_test(tcase, others_below_ports_count_and_those_on_pcie0_do_not);
    tcase_add_test(tcase, what_is_behind_a_bridge_shares_a_window);
    tcase_add_test(tcase, bridges_of_i440fx_take_windows);
    tcase_add_test(tcase, so_do_bridges_in_expanders_of_i440fx);
    tcase_add_test(tcase, what_others_need_alone_is_no_reason_to_refuse);
    return run_suite(suite);
}
