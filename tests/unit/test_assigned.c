/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_assigned.c - the assigned devices of a domain, and their functions on the host */
#include "devices_world.h"

START_TEST(every_kind_of_assigned_device_moves)
{
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c01", "42:00.0");
    add_vdpa(&w, "vdpa-0", "43:00.2");
    add_hostdev(&w, "41:00.0", NULL);
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    add_named(&w, DEVICE_INTERFACE_VDPA, "/dev/vhost-vdpa-0", NULL);
    add_device(&w, DEVICE_INTERFACE_HOSTDEV, "43:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0) rp(42:00.0) rp(43:00.0) rp(43:00.2)}");
}
END_TEST

START_TEST(an_nvme_disk_moves_only_if_the_policy_says_so)
{
    add_device(&w, DEVICE_DISK_NVME, "42:00.0", NULL);
    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)}");
    w.policy.nvme_disks = NVME_DISKS_MOVE;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0) rp(42:00.0)}");
}
END_TEST

static void expect_missing(const char *what)
{
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_HOST);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), what));
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "line 1 "));
}

START_TEST(a_function_that_the_host_lacks_is_an_error)
{
    add_hostdev(&w, "99:00.0", NULL);
    expect_missing("0000:99:00.0");
}
END_TEST

START_TEST(an_mdev_that_the_host_lacks_is_an_error)
{
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    expect_missing("4b20d080-1b54-4048-85b3-a6a62d165c01");
}
END_TEST

START_TEST(a_vdpa_device_that_the_host_lacks_is_an_error)
{
    add_named(&w, DEVICE_INTERFACE_VDPA, "/dev/vhost-vdpa-7", NULL);
    expect_missing("/dev/vhost-vdpa-7");
}
END_TEST

START_TEST(what_the_guest_does_not_get_the_host_may_lack)
{
    struct domain_device *d = add_hostdev(&w, "99:00.0", NULL);

    d->address.kind = ADDRESS_UNASSIGNED;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->devices.count, 1);
    ck_assert_int_eq(w.plan->devices.items[0].fate, FATE_UNASSIGNED);
    ck_assert_uint_eq(w.plan->devices.items[0].function, HOST_NONE);
    ck_assert_uint_eq(w.plan->devices.items[0].host.bus, 0x99);
}
END_TEST

START_TEST(software_devices_have_no_place)
{
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c01", "42:00.0");
    w.host.mdevs.items[0].software = true;
    add_vdpa(&w, "vdpa-0", "43:00.2");
    w.host.vdpas.items[0].software = true;
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    add_named(&w, DEVICE_INTERFACE_VDPA, "/dev/vhost-vdpa-0", NULL);
    plan_or_fail(&w);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(w.plan->devices.items[i].function, HOST_NONE);
        ck_assert_int_eq(w.plan->devices.items[i].fate, FATE_STAYS);
    }
}
END_TEST

START_TEST(assignments_are_in_the_order_of_the_domain)
{
    add_other(&w, "disk vda", NULL);
    add_hostdev(&w, "43:00.0", NULL);
    add_device(&w, DEVICE_DISK_NVME, "42:00.0", NULL);
    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->devices.count, 2);
    ck_assert_uint_eq(w.plan->devices.items[0].device, 1);
    ck_assert_uint_eq(w.plan->devices.items[1].device, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assigned");
    TCase *tcase = tcase_create("assigned");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, every_kind_of_assigned_device_moves);
    tcase_add_test(tcase, an_nvme_disk_moves_only_if_the_policy_says_so);
    tcase_add_test(tcase, a_function_that_the_host_lacks_is_an_error);
    tcase_add_test(tcase, an_mdev_that_the_host_lacks_is_an_error);
    tcase_add_test(tcase, a_vdpa_device_that_the_host_lacks_is_an_error);
    tcase_add_test(tcase, what_the_guest_does_not_get_the_host_may_lack);
    tcase_add_test(tcase, software_devices_have_no_place);
    tcase_add_test(tcase, assignments_are_in_the_order_of_the_domain);
    return run_suite(suite);
}
