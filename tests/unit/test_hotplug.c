/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_hotplug.c - which root ports stay hot-pluggable when OVMF keeps I/O space for each */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

/* Twelve NICs below root ports of their own. */
static void setup(void)
{
    static struct row rows[24];
    static char bdfs[24][32];

    world_init(&w);
    w.domain.firmware = FIRMWARE_OVMF;
    add_bound_cells(&w, 1);
    for (unsigned i = 0; i < 12; i++) {
        snprintf(bdfs[2 * i], sizeof(bdfs[0]), "40:%02x.0", i + 1);
        snprintf(bdfs[2 * i + 1], sizeof(bdfs[0]), "%02x:00.0", 0x41 + i);
        rows[2 * i] = (struct row){bdfs[2 * i], NULL, PORT_ROOT, 0};
        rows[2 * i + 1] = (struct row){bdfs[2 * i + 1], bdfs[2 * i], PORT_NONE, 0, NIC};
    }
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static void assign(unsigned cards)
{
    for (unsigned i = 0; i < cards; i++) {
        char host[32];

        snprintf(host, sizeof(host), "%02x:00.0", 0x41 + i);
        add_hostdev(&w, host, NULL);
    }
}

/* Root ports of the domain itself, indexes 1 to @ports. */
static void add_ports(unsigned ports)
{
    for (unsigned i = 1; i <= ports; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.%u", 2 + i / 8, i % 8);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
}

/* How many root ports of the plan are not hot-pluggable. */
static size_t ports_off(void)
{
    size_t n = 0;

    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->controllers.count; i++)
        n += w.plan->controllers.items[i].hotplug_off;
    return n;
}

START_TEST(nine_ports_stay_hot_pluggable)
{
    add_ports(4);
    assign(5);
    ck_assert_uint_eq(ports_off(), 0);
    ck_assert_ptr_null(finding_of(&w, FINDING_HOTPLUG_OFF));
}
END_TEST

START_TEST(ten_do_not)
{
    add_ports(5);
    assign(5);
    ck_assert_uint_eq(ports_off(), 5);
    ck_assert_uint_eq(findings_of(&w, FINDING_HOTPLUG_OFF), 1);
}
END_TEST

/* Ports below expanders of the domain cost, too; vtopo's own are not blamed. */
START_TEST(the_ports_that_cost_are_named)
{
    assign(10);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_HOTPLUG_OFF), "space for so many"));
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 100;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0")->hotplug = 0;
    add_controller(&w, 4, CTRL_ROOT_PORT, "00:06.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_HOTPLUG_OFF),
                                 "more than the 2 that the domain has itself (controllers 2,4)"));
}
END_TEST

START_TEST(ports_of_the_command_line_cost)
{
    assign(9);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_HOTPLUG_OFF), 0);
    *vec_add(&w.domain.qemu_devices) = (struct domain_qemu_device){.driver = strdup("ioh3420"),
                                                                   .id = strdup("own"),
                                                                   .bus = strdup("pcie.0"),
                                                                   .slot = 9,
                                                                   .function = 0,
                                                                   .bus_nr = -1,
                                                                   .chassis = 99};
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_HOTPLUG_OFF),
               "more than the 1 that the domain has itself (1 of <qemu:commandline>)"));
    w.domain.qemu_devices.items[0].hotplug_off = true;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_HOTPLUG_OFF), 0);
}
END_TEST

START_TEST(seabios_keeps_nothing_for_empty_ports)
{
    w.domain.firmware = FIRMWARE_SEABIOS;
    add_ports(20);
    assign(12);
    ck_assert_uint_eq(ports_off(), 0);
}
END_TEST

START_TEST(ports_that_do_not_hot_plug_do_not_count)
{
    add_ports(20);
    for (size_t i = 1; i < w.domain.controllers.count; i++)
        w.domain.controllers.items[i].hotplug = 0;
    add_other(&w, "disk vda", "05:00.0");
    assign(5);
    ck_assert_uint_eq(ports_off(), 0);
}
END_TEST

static void add_disks(unsigned disks)
{
    for (unsigned i = 0; i < disks; i++)
        add_other(&w, "disk", NULL);
}

START_TEST(ports_that_libvirt_will_add_count)
{
    add_ports(3);
    add_disks(6);
    assign(3);
    ck_assert_uint_eq(ports_off(), 0);
    add_disks(1);
    ck_assert_uint_eq(ports_off(), 3);
}
END_TEST

/* libvirt fills them with root ports. */
START_TEST(missing_indexes_count)
{
    add_controller(&w, 10, CTRL_ROOT_PORT, "00:02.0");
    assign(3);
    add_disks(1);
    ck_assert_uint_eq(ports_off(), 0); /* 1 and 6 to 10, and the plan's 3 to 5 */
    w.domain.controllers.items[1].index = 11;
    ck_assert_uint_eq(ports_off(), 3);
}
END_TEST

/* It adds a USB controller and a balloon. */
START_TEST(a_bare_definition_and_its_dump_give_the_same)
{
    for (unsigned disks = 0; disks < 7; disks++) {
        size_t bare;

        teardown();
        setup();
        assign(3);
        add_disks(disks);
        w.domain.needs.has_usb = w.domain.needs.has_balloon = false;
        bare = ports_off();
        w.domain.needs.has_usb = w.domain.needs.has_balloon = true;
        add_ports(disks + 2);
        for (unsigned i = 0; i < disks; i++)
            w.domain.devices.items[3 + i].address =
                (struct address){ADDRESS_PCI, {0, (uint8_t)(i + 1), 0, 0}, -1};
        for (unsigned i = 0; i < 2; i++) {
            char place[32];

            snprintf(place, sizeof(place), "%02x:00.0", disks + 1 + i);
            add_other(&w, "controller usb", place)->unasked = true;
        }
        ck_assert_uint_eq(ports_off(), bare);
        ck_assert_uint_eq(bare, disks > 4 ? 3 : 0);
    }
}
END_TEST

START_TEST(what_libvirt_adds_to_given_addresses_counts)
{
    add_ports(6);
    for (unsigned i = 1; i <= 6; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%02x:00.0", i);
        add_other(&w, "disk", place);
    }
    assign(3);
    ck_assert_uint_eq(ports_off(), 0);
    w.domain.needs.has_balloon = false;
    ck_assert_uint_eq(ports_off(), 3);
}
END_TEST

START_TEST(devices_on_pcie0_need_no_port)
{
    for (unsigned i = 2; i < 12; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", i);
        add_other(&w, "disk", place);
    }
    assign(5);
    ck_assert_uint_eq(ports_off(), 0);
}
END_TEST

START_TEST(a_card_that_must_be_hot_pluggable_is)
{
    add_ports(7);
    assign(4);
    w.domain.devices.items[1].teaming_transient = true;
    ck_assert_uint_eq(ports_off(), 3);
    ck_assert(!port_of(&w, "42:00.0")->hotplug_off);
    ck_assert_ptr_null(finding_of(&w, FINDING_BUDGET_UNSURE));
}
END_TEST

/* "9 8", the ports of the domain that get hotplug='off'. */
static const char *others_off(void)
{
    static char text[128];
    size_t at = 0;

    plan_or_fail(&w);
    text[0] = '\0';
    for (size_t i = 0; i < w.plan->ports_off.count; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u", i ? " " : "",
                               w.plan->ports_off.items[i]);
    return text;
}

START_TEST(empty_ports_make_room_for_one_that_must_be)
{
    add_ports(10);
    add_other(&w, "disk vda", "0a:00.0");
    assign(1);
    w.domain.devices.items[1].teaming_transient = true;
    ck_assert_str_eq(others_off(), "9 8");
    ck_assert_uint_eq(ports_off(), 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_PORTS_OFF), 1);
    ck_assert_str_eq(expander(&w, 0)->alias, "ua-vtopo-pxb-0000-40-cell0-off-8-9-ports");
}
END_TEST

/* The first card has an I/O BAR. */
static void add_io_bar(void)
{
    for (size_t i = 0; i < w.host.functions.count; i++) {
        if (w.host.functions.items[i].bdf.bus == 0x41)
            w.host.functions.items[i].bars[0] = (struct host_bar){.size = 128, .io = true};
    }
}

START_TEST(empty_ports_make_room_for_io_bars)
{
    add_io_bar();
    add_ports(12);
    assign(1);
    ck_assert_str_eq(others_off(), "12 11");
    w.domain.controllers.items[12].hotplug = 0; /* already */
    ck_assert_str_eq(others_off(), "11");
    w.domain.controllers.items[4].hotplug = 0;
    ck_assert_str_eq(others_off(), "");
    ck_assert_ptr_null(finding_of(&w, FINDING_PORTS_OFF));
}
END_TEST

/* libvirt added 13 and 14 as a pair, and would do so again beside a port that was written. */
START_TEST(the_port_of_an_added_bridge_stays)
{
    add_io_bar();
    add_ports(13);
    add_controller(&w, 14, CTRL_PCIE_TO_PCI, "01:00.0");
    assign(1);
    ck_assert_str_eq(others_off(), "12 11 10");
}
END_TEST

static void fill_ports(unsigned ports)
{
    add_ports(ports);
    for (unsigned i = 1; i <= ports; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%02x:00.0", i);
        add_other(&w, "disk", place);
    }
}

START_TEST(ports_in_use_are_not_turned_off)
{
    add_io_bar();
    fill_ports(11);
    assign(1);
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_msg(
        strstr(
            vtopo_error_message(w.error),
            "pcie.0 needs 12 of them (11 for ports that are only hot-pluggable) and the new expanders 1"),
        "%s", vtopo_error_message(w.error));
}
END_TEST

START_TEST(as_many_io_bars_as_windows_leave_none_for_hot_plug)
{
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].bars[0] = (struct host_bar){.size = 128, .io = true};
    assign(9);
    plan_or_fail(&w);
    fill_ports(11);
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_msg(
        strstr(
            vtopo_error_message(w.error),
            "pcie.0 needs 12 of them (11 for ports that are only hot-pluggable) and the new expanders 9"),
        "%s", vtopo_error_message(w.error));
}
END_TEST

START_TEST(libvirt_fills_the_lowest_ports)
{
    add_io_bar();
    add_ports(12);
    add_disks(1);
    assign(1);
    ck_assert_str_eq(others_off(), "12 11");
    add_disks(9);
    ck_assert_str_eq(others_off(), "12 11");
    add_disks(1); /* 12 is the last one that is empty */
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_msg(strstr(vtopo_error_message(w.error), "pcie.0 needs 13 of them"), "%s",
                  vtopo_error_message(w.error));
}
END_TEST

START_TEST(ports_that_libvirt_would_add_are_written_to_be_off)
{
    add_io_bar();
    add_controller(&w, 14, CTRL_ROOT_PORT, "00:02.0");
    add_disks(1);
    assign(1);
    /* 2 and 3 are the plan's */
    ck_assert_str_eq(others_off(), "14");
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)} pcie.0{filler}");
    ck_assert_uint_eq(w.plan->controllers.items[2].index, 13);
    ck_assert(w.plan->controllers.items[2].hotplug_off);
    ck_assert_uint_eq(w.plan->controllers.items[2].chassis, 13);
    ck_assert_uint_eq(w.plan->controllers.items[2].slot, 0x1c);
    ck_assert_str_eq(expander(&w, 0)->alias, "ua-vtopo-pxb-0000-40-cell0-off-14-ports");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_PORTS_OFF), "controllers 13, 14"));
}
END_TEST

START_TEST(what_cannot_be_known_is_to_be_defined_first)
{
    add_io_bar();
    add_ports(12);
    add_disks(1);
    assign(1);
    w.domain.devices.items[0].place.not_in_all = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "have no PCI address"));
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "define the domain first"));
}
END_TEST

START_TEST(without_io_bars_empty_ports_stay)
{
    add_ports(20);
    assign(1);
    ck_assert_str_eq(others_off(), "");
    ck_assert_uint_eq(ports_off(), 1);
}
END_TEST

START_TEST(expanders_of_others_may_be_in_trouble_anyway)
{
    add_ports(9);
    add_controller(&w, 30, CTRL_EXPANDER, "00:10.0");
    add_controller(&w, 31, CTRL_ROOT_PORT, "1e:00.0");
    add_other(&w, "disk vda", "1f:00.0");
    for (unsigned i = 1; i <= 9; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%02x:00.0", i);
        add_other(&w, "disk", place);
    }
    assign(1);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_BUDGET_UNSURE));
}
END_TEST

START_TEST(there_are_as_many_spare_ports_as_fit)
{
    w.policy.spare_ports = 3;
    add_ports(6);
    assign(1);
    ck_assert_uint_eq(ports_off(), 1);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0) spare spare spare}");
    ck_assert_ptr_null(finding_of(&w, FINDING_SPARE_CONCEDED));
    ck_assert_uint_eq(w.plan->ports_off.count, 0);
    /* The port that the card leaves is taken for one more; no other. */
    w.policy.spare_ports = 4;
    ck_assert_uint_eq(ports_off(), 1);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0) spare spare spare spare}");
    ck_assert_ptr_null(finding_of(&w, FINDING_SPARE_CONCEDED));
    ck_assert_uint_eq(w.plan->ports_off.count, 1);
    w.policy.spare_ports = 5;
    ck_assert_uint_eq(ports_off(), 1);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0) spare spare spare spare}");
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_SPARE_CONCEDED),
               "(4, not 5), because with more the layout does not fit: OVMF has"));
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:05.0");
    add_controller(&w, 8, CTRL_ROOT_PORT, "00:06.0");
    add_controller(&w, 9, CTRL_ROOT_PORT, "00:07.0");
    add_controller(&w, 10, CTRL_ROOT_PORT, "00:08.0");
    ck_assert_uint_eq(ports_off(), 1);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)}");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_SPARE_CONCEDED), "no spare ports"));
    ck_assert_uint_eq(expander(&w, 0)->buses, 2);
}
END_TEST

START_TEST(where_nothing_is_built_nothing_is_said)
{
    add_ports(20);
    assign(1);
    add_wish(&w, "41:00.0")->keep = 1;
    ck_assert_uint_eq(ports_off(), 0);
    ck_assert_ptr_null(finding_of(&w, FINDING_HOTPLUG_OFF));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hotplug");
    TCase *tcase = tcase_create("hotplug");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nine_ports_stay_hot_pluggable);
    tcase_add_test(tcase, ten_do_not);
    tcase_add_test(tcase, the_ports_that_cost_are_named);
    tcase_add_test(tcase, ports_of_the_command_line_cost);
    tcase_add_test(tcase, seabios_keeps_nothing_for_empty_ports);
    tcase_add_test(tcase, ports_that_do_not_hot_plug_do_not_count);
    tcase_add_test(tcase, ports_that_libvirt_will_add_count);
    tcase_add_test(tcase, missing_indexes_count);
    tcase_add_test(tcase, what_libvirt_adds_to_given_addresses_counts);
    tcase_add_test(tcase, a_bare_definition_and_its_dump_give_the_same);
    tcase_add_test(tcase, devices_on_pcie0_need_no_port);
    tcase_add_test(tcase, a_card_that_must_be_hot_pluggable_is);
    tcase_add_test(tcase, empty_ports_make_room_for_one_that_must_be);
    tcase_add_test(tcase, empty_ports_make_room_for_io_bars);
    tcase_add_test(tcase, the_port_of_an_added_bridge_stays);
    tcase_add_test(tcase, ports_in_use_are_not_turned_off);
    tcase_add_test(tcase, as_many_io_bars_as_windows_leave_none_for_hot_plug);
    tcase_add_test(tcase, libvirt_fills_the_lowest_ports);
    tcase_add_test(tcase, ports_that_libvirt_would_add_are_written_to_be_off);
    tcase_add_test(tcase, what_cannot_be_known_is_to_be_defined_first);
    tcase_add_test(tcase, without_io_bars_empty_ports_stay);
    tcase_add_test(tcase, expanders_of_others_may_be_in_trouble_anyway);
    tcase_add_test(tcase, there_are_as_many_spare_ports_as_fit);
    tcase_add_test(tcase, where_nothing_is_built_nothing_is_said);
    return run_suite(suite);
}
