/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_drivers.c - are the devices bound to a VFIO driver? */
#include "check_world.h"

#include <check.h>
#include <string.h>

static void bind(const char *host, const char *driver)
{
    free(function_of(&w, host)->driver);
    function_of(&w, host)->driver = driver ? strdup(driver) : NULL;
}

START_TEST(vfio_drivers)
{
    static const char *const drivers[] = {"vfio-pci", "mlx5_vfio_pci", "nvgrace_gpu_vfio_pci"};

    for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
        bind("41:00.0", drivers[i]);
        run_checks(&w, CHECK_DRIVERS, &results, "41:00.0", NULL);
        ck_assert_uint_eq(results.count, 0);
    }
}
END_TEST

START_TEST(others)
{
    bind("61:00.0", "mlx5_core");
    run_checks(&w, CHECK_DRIVERS, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 2);
    ck_assert_str_eq(result_of(&results, FINDING_DRIVER, "41:00.0")->is, "is bound to no driver");
    ck_assert_str_eq(result_of(&results, FINDING_DRIVER, "61:00.0")->is,
                     "is bound to the host's driver mlx5_core");
}
END_TEST

/* libvirt binds them; and a vGPU is VFIO's by its own driver. */
START_TEST(nothing_to_do)
{
    struct check_device device = {1, true, true};
    struct check_set set = {.host = &w.host, .devices = &device, .count = 1};

    bind("41:00.0", "nouveau");
    ck_assert(check_host(&set, CHECK_DRIVERS, &results));
    ck_assert_uint_eq(results.count, 0);
    bind("61:00.2", "nvidia");
    function_of(&w, "61:00.2")->vgpu_type = strdup("NVIDIA A40-8Q");
    run_checks(&w, CHECK_DRIVERS, &results, "61:00.2", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

/* The host's own network, disks and displays. */
START_TEST(what_the_host_may_work_with)
{
    static const uint32_t classes[] = {0x020000, 0x010802, 0x030000};

    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        function_of(&w, "61:00.2")->class_code = 0x078000;
        function_of(&w, "61:00.0")->class_code = classes[i];
        bind("61:00.0", "host");
        run_checks(&w, CHECK_DRIVERS, &results, "61:00.0", NULL);
        ck_assert_ptr_null(
            strstr(result_of(&results, FINDING_DRIVER, "61:00.0")->how, "driverctl"));
        run_checks(&w, CHECK_DRIVERS, &results, NULL);
        for (size_t at = 0; at < results.count; at++)
            ck_assert_uint_ne(results.items[at].bdf.bus, 0x61);
    }
    bind("61:00.0", NULL); /* nobody works with it */
    run_checks(&w, CHECK_DRIVERS, &results, "61:00.0", NULL);
    ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_DRIVER, "61:00.0")->how, "driverctl"));
}
END_TEST

/* What is told of a function, as a part of the advice. */
static void expect_advice(const char *host, const char *part)
{
    run_checks(&w, CHECK_DRIVERS, &results, host, NULL);
    ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_DRIVER, host)->how, part));
    ck_assert_ptr_null(strstr(result_of(&results, FINDING_DRIVER, host)->how, "driverctl"));
}

START_TEST(virtual_functions_and_what_has_some)
{
    struct host_function *pf = function_of(&w, "61:00.0"), *vf = function_of(&w, "61:00.2");

    vf->is_vf = true;
    vf->physfn = pf->bdf;
    vf->vendor = 0x10de;
    bind("61:00.2", "nvidia");
    bind("61:00.0", "nvidia");
    expect_advice("61:00.2", "current_vgpu_type");
    pf->class_code = 0x030200;
    expect_advice("61:00.0", "virtual functions vanish");
}
END_TEST

START_TEST(a_gpu_with_coherent_memory_has_one_driver)
{
    function_of(&w, "41:00.0")->device = 0x2342;
    bind("41:00.0", "nvidia");
    run_checks(&w, CHECK_DRIVERS, &results, "41:00.0", NULL);
    ck_assert_str_eq(result_of(&results, FINDING_DRIVER, "41:00.0")->how,
                     "driverctl set-override BDF nvgrace_gpu_vfio_pci");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_drivers");
    TCase *tcase = tcase_create("check_drivers");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, vfio_drivers);
    tcase_add_test(tcase, others);
    tcase_add_test(tcase, nothing_to_do);
    tcase_add_test(tcase, what_the_host_may_work_with);
    tcase_add_test(tcase, virtual_functions_and_what_has_some);
    tcase_add_test(tcase, a_gpu_with_coherent_memory_has_one_driver);
    return run_suite(suite);
}
