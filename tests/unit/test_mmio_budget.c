/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mmio_budget.c - 64-bit memory of whole layouts: the cases that can be, and what would mend
 * it
 */
#include "bars_world.h"

#include "domxml/domxml.h"

/* As the parser reads it. */
static void read_domain(const char *inside, const char *behind)
{
    autofree char *text = mem_printf(
        "<domain type='kvm' xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>%s"
        "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
        "<devices><controller type='pci' index='0' model='pcie-root'>%s</controller></devices></domain>",
        inside, behind);
    struct vtopo_domain *domain = NULL;

    ck_assert_msg(!vtopo_domain_parse(text, strlen(text), "test", &domain, NULL), "%s", text);
    w.domain.kvm = domain->model.kvm;
    w.domain.space = domain->model.space;
    w.domain.phys_bits = domain->model.phys_bits;
    w.domain.cpu_is_host = domain->model.cpu_is_host;
    w.domain.ovmf_mmio64_mib = domain->model.ovmf_mmio64_mib;
    w.domain.ovmf_mmio64_no_number = domain->model.ovmf_mmio64_no_number;
    w.domain.ovmf_mmio64_in_file = domain->model.ovmf_mmio64_in_file;
    vtopo_domain_free(domain);
}

#define FW_CFG(value)                                                                              \
    "<q:commandline><q:arg value='-fw_cfg'/><q:arg value='opt/ovmf/X-PciMmio64Mb,string=" value    \
    "'/></q:commandline>"

static void use(enum firmware_kind firmware, unsigned version)
{
    w.domain.firmware = firmware;
    w.policy.ovmf_version = w.policy.seabios_version = version;
}

static void set_processor(const char *vendor, unsigned bits, bool pages_1g)
{
    strcpy(w.host.processor.vendor, vendor);
    w.host.processor.bits = bits;
    w.host.processor.guest_bits = bits < 48 ? bits : 48;
    w.host.processor.pages_1g = pages_1g;
    strcpy(w.host.kernel, "6.1.0");
}

#define OVMF_2022_11 2022011000
#define OVMF_2025_05 2025005000
#define INTEL "GenuineIntel"
#define AMD "AuthenticAMD"

static const struct plan_budget *line(void)
{
    return budget_of(&w, "64-bit MMIO");
}

START_TEST(windows_by_processor)
{
    static const struct {
        const char *cpu, *vendor;
        unsigned bits;
        bool pages_1g;
        uint64_t gib;
    } rows[] = {
        {"", AMD, 46, true, 128},
        {"", INTEL, 46, true, 32},
        {"<cpu mode='host-passthrough'/>", INTEL, 46, true, 8192},
        {"<cpu mode='host-passthrough'/>", INTEL, 46, false, 128},
        {"<cpu mode='host-passthrough'/>", INTEL, 39, true, 64},
        {"<cpu mode='host-passthrough'/>", AMD, 52, true, 16384},
        {"<cpu mode='host-passthrough'><feature policy='disable' name='pdpe1gb'/></cpu>", INTEL, 46,
         true, 128},
        {"<cpu mode='host-model'><maxphysaddr mode='passthrough'/></cpu>", INTEL, 46, true, 8192},
        {"<cpu mode='host-model'><maxphysaddr mode='passthrough' limit='42'/></cpu>", INTEL, 46,
         true, 512},
        {"<cpu mode='host-model'><maxphysaddr mode='passthrough' limit='46'/></cpu>", INTEL, 42,
         true, 512},
        {"<cpu><model>Haswell</model><maxphysaddr mode='passthrough'/></cpu>", INTEL, 46, true,
         128},
        {"<cpu><model>Icelake-Server</model><maxphysaddr mode='emulate' bits='43'/></cpu>", INTEL,
         46, true, 1024},
        {"<cpu><model>Haswell</model><maxphysaddr mode='emulate' bits='43'/>"
         "<feature policy='require' name='pdpe1gb'/></cpu>",
         INTEL, 46, true, 1024},
        {"<cpu><model vendor_id='AuthenticAMD'>Haswell</model></cpu>", INTEL, 46, true, 128},
    };

    setup_host(16 * GIB, 0, 0);
    assign(1, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        read_domain(rows[i].cpu, "");
        set_processor(rows[i].vendor, rows[i].bits, rows[i].pages_1g);
        plan_or_fail(&w);
        ck_assert_msg(!line()->unknown && line()->available == rows[i].gib * GIB,
                      "row %zu: %llu GiB", i, (unsigned long long)(line()->available / GIB));
    }
}
END_TEST

/* Without KVM the processor is QEMU's, and the host's does not count. */
START_TEST(emulated_processors)
{
    static const struct {
        const char *cpu;
        uint64_t gib;
    } rows[] = {
        {"", 128}, /* qemu64 is AMD's */
        {"<cpu mode='maximum'/>", 128},
        {"<cpu><model>Haswell</model></cpu>", 32},
        {"<cpu><model>EPYC</model><maxphysaddr mode='emulate' bits='44'/></cpu>", 2048},
        {"<cpu><model>Dhyana</model></cpu>", 32},
    };

    setup_host(16 * GIB, 0, 0);
    assign(1, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        read_domain(rows[i].cpu, "");
        w.domain.kvm = false;
        set_processor(INTEL, 46, true);
        plan_or_fail(&w);
        ck_assert_msg(line()->available == rows[i].gib * GIB, "row %zu: %llu GiB", i,
                      (unsigned long long)(line()->available / GIB));
    }
}
END_TEST

START_TEST(what_is_not_known_is_judged_by_all_that_can_be)
{
    setup_host(64 * GIB, 0, 0);
    assign(1, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    read_domain("", "");
    plan_or_fail(&w); /* nothing of the processor */
    ck_assert_uint_eq(line()->available, 32 * GIB);
    ck_assert_ptr_nonnull(strstr(
        finding_of(&w, FINDING_BUDGET_UNSURE),
        "64-bit BARs need 65536 MiB, and OVMF 2022.11 on a processor of Intel's has 32768 "
        "MiB: devices would get no memory; OVMF 2022.11 on a processor of AMD's has 131072"));
    set_processor(AMD, 46, true);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    read_domain("<cpu mode='host-passthrough'/>", "");
    w.host.processor.bits = 0;
    plan_or_fail(&w);
    ck_assert(line()->unknown);
    ck_assert_str_eq(line()->note, "addresses are as wide as the host's");
    ck_assert_uint_eq(line()->used, 64 * GIB);
}
END_TEST

START_TEST(firmware_that_is_not_known)
{
    setup_host(64 * GIB, 0, 0);
    assign(1, NULL);
    use(FIRMWARE_OVMF, 0);
    read_domain(FW_CFG("32768"), "");
    set_processor(AMD, 46, true);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_BUDGET_UNSURE),
                                 "and OVMF 2025.05 has 32768 MiB: devices would get no memory; "
                                 "OVMF 2022.11 has 131072 MiB (policy ovmf_version says which"));
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_BUDGET_UNSURE), "string=131072"));
    use(FIRMWARE_OVMF, OVMF_2022_11);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    use(FIRMWARE_OVMF, 2025002000); /* distributions' is as that of 2025.05 */
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 1);
    use(FIRMWARE_OVMF, OVMF_2025_05);
    refused("64-bit MMIO: 65536 MiB needed, 32768 MiB available; with -fw_cfg "
            "name=opt/ovmf/X-PciMmio64Mb,string=131072 in <qemu:commandline> there is room");
    /* OVMF before 2022.11 is told only if it is that. */
    read_domain("", "");
    use(FIRMWARE_OVMF, 0);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    ck_assert_str_eq(line()->note, "OVMF before 2022.11 has less");
    use(FIRMWARE_OVMF, 2022008000);
    refused("64-bit MMIO: 65536 MiB needed, 32768 MiB available");
}
END_TEST

/* What mends it: the least, and exactly as it is to be written. */
START_TEST(what_would_mend_it)
{
    static const struct {
        const char *cpu, *vendor;
        unsigned bits;
        bool pages_1g;
        unsigned cards, libvirt;
        const char *text;
    } rows[] = {
        {"", INTEL, 46, true, 1, 0,
         "; with <maxphysaddr mode='passthrough'/> in <cpu> there is room"},
        {"<cpu><model>Haswell</model></cpu>", INTEL, 46, true, 2, 0,
         "; with <maxphysaddr mode='passthrough'/> and <feature policy='require' name='pdpe1gb'/> "
         "in <cpu> there is room"},
        {"<cpu mode='host-model'/>", INTEL, 52, true, 2, 0,
         "; with <maxphysaddr mode='emulate' bits='46'/> in <cpu> there is room"},
        {"<cpu mode='host-model'/>", INTEL, 52, true, 2, 9003000,
         "; with <maxphysaddr mode='passthrough' limit='46'/> in <cpu> there is room"},
        {"<cpu mode='host-model'/>", INTEL, 52, true, 2, 9002000,
         "; with <maxphysaddr mode='emulate' bits='46'/> in <cpu>"},
        {"<cpu mode='host-passthrough'><feature policy='disable' name='pdpe1gb'/></cpu>", INTEL, 46,
         true, 3, 0,
         "; with -fw_cfg name=opt/ovmf/X-PciMmio64Mb,string=524288 in <qemu:commandline> there"},
        {"<cpu mode='host-model'><maxphysaddr mode='emulate' bits='40'/></cpu>", INTEL, 46, true, 9,
         0, "; a window above memory would end at 4096 GiB, and addresses end at 1024 GiB"},
        {"<cpu mode='host-passthrough'/>", INTEL, 39, true, 1, 0,
         "; with -fw_cfg name=opt/ovmf/X-PciMmio64Mb,string=131072 in <qemu:commandline> there"},
        {"", INTEL, 0, true, 3, 0,
         "; a wider guest address space, <cpu mode='host-passthrough'> or <maxphysaddr>, has more "
         "room, and with -fw_cfg name=opt/ovmf/X-PciMmio64Mb,string=524288 in"},
    };

    setup_host(0, 0, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        teardown();
        setup_host(rows[i].bits == 46 && rows[i].cards == 1 ? 64 * GIB : 128 * GIB, 0, 0);
        use(FIRMWARE_OVMF, OVMF_2022_11);
        w.policy.libvirt_version = rows[i].libvirt;
        read_domain(rows[i].cpu, "");
        assign(rows[i].cards, NULL);
        if (rows[i].bits)
            set_processor(rows[i].vendor, rows[i].bits, rows[i].pages_1g);
        if (make_plan(&w) != VTOPO_ERR_REFUSED)
            ck_abort_msg("row %zu is not refused", i);
        ck_assert_msg(strstr(vtopo_error_message(w.error), rows[i].text), "row %zu: %s", i,
                      vtopo_error_message(w.error));
    }
}
END_TEST

/* Each on pcie.0 is in the way of what comes after it. */
/* What the firmware puts beside large BARs that have room alone is told. */
static void told(const char *what)
{
    const char *text;

    plan_or_fail(&w);
    text = finding_of(&w, FINDING_BUDGET_UNSURE);
    ck_assert_msg(text && strstr(text, what), "%s", text ? text : "nothing");
}

START_TEST(what_is_beside_it_counts)
{
    setup_host(64 * GIB, 0, 0);
    assign(2, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    read_domain("", "");
    set_processor(AMD, 46, true);
    plan_or_fail(&w);
    ck_assert_uint_eq(line()->used, 128 * GIB);
    add_other(&w, "rng", "00:05.0")->virtio = true;
    told("64-bit BARs need 196608 MiB, and OVMF 2022.11 has 131072 MiB");
    w.domain.devices.items[2].virtio = false;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_BUDGET_UNSURE));
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0"); /* hot-pluggable */
    told("64-bit BARs need 196608 MiB, and OVMF 2022.11 has 131072 MiB");
    w.domain.controllers.items[w.domain.controllers.count - 1].hotplug = 0;
    plan_or_fail(&w);
}
END_TEST

/* The driver makes BARs of what processor and GPU share. */
START_TEST(memory_that_is_no_bar_on_the_host)
{
    setup_host(0, 0, 0);
    function_of(&w, "41:00.0")->vendor = 0x10de;
    function_of(&w, "41:00.0")->device = 0x2342;
    assign(1, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    read_domain("", "");
    set_processor(AMD, 48, true);
    refused("64-bit MMIO: 132096 MiB needed, 131072 MiB available"); /* 128 GiB and 1 GiB */
    function_of(&w, "41:00.0")->device = 0x2941;
    refused("64-bit MMIO: 262144 MiB needed");
    function_of(&w, "41:00.0")->device = 0x2330;
    plan_or_fail(&w);
}
END_TEST

START_TEST(memory_moves_the_window)
{
    setup_host(64 * GIB, 0, 0);
    assign(1, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    read_domain("<maxMemory slots='1' unit='GiB'>840</maxMemory>", "");
    set_processor(AMD, 46, true);
    w.domain.memory_kib = 4 * GIB / KIB;
    plan_or_fail(&w);
    ck_assert_uint_eq(line()->available, 128 * GIB);
    read_domain("<maxMemory slots='1' unit='GiB'>900</maxMemory>", "");
    set_processor(AMD, 46, true);
    w.domain.memory_kib = 4 * GIB / KIB;
    refused("64-bit MMIO: 65536 MiB needed, 32768 MiB available; with <maxphysaddr");
}
END_TEST

START_TEST(seabios_by_version)
{
    setup_host(64 * GIB, 0, 0);
    assign(2, NULL);
    add_hostdev(&w, "41:00.1", NULL); /* 1 MiB behind the first */
    use(FIRMWARE_SEABIOS, 0);
    read_domain("", "");
    set_processor(AMD, 46, true);
    w.domain.memory_kib = 8 * GIB / KIB;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(
        finding_of(&w, FINDING_BUDGET_UNSURE),
        "SeaBIOS 1.16.3 puts some of them where they cannot be: devices would get no memory; "));
    use(FIRMWARE_SEABIOS, 1017000);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUDGET_UNSURE), 0);
    use(FIRMWARE_SEABIOS, 1016002);
    plan_or_fail(&w);
    ck_assert_uint_eq(line()->available, (1024 - 10) * GIB);
    assign(16, NULL);
    refused("64-bit MMIO: ");
}
END_TEST

/* Small BARs fit everywhere, so nothing of the host is looked at. */
START_TEST(small_bars_need_nothing_of_the_host)
{
    setup_host(2 * GIB, 0, 0);
    assign(1, NULL);
    use(FIRMWARE_OVMF, 0);
    read_domain("", "");
    set_processor(AMD, 46, true);
    plan_or_fail(&w);
    ck_assert_uint_eq(line()->available, 32 * GIB);
    read_domain("<cpu mode='host-passthrough'/>", "");
    plan_or_fail(&w);
    ck_assert(line()->unknown);
    assign(2, NULL);
    plan_or_fail(&w);
    ck_assert(!line()->unknown);
}
END_TEST

START_TEST(what_ovmf_is_asked_for)
{
    setup_host(64 * GIB, 0, 0);
    assign(1, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    read_domain(FW_CFG("33554432"), "");
    set_processor(AMD, 46, true);
    plan_or_fail(&w);
    ck_assert_str_eq(line()->note, "OVMF ignores X-PciMmio64Mb: it is larger than 16 TiB");
    read_domain(FW_CFG("64G"), "");
    plan_or_fail(&w);
    ck_assert_str_eq(line()->note, "OVMF ignores X-PciMmio64Mb: it is not a number");
    w.domain.ovmf_mmio64_in_file = true;
    plan_or_fail(&w);
    ck_assert(line()->unknown);
    ck_assert_str_eq(line()->note, "OVMF's window is in a file (X-PciMmio64Mb)");
}
END_TEST

START_TEST(off_says_nothing)
{
    setup_host(128 * GIB, 0, 0);
    assign(9, NULL);
    use(FIRMWARE_OVMF, OVMF_2022_11);
    read_domain("", "");
    w.policy.mmio = MMIO_OFF;
    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->budgets.count; i++)
        ck_assert_str_ne(w.plan->budgets.items[i].name, "64-bit MMIO");
}
END_TEST

START_TEST(absurd_sizes_are_refused)
{
    setup_host(UINT64_C(1) << 63, 0, 0);
    w.domain.phys_bits = 40;
    w.domain.memory_kib = UINT64_MAX;
    assign(3, NULL);
    refused("64-bit MMIO");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mmio_budget");
    TCase *tcase = tcase_create("mmio_budget");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, windows_by_processor);
    tcase_add_test(tcase, emulated_processors);
    tcase_add_test(tcase, what_is_not_known_is_judged_by_all_that_can_be);
    tcase_add_test(tcase, firmware_that_is_not_known);
    tcase_add_test(tcase, what_would_mend_it);
    tcase_add_test(tcase, what_is_beside_it_counts);
    tcase_add_test(tcase, memory_that_is_no_bar_on_the_host);
    tcase_add_test(tcase, memory_moves_the_window);
    tcase_add_test(tcase, seabios_by_version);
    tcase_add_test(tcase, small_bars_need_nothing_of_the_host);
    tcase_add_test(tcase, what_ovmf_is_asked_for);
    tcase_add_test(tcase, off_says_nothing);
    tcase_add_test(tcase, absurd_sizes_are_refused);
    return run_suite(suite);
}
