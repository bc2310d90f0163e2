/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_nvlink.c - modules, cards, and what switches NVLink */
#include "check/nvlink.h"

#include "build.h"

#include <check.h>

START_TEST(modules_that_have_a_card_of_another_id)
{
    static const struct {
        uint16_t device;
        enum nvlink nvlink;
    } gpus[] = {{0x2324, NVLINK_SWITCHED}, {0x2322, NVLINK_UNKNOWN},  {0x2329, NVLINK_SWITCHED},
                {0x232c, NVLINK_SWITCHED}, {0x20bd, NVLINK_SWITCHED}, {0x20f5, NVLINK_UNKNOWN},
                {0x233a, NVLINK_UNKNOWN},  {0x3182, NVLINK_MANAGED}};

    for (size_t i = 0; i < sizeof(gpus) / sizeof(*gpus); i++) {
        struct host_function f = {.vendor = 0x10de, .device = gpus[i].device};

        ck_assert_msg(nvlink_of(&f) == gpus[i].nvlink, "%04x", gpus[i].device);
    }
}
END_TEST

START_TEST(modules_and_cards)
{
    struct host_function f = {.vendor = 0x10de, .class_code = 0x030200};

    f.device = 0x20b0;
    ck_assert_int_eq(nvlink_of(&f), NVLINK_SWITCHED);
    f.device = 0x1db1;
    ck_assert_int_eq(nvlink_of(&f), NVLINK_BOARD);
    f.device = 0x2901;
    ck_assert_int_eq(nvlink_of(&f), NVLINK_MANAGED);
    f.device = 0x20b5; /* A100 PCIe 80GB */
    ck_assert_int_eq(nvlink_of(&f), NVLINK_UNKNOWN);
    f.device = 0x20b0;
    f.vendor = 0x1002;
    ck_assert_int_eq(nvlink_of(&f), NVLINK_UNKNOWN);
}
END_TEST

START_TEST(switches)
{
    struct host_function f = {.vendor = 0x10de, .device = 0x1af1, .class_code = 0x068000};

    ck_assert(function_is_nvswitch(&f));
    ck_assert_uint_eq(nvswitches_of_board(&f), 6);
    f.device = 0x22a3;
    ck_assert_uint_eq(nvswitches_of_board(&f), 4);
    f.device = 0x1ac2;
    ck_assert_uint_eq(nvswitches_of_board(&f), 0);
    f.class_code = 0x030200;
    ck_assert(!function_is_nvswitch(&f));
    f.class_code = 0x068000;
    f.vendor = 0x15b3;
    ck_assert(!function_is_nvswitch(&f));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nvlink");
    TCase *tcase = tcase_create("nvlink");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, modules_that_have_a_card_of_another_id);
    tcase_add_test(tcase, modules_and_cards);
    tcase_add_test(tcase, switches);
    return run_suite(suite);
}
