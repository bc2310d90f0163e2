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
        ask(&w, CHECK_DRIVERS, &results, "41:00.0", NULL);
        ck_assert_uint_eq(results.count, 0);
    }
}
END_TEST

START_TEST(others)
{
    bind("61:00.0", "mlx5_core");
    ask(&w, CHECK_DRIVERS, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 2);
    ck_assert_str_eq(result_of(&results, FINDING_DRIVER, "41:00.0")->is, "is bound to no driver");
    ck_assert_str_eq(result_of(&results, FINDING_DRIVER, "61:00.0")->is,
                     "is bound to the host's driver mlx5_core");
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
    return run_suite(suite);
}
