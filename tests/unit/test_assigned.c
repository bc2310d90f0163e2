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
    return run_suite(suite);
}
