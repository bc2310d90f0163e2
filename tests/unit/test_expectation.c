/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_expectation.c - a list of what is expected, full and empty */
#include "expect/expectation.h"

#include "build.h"

#include <check.h>
#include <string.h>

START_TEST(what_has_no_address_is_not_known)
{
    struct expectation list = {0};

    for (size_t i = 0; i < 3; i++) {
        struct expected *item = vec_add(&list);

        ck_assert_ptr_nonnull(item);
        *item = (struct expected){.name = strdup("device"), .has_bdf = i > 0};
    }
    ck_assert_uint_eq(expectation_known(&list), 2);
    expectation_clear(&list);
    ck_assert_ptr_null(list.items);
    ck_assert_uint_eq(expectation_known(&list), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expectation");
    TCase *tcase = tcase_create("expectation");

    tcase_add_test(tcase, what_has_no_address_is_not_known);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
