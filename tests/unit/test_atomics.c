/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_atomics.c - what the bridges above a function make of its atomics */
#include "model/atomics.h"

#include "build.h"

#include <check.h>
#include <stdlib.h>

#define ROUTING 0x40
#define COMPLETER 0x80

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, 0x030000, .vendor = 0x1002},
        {"43:00.1", "42:00.0", PORT_NONE, 0, AUDIO, .vendor = 0x1002},
        {"43:00.2", "42:00.0", PORT_NONE, 0, 0x120000, .vendor = 0x1002},
        {"43:00.3", "42:00.0", PORT_NONE, 0, 0x120000, "43:00.2", .vendor = 0x1002},
        {"43:00.4", "42:00.0", PORT_NONE, 0, 0x030200, .vendor = 0x10de},
        {"40:02.0", NULL, PORT_NONE, 0, 0x030000, .vendor = 0x1002},
    };

    world_init(&w);
    ADD_FUNCTIONS(&w, rows);
    add_express_port(&w, "40:01.0", COMPLETER, 0);
    add_express_port(&w, "41:00.0", ROUTING, 0);
    add_express_port(&w, "42:00.0", ROUTING, 0);
}

static void teardown(void)
{
    world_clear(&w);
}

static enum host_atomics of(const char *bdf)
{
    return host_atomics_of(&w.host, (size_t)(function_of(&w, bdf) - w.host.functions.items));
}

START_TEST(every_port_has_to_let_them_through)
{
    ck_assert_int_eq(of("43:00.0"), ATOMICS_COMPLETED);
    add_express_port(&w, "42:00.0", COMPLETER, 0);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_ABSENT);
    add_express_port(&w, "42:00.0", ROUTING, 0);
    add_express_port(&w, "40:01.0", ROUTING, 0);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_ABSENT);
}
END_TEST

START_TEST(an_upstream_port_may_block_them)
{
    add_express_port(&w, "42:00.0", ROUTING, 0x80);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_COMPLETED);
    add_express_port(&w, "41:00.0", ROUTING, 0x80);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_ABSENT);
}
END_TEST

START_TEST(the_first_version_of_the_capability_has_none)
{
    function_of(&w, "40:01.0")->config[0x42] = 1;
    ck_assert_int_eq(of("43:00.0"), ATOMICS_ABSENT);
}
END_TEST

START_TEST(what_was_not_read_is_not_known)
{
    cut_config(&w, "40:01.0", 0x64);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_UNREADABLE);
    cut_config(&w, "40:01.0", 0x41);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_UNREADABLE);
    cut_config(&w, "40:01.0", 0);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_UNREADABLE);
    /* One that is known to stop them is enough. */
    add_express_port(&w, "41:00.0", 0, 0);
    ck_assert_int_eq(of("43:00.0"), ATOMICS_ABSENT);
}
END_TEST

START_TEST(on_a_root_bus_nothing_is_in_the_way)
{
    ck_assert_int_eq(of("40:02.0"), ATOMICS_COMPLETED);
}
END_TEST

START_TEST(gpus_and_accelerators_of_amd_want_them)
{
    static const char *const want[] = {"43:00.0", "43:00.2", "40:02.0"};
    static const char *const not [] = {"43:00.1", "43:00.3", "43:00.4", "42:00.0"};

    for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
        ck_assert(host_function_wants_atomics(function_of(&w, want[i])));
    for (size_t i = 0; i < sizeof(not ) / sizeof(*not ); i++)
        ck_assert(!host_function_wants_atomics(function_of(&w, not [i])));
    ck_assert_int_eq(of("43:00.3"), ATOMICS_ABSENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("atomics");
    TCase *tcase = tcase_create("atomics");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, every_port_has_to_let_them_through);
    tcase_add_test(tcase, an_upstream_port_may_block_them);
    tcase_add_test(tcase, the_first_version_of_the_capability_has_none);
    tcase_add_test(tcase, what_was_not_read_is_not_known);
    tcase_add_test(tcase, on_a_root_bus_nothing_is_in_the_way);
    tcase_add_test(tcase, gpus_and_accelerators_of_amd_want_them);
    return run_suite(suite);
}
