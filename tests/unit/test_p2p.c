/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_p2p.c - when iommufd and an IOMMU of the guest matter */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, GPU, .vendor = 0x10de},
        {"42:00.4", "40:02.0", PORT_NONE, 0, GPU, "42:00.0", .vendor = 0x10de},
        {"42:00.5", "40:02.0", PORT_NONE, 0, GPU, "42:00.0", .vendor = 0x10de},
        {"40:03.0", NULL, PORT_ROOT, 0},
        {"43:00.0", "40:03.0", PORT_NONE, 0, NIC},
        {"43:00.1", "40:03.0", PORT_NONE, 0, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    w.domain.iommufd = w.domain.guest_iommu = true;
}

static void teardown(void)
{
    world_clear(&w);
}

static size_t told(void)
{
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_P2P_IOMMUFD),
                      findings_of(&w, FINDING_P2P_GUEST_IOMMU));
    return findings_of(&w, FINDING_P2P_IOMMUFD);
}

START_TEST(two_gpus)
{
    add_hostdev(&w, "41:00.0", NULL);
    ck_assert_uint_eq(told(), 0);
    add_hostdev(&w, "42:00.0", NULL);
    ck_assert_uint_eq(told(), 1);
}
END_TEST

START_TEST(two_nics_are_no_pair)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "43:00.1", NULL);
    ck_assert_uint_eq(told(), 0);
    add_hostdev(&w, "41:00.0", NULL);
    ck_assert_uint_eq(told(), 1);
}
END_TEST

/* Shares of a GPU do no P2P over PCIe with each other, but RDMA with a NIC. */
START_TEST(vgpus)
{
    add_hostdev(&w, "42:00.4", NULL);
    add_hostdev(&w, "42:00.5", NULL);
    ck_assert_uint_eq(told(), 0);
    add_hostdev(&w, "43:00.0", NULL);
    ck_assert_uint_eq(told(), 1);
}
END_TEST

START_TEST(what_the_guest_does_not_get)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "42:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    ck_assert_uint_eq(told(), 0);
}
END_TEST

START_TEST(each_for_itself)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "42:00.0", NULL);
    w.domain.iommufd = false;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_P2P_IOMMUFD));
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_P2P_GUEST_IOMMU));
    w.domain.iommufd = true;
    w.domain.guest_iommu = false;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_P2P_IOMMUFD));
    ck_assert_ptr_null(finding_of(&w, FINDING_P2P_GUEST_IOMMU));
}
END_TEST

/* Which of the two is missing is said, and only that. */
START_TEST(iommufd_needs_qemu_and_kernel)
{
    static const struct {
        unsigned qemu;
        const char *kernel, *says, *says_not;
    } rows[] = {
        {0, "", "nothing shows that QEMU is that new", "is older"},
        {0, "6.19.2", "nothing shows that QEMU", "kernel is not known"},
        {11000000, "", "kernel is not known", "nothing shows"},
        {11000000, "6.12.43+deb13-amd64", "the host's kernel is 6.12.43+deb13-amd64",
         "nothing shows"},
        {10002000, "6.19.2", "policy qemu_version says that QEMU is older", "kernel is not known"},
        {10002099, "6.19.2", "policy qemu_version says that QEMU is older", "kernel is not known"},
        {11000000, "6.18.99-amd64", "the host's kernel is 6.18.99-amd64", "nothing shows"},
        {10002099, "6.18.99", "QEMU is older, and the host's kernel is 6.18.99", "nothing shows"},
        {11000000, "6.19.0-rc3", NULL, NULL},
        {11000000, "7.0.1", NULL, NULL},
    };

    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "42:00.0", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *text;

        w.policy.qemu_version = rows[i].qemu;
        strcpy(w.host.kernel, rows[i].kernel);
        plan_or_fail(&w);
        text = finding_of(&w, FINDING_P2P_IOMMUFD);
        ck_assert_int_eq(!text, !rows[i].says);
        if (!text)
            continue;
        ck_assert_msg(strstr(text, rows[i].says), "%s", text);
        ck_assert_msg(!strstr(text, rows[i].says_not), "%s", text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("p2p");
    TCase *tcase = tcase_create("p2p");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, two_gpus);
    tcase_add_test(tcase, two_nics_are_no_pair);
    tcase_add_test(tcase, vgpus);
    tcase_add_test(tcase, what_the_guest_does_not_get);
    tcase_add_test(tcase, each_for_itself);
    tcase_add_test(tcase, iommufd_needs_qemu_and_kernel);
    return run_suite(suite);
}
