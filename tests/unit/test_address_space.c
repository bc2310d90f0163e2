/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_address_space.c - memory space that the assigned devices need, and what there is */
#include "bars_world.h"

START_TEST(bars_of_cards_add_up_aligned_as_the_largest)
{
    setup_host(16 * GIB, 16 * MIB, 0);
    assign(3, NULL);
    add_hostdev(&w, "41:00.1", NULL); /* 1 MiB more behind the first */
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "32-bit MMIO")->used, 48 * MIB);
}
END_TEST

static struct domain_qemu_device *add_past_libvirt(const char *host, const char *bus)
{
    struct domain_qemu_device *d = vec_add(&w.domain.qemu_devices);

    ck_assert_ptr_nonnull(d);
    *d = (struct domain_qemu_device){.driver = strdup("vfio-pci"),
                                     .bus = strdup(bus),
                                     .host = strdup(host),
                                     .slot = 0,
                                     .bus_nr = -1,
                                     .chassis = -1};
    d->source_known = bdf_parse(host, &d->source);
    return d;
}

START_TEST(bars_of_the_command_line_count)
{
    setup_host(16 * GIB, 16 * MIB, 128);
    assign(1, NULL);
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_past_libvirt("42:00.0", "pci.1");
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "32-bit MMIO")->used, 32 * MIB);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 2);
    add_past_libvirt("43:00.0", "pcie.0"); /* below no port */
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 2);
    add_past_libvirt("99:00.0", "pcie.0"); /* the host has none */
    plan_or_fail(&w);
}
END_TEST

/* A port of the command line is a port, and hot-pluggable unless it is told otherwise. */
START_TEST(io_below_ports_of_the_command_line)
{
    struct domain_qemu_device *port;

    setup_host(0, 0, 128);
    assign(1, NULL);
    port = add_past_libvirt("", "pcie.0");
    free(port->driver);
    port->driver = strdup("ioh3420");
    port->id = strdup("own");
    port->slot = 9;
    add_past_libvirt("42:00.0", "own");
    add_past_libvirt("42:00.1", "own")->function = 1;
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 2);
}
END_TEST

START_TEST(thirty_two_bit_memory_runs_out)
{
    setup_host(0, 64 * MIB, 0);
    assign(15, NULL);
    plan_or_fail(&w);
    add_hostdev(&w, "50:00.0", NULL);
    refused("32-bit MMIO: 1024 MiB needed");
}
END_TEST

START_TEST(devices_that_stay_need_memory_too)
{
    setup_host(16 * GIB, 0, 128);
    assign(2, "00:05.0");
    w.domain.devices.items[1].address.at = bdf_of("00:06.0");
    add_wish(&w, "42:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 1); /* the kept one is on pcie.0 */
}
END_TEST

START_TEST(where_nothing_moves_nothing_is_refused)
{
    setup_host(16 * GIB, 0, 0);
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.phys_bits = 40;
    assign(20, "00:05.0");
    for (size_t i = 0; i < w.domain.devices.count; i++)
        add_wish(&w, BDF_TEXT(&w.domain.devices.items[i].source))->keep = 1;
    plan_or_fail(&w);
}
END_TEST

START_TEST(emulated_devices_do_not_have_the_bars_of_their_host)
{
    setup_host(16 * GIB, 64 * MIB, 128);
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c01", "41:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 0);
}
END_TEST

START_TEST(absurd_sizes_do_not_overflow)
{
    setup_host(UINT64_C(1) << 63, UINT64_MAX, 128);
    w.domain.memory_kib = UINT64_MAX;
    assign(3, NULL);
    refused("MMIO");
}
END_TEST

/* --- boundaries --- */

START_TEST(thirty_two_bit_memory_to_the_last_mib)
{
    static const struct {
        enum firmware_kind firmware;
        uint64_t bar;
        int result;
    } rows[] = {
        {FIRMWARE_SEABIOS, 502, 0}, /* 1004 MiB in all */
        {FIRMWARE_SEABIOS, 503, VTOPO_ERR_REFUSED},
        {FIRMWARE_OVMF, 480, 0}, /* 960 MiB */
        {FIRMWARE_OVMF, 481, VTOPO_ERR_REFUSED},
    };

    setup_host(0, 0, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        teardown();
        setup_host(0, rows[i].bar * MIB, 0);
        w.domain.firmware = rows[i].firmware;
        assign(2, NULL);
        ck_assert_int_eq(make_plan(&w), rows[i].result);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address_space");
    TCase *tcase = tcase_create("address_space");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, bars_of_cards_add_up_aligned_as_the_largest);
    tcase_add_test(tcase, bars_of_the_command_line_count);
    tcase_add_test(tcase, io_below_ports_of_the_command_line);
    tcase_add_test(tcase, thirty_two_bit_memory_runs_out);
    tcase_add_test(tcase, devices_that_stay_need_memory_too);
    tcase_add_test(tcase, where_nothing_moves_nothing_is_refused);
    tcase_add_test(tcase, emulated_devices_do_not_have_the_bars_of_their_host);
    tcase_add_test(tcase, absurd_sizes_do_not_overflow);
    tcase_add_test(tcase, thirty_two_bit_memory_to_the_last_mib);
    return run_suite(suite);
}
