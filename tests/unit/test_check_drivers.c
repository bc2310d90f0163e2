/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_drivers.c - are the devices bound to a VFIO driver? */
#include "build.h"

#include "core/check.h"

#include <check.h>
#include <string.h>

static struct world w;
static struct check_results results;

/* A GPU and a NIC, each on a root port of its own. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, NULL, 0x10de, 0x2235},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO, NULL, 0x10de, 0x1aef},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_NONE, 0, NIC, NULL, 0x15b3, 0x101d},
        {"61:00.2", "60:01.0", PORT_NONE, 0, NIC, "61:00.0", 0x15b3, 0x101e},
    };

    world_init(&w);
    add_nodes(&w, 2, 4);
    ADD_FUNCTIONS(&w, rows);
    results = (struct check_results){0};
}

static void bind(const char *host, const char *driver)
{
    free(function_of(&w, host)->driver);
    function_of(&w, host)->driver = driver ? strdup(driver) : NULL;
}

static void teardown(void)
{
    check_results_clear(&results);
    world_clear(&w);
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
