/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_named_function.c - functions that people name */
#include "model/named_function.h"

#include "switch_world.h"

#include <check.h>

static void expect(const char *name, int code, const char *message)
{
    struct vtopo_error *error = NULL;
    size_t function = HOST_NONE;

    ck_assert_int_eq(find_named_function(&w.host, name, &function, &error), code);
    if (code)
        ck_assert_str_eq(vtopo_error_message(error), message);
    else
        ck_assert_ptr_eq(&w.host.functions.items[function], function_of(&w, "43:00.0"));
    vtopo_error_free(error);
}

START_TEST(names)
{
    expect("0000:43:00.0", 0, NULL);
    expect("43:00.0", 0, NULL);
    expect("43:00", VTOPO_ERR_USAGE, "'43:00' is not a PCI address like 0000:41:00.0");
    expect("", VTOPO_ERR_USAGE, "'' is not a PCI address like 0000:41:00.0");
    expect("43:00.1", VTOPO_ERR_HOST, "the host has no device 0000:43:00.1");
    expect(
        "42:00.0", VTOPO_ERR_HOST,
        "0000:42:00.0 is a bridge, port or part of the chipset, which cannot be given to a guest");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("named_function");
    TCase *tcase = tcase_create("names");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, names);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
