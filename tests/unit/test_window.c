/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_window.c - what policy mmio "auto" adds, and BARs that are mapped slowly */
#include "bars_world.h"

#define INTEL "GenuineIntel"

static void setup_window(uint64_t bar, unsigned cards)
{
    setup_host(bar, 0, 0);
    assign(cards, NULL);
    w.domain.kvm = true;
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.phys_bits = -1;
    w.domain.space.takes_features = true;
    w.domain.space.pci64 = -1;
    w.policy.mmio = MMIO_AUTO;
    w.policy.ovmf_version = 2022011000;
    strcpy(w.host.processor.vendor, INTEL);
    w.host.processor.bits = 46;
    w.host.processor.guest_bits = 46;
    w.host.processor.pages_1g = true;
    strcpy(w.host.kernel, "6.12.0");
}

/* The texts of all additions, one behind the other. */
static const char *added(void)
{
    static char all[1024];

    *all = '\0';
    for (size_t i = 0; i < w.plan->additions.count; i++)
        strncat(all, w.plan->additions.items[i].text, sizeof(all) - strlen(all) - 1);
    return all;
}

#define WIDTH "<maxphysaddr mode='passthrough'/>"
#define PAGES "<feature policy='require' name='pdpe1gb'/>"

START_TEST(the_least_that_helps)
{
    setup_window(16 * GIB, 1);
    plan_or_fail(&w); /* it fits */
    ck_assert_uint_eq(w.plan->additions.count, 0);
    teardown();
    setup_window(64 * GIB, 1);
    plan_or_fail(&w); /* 128 GiB where the processor is believed */
    ck_assert_str_eq(added(), WIDTH);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_MMIO_ADDED),
                                 "added so that 64-bit BARs of 65536 MiB fit: " WIDTH));
    ck_assert_uint_eq(budget_of(&w, "64-bit MMIO")->available, 128 * GIB);
    ck_assert_str_eq(budget_of(&w, "64-bit MMIO")->note, "with what is added");
    teardown();
    setup_window(128 * GIB, 8);
    plan_or_fail(&w);
    ck_assert_str_eq(added(), WIDTH PAGES);
    w.host.processor.bits = 52;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "<maxphysaddr mode='emulate' bits='46'/>" PAGES);
    w.policy.libvirt_version = 9003000;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "<maxphysaddr mode='passthrough' limit='46'/>" PAGES);
}
END_TEST

/* libvirt lets a domain emulate what memory encryption leaves the host, and no more. */
START_TEST(encrypted_memory_limits_what_is_emulated)
{
    setup_window(32 * GIB, 8);
    w.host.processor.bits = w.host.processor.guest_bits = 48;
    w.host.processor.kernel_bits = 43;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "<maxphysaddr mode='emulate' bits='43'/>" PAGES);
    w.policy.libvirt_version = 9003000;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "<maxphysaddr mode='passthrough' limit='46'/>" PAGES);
    teardown();
    setup_window(256 * GIB, 8); /* 2 TiB are not in a window of 43 bits */
    w.host.processor.bits = w.host.processor.guest_bits = 48;
    w.host.processor.kernel_bits = 43;
    plan_or_fail(&w);
    ck_assert_str_eq(added(),
                     "<maxphysaddr mode='emulate' bits='43'/>" PAGES "<qemu:arg value='-fw_cfg'/>"
                     "<qemu:arg value='name=opt/ovmf/X-PciMmio64Mb,string=2097152'/>");
    w.host.processor.bits = w.host.processor.guest_bits = 46; /* its own width is passed through */
    w.host.processor.kernel_bits = 40;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), WIDTH PAGES);
}
END_TEST

START_TEST(a_number_where_width_does_not_suffice)
{
    setup_window(128 * GIB, 8);
    w.host.processor.pages_1g = false;
    plan_or_fail(&w);
    ck_assert_str_eq(added(),
                     WIDTH "<qemu:arg value='-fw_cfg'/>"
                           "<qemu:arg value='name=opt/ovmf/X-PciMmio64Mb,string=1048576'/>");
    w.domain.space.width_given = true; /* what the domain says stays */
    refused("a window above memory would end at 2048 GiB, and addresses end at 1024 GiB");
    w.domain.kvm = false;
    refused("a window above memory would end at 2048 GiB");
}
END_TEST

static void ask_for(const char *before, const char *digits, const char *behind, uint64_t mib)
{
    free(w.domain.ovmf_mmio64_text);
    w.domain.ovmf_mmio64_text = mem_printf("%s%s%s", before, digits, behind);
    w.domain.ovmf_mmio64_at = strlen(before);
    w.domain.ovmf_mmio64_mib = mib;
}

START_TEST(a_number_that_is_there_is_raised)
{
    const struct addition *raised;

    setup_window(128 * GIB, 8);
    w.host.processor.pages_1g = false;
    ask_for("string= ", "00065536", "\n,name=opt/ovmf/X-PciMmio64Mb", 65536);
    plan_or_fail(&w);
    raised = &w.plan->additions.items[w.plan->additions.count - 1];
    ck_assert_str_eq(added(), WIDTH "string= 1048576\n,name=opt/ovmf/X-PciMmio64Mb");
    ck_assert_int_eq(raised->kind, ADDITION_QEMU_ARG_VALUE);
    ck_assert_str_eq(raised->old, w.domain.ovmf_mmio64_text);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_MMIO_ADDED), "X-PciMmio64Mb raised from 65536 to 1048576"));
    w.policy.mmio = MMIO_CHECK;
    refused("X-PciMmio64Mb 1048576 instead of 65536 in <qemu:commandline> there is room");
    w.policy.mmio = MMIO_AUTO;
    ask_for("opt/ovmf/X-PciMmio64Mb,string=", "2097152", "", 2097152); /* enough, and stays */
    plan_or_fail(&w);
    ck_assert_ptr_null(strstr(added(), "string="));
    ask_for("opt/ovmf/X-PciMmio64Mb,string=", "16777217", "", 16777217); /* never lowered */
    refused("which is larger than 16 TiB");
    ask_for("opt/ovmf/X-PciMmio64Mb,string=", "65536", "", 65536);
    w.domain.ovmf_mmio64_twice = true;
    refused("more than one X-PciMmio64Mb");
}
END_TEST

START_TEST(what_cannot_be_added)
{
    setup_window(128 * GIB, 8);
    w.domain.firmware = FIRMWARE_SEABIOS;
    w.policy.seabios_version = 1016002;
    w.domain.space.width_given = true;
    refused("SeaBIOS has no setting for its window, OVMF has one");
    w.domain.space.width_given = false;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), WIDTH);
    w.domain.firmware = FIRMWARE_OVMF;
    w.domain.space.takes_features = false; /* libvirt takes none without a processor's name */
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(added(), "string=1048576"));
    w.host.processor.bits = 0;
    refused("a wider guest address space, <cpu mode='host-passthrough'>");
    teardown();
    setup_window(UINT64_C(16) << 40, 2);
    w.domain.space.width_given = true;
    w.domain.phys_bits = 46;
    refused("OVMF takes no window of more than 16 TiB");
}
END_TEST

/* What the domain says of its processor stays, and is named. */
START_TEST(what_is_in_the_way)
{
    setup_window(UINT64_C(1) << 40, 4);
    w.domain.phys_bits = 40;
    w.domain.space.width_given = true;
    refused(
        "the domain's <maxphysaddr mode='emulate' bits='40'/> is in the way, and stays as it is: "
        "with " WIDTH " and " PAGES " in <cpu> instead there is room");
    w.domain.phys_bits = 42;
    w.domain.space.limited = true;
    w.domain.space.pages_given = true;
    refused("<maxphysaddr mode='passthrough' limit='42'/> is in the way, and stays as it is: with "
            "<maxphysaddr mode='passthrough'/> in <cpu>, and -fw_cfg "
            "name=opt/ovmf/X-PciMmio64Mb,string=4194304 in <qemu:commandline> instead");
    w.domain.space.cpu_argument = true;
    refused("-cpu in <qemu:commandline> is in the way, and stays as it is: with phys-bits=46, and "
            "X-PciMmio64Mb 4194304, there is room");
    w.domain.space.pages_1g = 1;
    refused("with phys-bits=46 there is room");
    w.host.processor.bits = 42; /* the host has no more */
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_null(strstr(vtopo_error_message(w.error), "in the way"));
}
END_TEST

/* SeaBIOS 1.16.3 misplaces large BARs, other versions do not: that is told of what is added. */
START_TEST(what_helps_in_some_versions_of_seabios)
{
    setup_window(256 * GIB, 8);
    add_hostdev(&w, "41:00.1", NULL); /* a small BAR beside a large one */
    w.domain.firmware = FIRMWARE_SEABIOS;
    w.domain.memory_kib = 16 << 20;
    w.policy.mmio = MMIO_CHECK;
    refused("with " WIDTH " in <cpu> there is room in one version of SeaBIOS or another");
    w.policy.mmio = MMIO_AUTO;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), WIDTH);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_BUDGET_UNSURE),
                                 "SeaBIOS 1.16.3 puts some of them where they cannot be"));
    w.policy.seabios_version = 1017000;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), WIDTH);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    w.policy.seabios_version = 1016003;
    refused("SeaBIOS has no setting for its window, OVMF has one");
}
END_TEST

START_TEST(slow_mapping_is_told)
{
    setup_window(32 * GIB, 2);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_MAPPED_SLOWLY), 0);
    strcpy(w.host.kernel, "6.11.9");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_MAPPED_SLOWLY), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_MAPPED_SLOWLY), "kernel is 6.11.9"));
    w.policy.mmio = MMIO_OFF;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_MAPPED_SLOWLY), 0);
    w.policy.mmio = MMIO_CHECK;
    w.domain.kvm = false;
    w.domain.space.vendor = 'A';
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_MAPPED_SLOWLY), 0);
    teardown();
    setup_window(16 * GIB, 2);
    strcpy(w.host.kernel, "6.11.9");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_MAPPED_SLOWLY), 0);
}
END_TEST

/* QEMU's window of machine virt, which libvirt 12.8 makes larger. */
static void setup_virt(unsigned bits)
{
    setup_window(128 * GIB, 8);
    world_become_virt(&w);
    w.domain.acpi = ACPI_ON;
    w.domain.phys_bits = 0;
    w.domain.space.takes_hole64 = true;
    w.host.processor = (struct host_processor){.bits = bits};
    w.policy.libvirt_version = 12008000;
    w.policy.qemu_version = 10000000;
}

/* It is told as it is without --mmio auto. */
static void only_told(void)
{
    make_plan(&w);
    if (!w.plan)
        ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "<pcihole64"));
    else
        ck_assert_uint_eq(w.plan->additions.count, 0);
}

#define HOLE "<pcihole64 unit='KiB'>1073741824</pcihole64>"

START_TEST(a_window_of_virt)
{
    setup_virt(48);
    plan_or_fail(&w);
    ck_assert_str_eq(added(), HOLE);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_MMIO_ADDED), ": " HOLE " in controller"));
    w.domain.space.hole64_text = strdup("<pcihole64>536870912</pcihole64>");
    w.domain.space.hole64_kib = 1 << 29;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), HOLE);
    ck_assert_str_eq(w.plan->additions.items[0].old, w.domain.space.hole64_text);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_MMIO_ADDED),
                                 "pcie-root instead of <pcihole64>536870912</pcihole64>"));
    w.domain.space.hole64_kib = 1 << 30; /* enough */
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
}
END_TEST

START_TEST(a_window_of_virt_that_is_only_told)
{
    setup_virt(0); /* the host's addresses may end before */
    only_told();
    w.host.processor.bits = 48;
    w.domain.space.takes_hole64 = false;
    only_told();
    w.domain.space.takes_hole64 = true;
    w.policy.libvirt_version = 12007000;
    only_told();
    w.policy.libvirt_version = 0;
    only_told();
    w.policy.libvirt_version = 12008000;
    w.policy.qemu_version = 9002000;
    only_told();
    w.policy.qemu_version = 10000000;
    w.policy.mmio = MMIO_CHECK;
    only_told();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window");
    TCase *tcase = tcase_create("window");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, the_least_that_helps);
    tcase_add_test(tcase, encrypted_memory_limits_what_is_emulated);
    tcase_add_test(tcase, a_number_where_width_does_not_suffice);
    tcase_add_test(tcase, a_number_that_is_there_is_raised);
    tcase_add_test(tcase, what_cannot_be_added);
    tcase_add_test(tcase, what_is_in_the_way);
    tcase_add_test(tcase, what_helps_in_some_versions_of_seabios);
    tcase_add_test(tcase, slow_mapping_is_told);
    tcase_add_test(tcase, a_window_of_virt);
    tcase_add_test(tcase, a_window_of_virt_that_is_only_told);
    return run_suite(suite);
}
