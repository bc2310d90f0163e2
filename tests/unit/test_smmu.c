/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_smmu.c - which expanders get an SMMUv3, and when none does */
#include "build.h"
#include "model/machine.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

/* A GPU and a NIC of one root complex, a NIC of another one, both cells bound. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0}, {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"40:02.0", NULL, PORT_ROOT, 0}, {"42:00.0", "40:02.0", PORT_NONE, 0, NIC},
        {"60:01.0", NULL, PORT_ROOT, 1}, {"61:00.0", "60:01.0", PORT_NONE, 1, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
    world_become_virt(&w);
    w.policy.smmu = SMMU_EXPANDER;
    w.policy.libvirt_version = 12008000;
    w.policy.qemu_version = 11001002;
}

static void teardown(void)
{
    world_clear(&w);
}

static void assign(bool gpu, bool nic, bool other)
{
    add_hostdev(&w, "41:00.0", NULL)->iommufd = gpu;
    add_hostdev(&w, "42:00.0", NULL)->iommufd = nic;
    add_hostdev(&w, "61:00.0", NULL)->iommufd = other;
}

/* The index of the expander for a cell. */
static unsigned expander_of(int cell)
{
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *controller = &w.plan->controllers.items[i];

        if (controller->model == CTRL_EXPANDER && controller->cell == cell)
            return controller->index;
    }
    ck_abort_msg("no expander for cell %d", cell);
}

/* The elements of the plan are these, for the expanders of @cells. */
static void expect(const int *cells, size_t count, const char *more)
{
    ck_assert_uint_eq(w.plan->additions.count, count);
    for (size_t i = 0; i < count; i++) {
        const struct addition *addition = &w.plan->additions.items[i];
        char text[128];

        snprintf(text, sizeof(text), "<iommu model='smmuv3'>\n  <driver pciBus='%u'%s/>\n</iommu>",
                 expander_of(cells[i]), more);
        ck_assert_str_eq(addition->text, text);
        ck_assert_int_eq(addition->kind, ADDITION_IOMMU);
    }
    ck_assert(!count || !finding_of(&w, FINDING_SMMU_LACKING));
}

static void expect_why(const char *why)
{
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_SMMU_LACKING));
    ck_assert_msg(strstr(finding_of(&w, FINDING_SMMU_LACKING), why), "%s",
                  finding_of(&w, FINDING_SMMU_LACKING));
}

START_TEST(one_for_each_expander_with_such_a_device)
{
    assign(true, true, true);
    plan_or_fail(&w);
    expect((const int[]){0, 1}, 2, "");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_SMMU_EMULATED));
    ck_assert(!w.plan->realised);
}
END_TEST

START_TEST(none_for_others)
{
    assign(false, true, false);
    plan_or_fail(&w);
    expect((const int[]){0}, 1, "");
}
END_TEST

START_TEST(nothing_to_do)
{
    assign(false, false, false);
    plan_or_fail(&w);
    expect(NULL, 0, "");
    ck_assert_ptr_null(finding_of(&w, FINDING_SMMU_LACKING));
    teardown();
    setup();
    w.policy.smmu = SMMU_OFF;
    assign(true, true, true);
    plan_or_fail(&w);
    expect(NULL, 0, "");
    ck_assert_ptr_null(finding_of(&w, FINDING_SMMU_LACKING));
}
END_TEST

START_TEST(what_stays_has_none)
{
    assign(true, false, true);
    w.domain.devices.items[2].address.kind = ADDRESS_UNASSIGNED;
    plan_or_fail(&w);
    expect((const int[]){0}, 1, "");
}
END_TEST

START_TEST(accelerated_ones)
{
    w.policy.smmu = SMMU_ACCEL;
    assign(true, true, false);
    plan_or_fail(&w);
    expect((const int[]){0}, 1, " accel='on'");
    ck_assert_ptr_null(finding_of(&w, FINDING_SMMU_EMULATED));
    w.policy.smmu = SMMU_ACCEL_ATS;
    plan_or_fail(&w);
    expect((const int[]){0}, 1, " accel='on' ats='on'");
}
END_TEST

/* QEMU starts no guest with a device there that iommufd has not opened. */
START_TEST(accelerated_ones_are_for_iommufd_alone)
{
    w.policy.smmu = SMMU_ACCEL;
    assign(true, false, true);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_SMMU_LACKING), "42:00.0"));
}
END_TEST

/* One of the guest is one of the host. */
START_TEST(accelerated_ones_are_of_one_root_complex)
{
    struct host_function *nic;

    w.policy.smmu = SMMU_ACCEL;
    w.policy.mirror = MIRROR_NUMA;
    assign(true, true, false);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 1);
    nic = function_of(&w, "42:00.0");
    nic->root.bus = 0x42;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_SMMU_LACKING), "42:00.0"));
}
END_TEST

START_TEST(an_iommu_of_the_domain)
{
    assign(true, false, false);
    w.domain.guest_iommu = true;
    expect_why("an <iommu> of its own");
}
END_TEST

static void set_machine(const char *arch, const char *machine)
{
    free(w.domain.arch);
    free(w.domain.machine);
    w.domain.arch = strdup(arch);
    w.domain.machine = strdup(machine);
    w.domain.machine_kind = machine_kind_of(arch, machine);
    ck_assert(w.domain.arch && w.domain.machine);
}

START_TEST(other_machines)
{
    assign(true, false, false);
    set_machine("x86_64", "pc-q35-10.2");
    expect_why("only QEMU's machine virt");
    set_machine("aarch64", "virt");
    plan_or_fail(&w);
    expect((const int[]){0}, 1, "");
}
END_TEST

START_TEST(versions)
{
    assign(true, true, false);
    w.policy.libvirt_version = 11009000;
    expect_why(
        "it takes libvirt 11.10 and QEMU 10.2 or later, and policy libvirt_version says that "
        "libvirt is older");
    w.policy.libvirt_version = 0;
    expect_why("how new libvirt is is not known");
    w.policy.libvirt_version = 11010000;
    w.policy.qemu_version = 10001000;
    expect_why("policy qemu_version says that QEMU is older");
    w.policy.qemu_version = 10002000;
    plan_or_fail(&w);
    expect((const int[]){0}, 1, "");
    w.policy.smmu = SMMU_ACCEL;
    expect_why("it takes libvirt 12.7 and QEMU 11.1 or later");
    w.policy.libvirt_version = 12007000;
    expect_why("QEMU is older");
    w.policy.qemu_version = 11001000;
    plan_or_fail(&w);
    expect((const int[]){0}, 1, " accel='on'");
    w.policy.qemu_version = 0;
    set_machine("aarch64", "virt");
    expect_why("nothing shows how new QEMU is");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smmu");
    TCase *tcase = tcase_create("smmu");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, one_for_each_expander_with_such_a_device);
    tcase_add_test(tcase, none_for_others);
    tcase_add_test(tcase, nothing_to_do);
    tcase_add_test(tcase, what_stays_has_none);
    tcase_add_test(tcase, accelerated_ones);
    tcase_add_test(tcase, accelerated_ones_are_for_iommufd_alone);
    tcase_add_test(tcase, accelerated_ones_are_of_one_root_complex);
    tcase_add_test(tcase, an_iommu_of_the_domain);
    tcase_add_test(tcase, other_machines);
    tcase_add_test(tcase, versions);
    return run_suite(suite);
}
