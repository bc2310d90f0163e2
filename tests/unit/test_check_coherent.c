/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_coherent.c - the driver and the nodes of GPUs with coherent memory */
#include "check_world.h"

#include "model/coherent_gpu.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* 41:00.0 on node 0 becomes such a GPU, with @nodes nodes for its memory. */
static void make_coherent(const char *driver, unsigned nodes)
{
    struct host_function *gpu = function_of(&w, "41:00.0");

    gpu->device = 0x2342;
    free(gpu->driver);
    gpu->driver = strdup(driver);
    ck_assert_ptr_nonnull(gpu->driver);
    for (unsigned i = 0; i < nodes; i++)
        add_node(&w, 2 + i, "")->initiator = true;
}

START_TEST(as_it_should_be)
{
    make_coherent(COHERENT_GPU_DRIVER, COHERENT_GPU_NODES);
    run_checks(&w, CHECK_COHERENT, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(other_gpus)
{
    make_coherent("vfio-pci", 1);
    function_of(&w, "41:00.0")->device = 0x2330;
    run_checks(&w, CHECK_COHERENT, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(vfio_pci)
{
    make_coherent("vfio-pci", COHERENT_GPU_NODES);
    run_checks(&w, CHECK_COHERENT, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(
        strstr(result_of(&results, FINDING_COHERENT_DRIVER, "41:00.0")->how, COHERENT_GPU_DRIVER));
}
END_TEST

START_TEST(too_few_nodes)
{
    make_coherent(COHERENT_GPU_DRIVER, COHERENT_GPU_NODES - 1);
    run_checks(&w, CHECK_COHERENT, &results, "41:00.0", NULL);
    ck_assert_str_eq(result_of(&results, FINDING_COHERENT_NODES, "41:00.0")->is,
                     "node 0 has 7 nodes for the memory of 1 such GPU");
}
END_TEST

START_TEST(gpus_that_share_them)
{
    make_coherent(COHERENT_GPU_DRIVER, COHERENT_GPU_NODES);
    *function_of(&w, "61:00.0") = (struct host_function){
        .bdf = function_of(&w, "61:00.0")->bdf,
        .root = function_of(&w, "61:00.0")->root,
        .parent = function_of(&w, "61:00.0")->parent,
        .vendor = 0x10de,
        .device = 0x2941,
        .class_code = GPU,
    };
    run_checks(&w, CHECK_COHERENT, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 2);
    function_of(&w, "61:00.0")->node = 1; /* to which none of the eight belongs */
    run_checks(&w, CHECK_COHERENT, &results, "41:00.0", "61:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(result_of(&results, FINDING_COHERENT_NODES, "61:00.0")->is,
                     "node 1 has 0 nodes for the memory of 1 such GPU");
}
END_TEST

START_TEST(a_kernel_that_does_not_say_it)
{
    make_coherent(COHERENT_GPU_DRIVER, 0);
    run_checks(&w, CHECK_COHERENT, &results, "41:00.0", NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_coherent");
    TCase *tcase = tcase_create("check_coherent");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, as_it_should_be);
    tcase_add_test(tcase, other_gpus);
    tcase_add_test(tcase, vfio_pci);
    tcase_add_test(tcase, too_few_nodes);
    tcase_add_test(tcase, gpus_that_share_them);
    tcase_add_test(tcase, a_kernel_that_does_not_say_it);
    return run_suite(suite);
}
