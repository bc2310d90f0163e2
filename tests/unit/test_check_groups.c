/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_groups.c - who else is in the IOMMU groups? */
#include "check_world.h"

#include <check.h>
#include <string.h>

static void bind_driver(const char *host, const char *driver)
{
    free(function_of(&w, host)->driver);
    function_of(&w, host)->driver = driver ? strdup(driver) : NULL;
}

/* Every function in a group of its own, and with a driver of the host. */
static void setup_groups(void)
{
    setup();
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = (int)i;
    bind_driver("41:00.0", "nouveau");
    bind_driver("41:00.1", "snd_hda_intel");
    bind_driver("61:00.0", "mlx5_core");
}

static void group(const char *host, int number)
{
    function_of(&w, host)->iommu_group = number;
}

START_TEST(groups_of_one)
{
    run_checks(&w, CHECK_GROUPS, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(a_part_of_a_group)
{
    group("41:00.0", 30);
    group("41:00.1", 30);
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(
        result_of(&results, FINDING_GROUP_PARTLY, "41:00.0")->is,
        "is in IOMMU group 30 with 0000:41:00.1, which the host's driver holds and the guest does not get");
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", "41:00.1", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

/* Nobody is told to give a guest what the host may work with. */
START_TEST(a_part_that_the_host_may_work_with)
{
    static const uint32_t classes[] = {0x020000, 0x010802, 0x030000, 0x060100};

    group("41:00.0", 30);
    group("41:00.1", 30);
    function_of(&w, "41:00.1")->class_code = 0x040300;
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_ptr_nonnull(
        strstr(result_of(&results, FINDING_GROUP_PARTLY, "41:00.0")->how, "unassigned"));
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        function_of(&w, "41:00.1")->class_code = classes[i];
        run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
        ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_GROUP_PARTLY, "41:00.0")->how,
                                     "where the host itself does not"));
    }
}
END_TEST

/* The chipset, and USB that is not the card's own: a keyboard, a disk. */
START_TEST(a_chipset_and_the_hosts_usb)
{
    group("41:00.0", 30);
    group("41:00.1", 30);
    function_of(&w, "41:00.1")->class_code = 0x0c0330;
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_ptr_nonnull(
        strstr(result_of(&results, FINDING_GROUP_PARTLY, "41:00.0")->how, "unassigned"));
    function_of(&w, "41:00.1")->parent = HOST_NONE;
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_GROUP_PARTLY, "41:00.0")->how,
                                 "where the host itself does not"));
    group("41:00.1", 31);
    group("61:00.0", 30);
    function_of(&w, "61:00.0")->class_code = 0x0c0330;
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_GROUP_PARTLY, "41:00.0")->how,
                                 "where the host itself does not"));
}
END_TEST

START_TEST(a_group_is_reported_once)
{
    group("41:00.0", 30);
    group("41:00.1", 30);
    group("61:00.0", 30);
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_GROUP_PARTLY, "41:00.0"));
}
END_TEST

/* Nobody knows which of them a guest will get. */
START_TEST(all_of_the_host)
{
    group("41:00.0", 30);
    group("61:00.0", 30);
    run_checks(&w, CHECK_GROUPS, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(result_of(&results, FINDING_GROUP_PARTLY, "41:00.0")->is,
                     "is in IOMMU group 30 with 0000:61:00.0, which the host's driver holds");
}
END_TEST

/* A member counts only while a driver of the host holds it. */
START_TEST(members_that_nobody_uses)
{
    static const char *const drivers[] = {NULL, "pci-stub", "vfio-pci", "mlx5_vfio_pci"};

    group("41:00.0", 30);
    group("41:00.1", 30);
    for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
        bind_driver("41:00.1", drivers[i]);
        run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
        ck_assert_uint_eq(results.count, 0);
    }
    bind_driver("41:00.1", "nvidia");
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    function_of(&w, "41:00.1")->vgpu_type = strdup("NVIDIA A40-8Q");
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(ports_may_stay)
{
    group("40:01.0", 30);
    group("41:00.0", 30);
    group("41:00.1", 30);
    function_of(&w, "41:00.1")->class_code = 0x060000; /* a host bridge */
    run_checks(&w, CHECK_GROUPS, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(no_group)
{
    group("41:00.0", -1);
    group("41:00.1", -1);
    run_checks(&w, CHECK_NO_GROUP, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(result_of(&results, FINDING_NO_GROUP, "41:00.0")->is, "is in no IOMMU group");
}
END_TEST

/* What is made on a function is in a group of its own. */
START_TEST(mediated_devices_do_not_count)
{
    struct check_device device = {1, false};
    struct check_set set = {.host = &w.host, .devices = &device, .count = 1};

    group("41:00.0", -1);
    ck_assert(check_host(&set, CHECK_GROUPS | CHECK_NO_GROUP | CHECK_DRIVERS, &results));
    ck_assert_uint_eq(results.count, 0);
    group("41:00.0", 30);
    group("41:00.1", 30);
    ck_assert(check_host(&set, CHECK_GROUPS | CHECK_NO_GROUP | CHECK_DRIVERS, &results));
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_groups");
    TCase *tcase = tcase_create("check_groups");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup_groups, teardown);
    tcase_add_test(tcase, groups_of_one);
    tcase_add_test(tcase, a_part_of_a_group);
    tcase_add_test(tcase, a_part_that_the_host_may_work_with);
    tcase_add_test(tcase, a_chipset_and_the_hosts_usb);
    tcase_add_test(tcase, a_group_is_reported_once);
    tcase_add_test(tcase, all_of_the_host);
    tcase_add_test(tcase, members_that_nobody_uses);
    tcase_add_test(tcase, ports_may_stay);
    tcase_add_test(tcase, no_group);
    tcase_add_test(tcase, mediated_devices_do_not_count);
    return run_suite(suite);
}
