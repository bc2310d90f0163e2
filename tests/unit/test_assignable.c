/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_assignable.c - what can be given to a guest at all */
#include "model/assignable.h"

#include "suite.h"

#include <check.h>

static bool given(uint32_t class_code, enum port_kind port, size_t parent)
{
    struct host_function function = {.class_code = class_code, .port = port, .parent = parent};

    return is_assignable(&function);
}

START_TEST(devices)
{
    ck_assert(given(0x030200, PORT_NONE, 1));
    ck_assert(given(0x020000, PORT_NONE, HOST_NONE));
    ck_assert(given(0x0c0330, PORT_NONE, HOST_NONE));
    ck_assert(given(0x080100, PORT_NONE, 1));
}
END_TEST

START_TEST(ports)
{
    ck_assert(!given(0x060400, PORT_ROOT, HOST_NONE));
    ck_assert(!given(0x060400, PORT_DOWNSTREAM, 1));
}
END_TEST

START_TEST(chipset)
{
    ck_assert(!given(0x060100, PORT_NONE, HOST_NONE));
    ck_assert(!given(0x060100, PORT_NONE, 1));
    ck_assert(!given(0x0c0500, PORT_NONE, HOST_NONE));
    ck_assert(!given(0x110100, PORT_NONE, HOST_NONE));
    ck_assert(!given(0x050000, PORT_NONE, HOST_NONE));
    ck_assert(!given(0x088000, PORT_NONE, HOST_NONE));
}
END_TEST

START_TEST(nvswitch)
{
    ck_assert(given(0x068000, PORT_NONE, 1));
    ck_assert(!given(0x068000, PORT_NONE, HOST_NONE));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assignable");
    TCase *tcase = tcase_create("assignable");

    tcase_add_test(tcase, devices);
    tcase_add_test(tcase, ports);
    tcase_add_test(tcase, chipset);
    tcase_add_test(tcase, nvswitch);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
