/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_version.c - what the library says of its version is what the headers say */
#include "vtopo/version.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(text_and_numbers)
{
    char text[64];

    snprintf(text, sizeof(text), "%d.%d.%d", VTOPO_VERSION_MAJOR, VTOPO_VERSION_MINOR,
             VTOPO_VERSION_MICRO);
    ck_assert_str_eq(vtopo_version(), text);
    ck_assert_str_eq(VTOPO_VERSION, text);
    ck_assert_int_eq(vtopo_version_number(), VTOPO_VERSION_NUMBER);
    ck_assert_int_lt(VTOPO_VERSION_ENCODE(0, 1, 99), VTOPO_VERSION_ENCODE(0, 2, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("version");
    TCase *tcase = tcase_create("version");

    tcase_add_test(tcase, text_and_numbers);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
