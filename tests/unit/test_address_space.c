/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_address_space.c - memory space that the assigned devices need, and what there is */
#include "bars_world.h"

#include "domxml/domxml.h"

/* As the parser reads it from <qemu:commandline>. */
static void request_window(unsigned mib)
{
    autofree char *text =
        mem_printf("<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:commandline>"
                   "<q:arg value='-fw_cfg'/><q:arg value='opt/ovmf/X-PciMmio64Mb,string=%u'/>"
                   "</q:commandline></domain>",
                   mib);
    struct vtopo_domain *domain = NULL;

    ck_assert_int_eq(vtopo_domain_parse(text, strlen(text), "test", &domain, NULL), 0);
    w.domain.ovmf_mmio64_mib = domain->model.ovmf_mmio64_mib;
    vtopo_domain_free(domain);
}

START_TEST(bars_of_cards_add_up_aligned_as_the_largest)
{
    setup_host(16 * GIB, 16 * MIB, 0);
    assign(3, NULL);
    add_hostdev(&w, "41:00.1", NULL); /* 1 MiB more behind the first */
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->used, 64 * GIB);
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
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->used, 32 * GIB);
    ck_assert_uint_eq(budget_of(&w, "32-bit MMIO")->used, 32 * MIB);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 2);
    add_past_libvirt("43:00.0", "pcie.0"); /* below no port */
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->used, 48 * GIB);
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 2);
    add_past_libvirt("99:00.0", "pcie.0"); /* the host has none */
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->used, 48 * GIB);
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

#define WIDER                                                                                      \
    "; a wider guest address space, <cpu mode='host-passthrough'> or <maxphysaddr>, has more room"
#define WIDER_YET                                                                                  \
    "; a wider guest address space than the domain says (<maxphysaddr>, or phys-bits of -cpu) has more room"
#define ASKED ", and so has OVMF with -fw_cfg opt/ovmf/X-PciMmio64Mb ("
#define ASKED_MORE ", and so has OVMF with a larger X-PciMmio64Mb ("

/* What the domain has already is not what makes room. */
START_TEST(advice_is_what_the_domain_has_not)
{
    static const struct {
        enum firmware_kind firmware;
        int bits;
        unsigned asked, cards;
        const char *advice;
        bool no_number;
    } cases[] = {
        {FIRMWARE_OVMF, -1, 0, 3, WIDER ASKED},
        {FIRMWARE_OVMF, -1, 0x1000001, 3,
         WIDER ", and so has OVMF with an X-PciMmio64Mb of up to 16777216"},
        {FIRMWARE_OVMF, 40, 0x1000001, 3,
         WIDER_YET ", and so has OVMF with an X-PciMmio64Mb of up to 16777216"},
        {FIRMWARE_OVMF, -1, 0, 3, WIDER ", and so has OVMF with an X-PciMmio64Mb that is a number",
         true},
        {FIRMWARE_OVMF, 40, 0, 3,
         WIDER_YET ", and so has OVMF with an X-PciMmio64Mb that is a number", true},
        {FIRMWARE_OVMF, -1, 131072 + 1024, 3, WIDER ASKED_MORE},
        {FIRMWARE_OVMF, 40, 0, 3, WIDER_YET ASKED},
        {FIRMWARE_OVMF, 40, 131072 + 1024, 3, WIDER_YET ASKED_MORE},
        {FIRMWARE_OVMF, -1, 0, 17, WIDER " ("}, /* more than addresses reach */
        {FIRMWARE_OVMF, 40, 0, 17, WIDER_YET " ("},
        {FIRMWARE_SEABIOS, -1, 0, 17, WIDER " ("},
        {FIRMWARE_SEABIOS, 40, 0, 17, WIDER_YET " ("},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        setup_host(64 * GIB, 0, 0);
        w.domain.firmware = cases[i].firmware;
        w.domain.phys_bits = cases[i].bits;
        w.domain.ovmf_mmio64_mib = cases[i].asked;
        w.domain.ovmf_mmio64_no_number = cases[i].no_number;
        assign(cases[i].cards, NULL);
        refused(cases[i].advice);
        world_clear(&w);
    }
    setup_host(0, 0, 0); /* for the fixture */
}
END_TEST

START_TEST(ovmf_has_an_eighth_of_the_address_space)
{
    setup_host(16 * GIB, 0, 0);
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.phys_bits = -1; /* QEMU's 40 */
    assign(7, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 128 * GIB);
    w.domain.phys_bits = 52; /* more than it uses */
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 8192 * GIB);
    w.domain.phys_bits = -1;
    add_hostdev(&w, "48:00.0", NULL);
    add_hostdev(&w, "49:00.0", NULL);
    refused("64-bit MMIO: 147456 MiB needed, 131072 MiB available; a wider guest address space");
    w.domain.phys_bits = 42;
    plan_or_fail(&w);
    w.domain.phys_bits = 40;
    request_window(262144);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 256 * GIB);
    request_window(16 * 1024 * 1024);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 16 * 1024 * GIB);
    request_window(16 * 1024 * 1024 + 1); /* more than it believes */
    refused("64-bit MMIO: 147456 MiB needed, 131072 MiB available");
    request_window(65536); /* it takes what is more */
    w.domain.phys_bits = 42;
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 512 * GIB);
}
END_TEST

START_TEST(ovmf_believes_forty_bits_only_of_amd)
{
    setup_host(16 * GIB, 0, 0);
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.phys_bits = -1;
    assign(2, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    add_hostdev(&w, "43:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(
        finding_of(&w, FINDING_BUDGET_UNSURE),
        "49152 MiB: with 40 address bits, QEMU's default, OVMF has that much if the processor is AMD's and otherwise 32768 MiB"));
    ck_assert_ptr_nonnull(strstr(budget_of(&w, "64-bit MMIO")->note, "not AMD's"));
    request_window(65536);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    request_window(32768);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 1);
    w.domain.kvm = true;
    strcpy(w.host.processor.vendor, "AuthenticAMD");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    strcpy(w.host.processor.vendor, "GenuineIntel");
    w.domain.phys_bits = 41;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    w.domain.phys_bits = 40;
    w.domain.firmware = FIRMWARE_SEABIOS;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
}
END_TEST

START_TEST(what_the_domain_asks_of_ovmf_is_the_least_of_an_unknown_width)
{
    setup_host(16 * GIB, 0, 0);
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.phys_bits = 0;
    request_window(65536);
    assign(4, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 64 * GIB);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    add_hostdev(&w, "45:00.0", NULL);
    plan_or_fail(&w);
    ck_assert(budget_of(&w, "64-bit MMIO")->unknown);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_BUDGET_UNSURE),
                                 "asks for 65536 MiB (X-PciMmio64Mb): OVMF before 2022.11"));
}
END_TEST

START_TEST(seabios_has_what_memory_leaves)
{
    setup_host(16 * GIB, 0, 0);
    w.domain.phys_bits = 40;
    w.domain.memory_kib = 1000 * GIB / KIB;
    assign(1, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 20 * GIB);
    assign(2, NULL);
    refused("64-bit MMIO");
}
END_TEST

START_TEST(the_hosts_address_width_is_not_known)
{
    setup_host(16 * GIB, 0, 0);
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.phys_bits = 0;
    assign(30, NULL);
    plan_or_fail(&w);
    ck_assert(budget_of(&w, "64-bit MMIO")->unknown);
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
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->used, 32 * GIB);
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
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->used, 0);
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

/* GiB there, 0: unknown. */
START_TEST(address_widths_that_are_believed)
{
    static const struct {
        enum firmware_kind firmware;
        int bits;
        uint64_t gib;
    } rows[] = {
        {FIRMWARE_SEABIOS, 35, 0},    {FIRMWARE_SEABIOS, 36, 64 - 5},
        {FIRMWARE_SEABIOS, 40, 1019}, {FIRMWARE_SEABIOS, 63, (UINT64_C(1) << 33) - 5},
        {FIRMWARE_SEABIOS, 64, 0},    {FIRMWARE_OVMF, 36, 8},
        {FIRMWARE_OVMF, 45, 4096},    {FIRMWARE_OVMF, 46, 8192},
        {FIRMWARE_OVMF, 47, 8192},    {FIRMWARE_OVMF, 64, 0},
    };

    setup_host(MIB, 0, 0);
    assign(1, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.domain.firmware = rows[i].firmware;
        w.domain.phys_bits = rows[i].bits;
        plan_or_fail(&w);
        ck_assert_int_eq(budget_of(&w, "64-bit MMIO")->unknown, !rows[i].gib);
        ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, rows[i].gib * GIB);
    }
}
END_TEST

START_TEST(seabios_counts_memory_in_whole_gib)
{
    setup_host(MIB, 0, 0);
    w.domain.phys_bits = 40;
    assign(1, NULL);
    w.domain.memory_kib++;
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 1018 * GIB);
    w.domain.memory_kib = 1019 * GIB / KIB;
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, GIB);
    w.domain.memory_kib++;
    refused("64-bit MMIO: 1 MiB needed, 0 MiB available");
}
END_TEST

/* 128 GiB are there if the processor is AMD's. */
START_TEST(what_just_fits_if_the_processor_is_amds)
{
    setup_host(16 * GIB, 0, 0);
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.phys_bits = -1;
    assign(8, NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 1);
    add_hostdev(&w, "49:00.0", NULL);
    refused("64-bit MMIO: 147456 MiB needed, 131072 MiB available");
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
    tcase_add_test(tcase, advice_is_what_the_domain_has_not);
    tcase_add_test(tcase, ovmf_has_an_eighth_of_the_address_space);
    tcase_add_test(tcase, ovmf_believes_forty_bits_only_of_amd);
    tcase_add_test(tcase, what_the_domain_asks_of_ovmf_is_the_least_of_an_unknown_width);
    tcase_add_test(tcase, seabios_has_what_memory_leaves);
    tcase_add_test(tcase, the_hosts_address_width_is_not_known);
    tcase_add_test(tcase, thirty_two_bit_memory_runs_out);
    tcase_add_test(tcase, devices_that_stay_need_memory_too);
    tcase_add_test(tcase, where_nothing_moves_nothing_is_refused);
    tcase_add_test(tcase, emulated_devices_do_not_have_the_bars_of_their_host);
    tcase_add_test(tcase, absurd_sizes_do_not_overflow);
    tcase_add_test(tcase, thirty_two_bit_memory_to_the_last_mib);
    tcase_add_test(tcase, address_widths_that_are_believed);
    tcase_add_test(tcase, seabios_counts_memory_in_whole_gib);
    tcase_add_test(tcase, what_just_fits_if_the_processor_is_amds);
    return run_suite(suite);
}
