/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_target_link.c - libvirt's words for ports of the generic switch and their links */
#include "model/target_link.h"

#include "build.h"

#include <check.h>
#include <string.h>

START_TEST(models_of_the_generic_switch)
{
    ck_assert_str_eq(generic_port_name(CTRL_UPSTREAM), "pcie-upstream-port");
    ck_assert_str_eq(generic_port_name(CTRL_DOWNSTREAM), "pcie-downstream-port");
    ck_assert_ptr_null(generic_port_name(CTRL_ROOT_PORT));
    ck_assert(generic_port_is("pcie-upstream-port"));
    ck_assert(generic_port_is("pcie-downstream-port"));
    ck_assert(!generic_port_is("x3130-upstream"));
    ck_assert(!generic_port_is(NULL));
}
END_TEST

START_TEST(speeds_there_and_back)
{
    static const unsigned speeds[] = {25, 50, 80, 160, 320, 640};

    for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++)
        ck_assert_uint_eq(target_speed_of(target_speed_word(speeds[i])), speeds[i]);
    ck_assert_str_eq(target_speed_word(25), "2.5");
    ck_assert_str_eq(target_speed_word(640), "64");
    ck_assert_ptr_null(target_speed_word(1280));
    ck_assert_ptr_null(target_speed_word(0));
    ck_assert_uint_eq(target_speed_of("2_5"), 0);
    ck_assert_uint_eq(target_speed_of(""), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("target_link");
    TCase *tcase = tcase_create("target_link");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, models_of_the_generic_switch);
    tcase_add_test(tcase, speeds_there_and_back);
    return run_suite(suite);
}
