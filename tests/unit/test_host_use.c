/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_host_use.c - names of what a host does with a function */
#include "model/host.h"

#include "suite.h"

#include <check.h>
#include <stdbool.h>

START_TEST(there_and_back)
{
    for (int use = HOST_USE_NONE; use <= HOST_USE_DISK; use++) {
        enum host_use back = HOST_USE_UNKNOWN;

        ck_assert(host_use_parse(host_use_name((enum host_use)use), &back));
        ck_assert_int_eq(back, use);
    }
}
END_TEST

START_TEST(others)
{
    enum host_use use = HOST_USE_ROUTE;

    ck_assert_ptr_null(host_use_name(HOST_USE_UNKNOWN));
    ck_assert(!host_use_parse("", &use) && !host_use_parse("unknown", &use) &&
              !host_use_parse("Disk", &use));
    ck_assert_int_eq(use, HOST_USE_ROUTE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_use");
    TCase *tcase = tcase_create("names");

    tcase_add_test(tcase, there_and_back);
    tcase_add_test(tcase, others);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
