/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_links.c - do links run as fast as they can? */
#include "build.h"

#include "check/check.h"

#include <check.h>
#include <string.h>

static struct world w;
static struct check_results results;

/* A GPU and a NIC of two ports, one with a virtual function, below a switch. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, NIC},
        {"44:00.1", "42:01.0", PORT_NONE, 0, NIC},
        {"44:02.0", "42:01.0", PORT_NONE, 0, NIC, "44:00.1"},
    };

    world_init(&w);
    ADD_FUNCTIONS(&w, rows);
    results = (struct check_results){0};
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].link_now = w.host.functions.items[i].link_max =
            (struct host_link){160, 16};
    function_of(&w, "44:02.0")->link_now = function_of(&w, "44:02.0")->link_max =
        (struct host_link){0, 0};
}

static void set_now(const char *host, unsigned speed, unsigned width)
{
    function_of(&w, host)->link_now = (struct host_link){speed, width};
}

static void teardown(void)
{
    check_results_clear(&results);
    world_clear(&w);
}

START_TEST(at_the_maximum)
{
    run_checks(&w, CHECK_LINKS | CHECK_UNREAD, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(slow_or_narrow)
{
    set_now("43:00.0", 25, 16);
    set_now("44:00.0", 160, 8);
    run_checks(&w, CHECK_LINKS | CHECK_UNREAD, &results, NULL);
    ck_assert_uint_eq(results.count, 2);
    ck_assert_str_eq(result_of(&results, FINDING_LINK_LOW, "43:00.0")->is,
                     "its link is slow: it runs at 2.5 GT/s x16 and could run at 16.0 GT/s x16; "
                     "the port 0000:42:00.0 "
                     "above it can do 16.0 GT/s x16");
    ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_LINK_LOW, "43:00.0")->how, "idle"));
    ck_assert_ptr_nonnull(
        strstr(result_of(&results, FINDING_LINK_LOW, "44:00.0")->is, "16.0 GT/s x8"));
}
END_TEST

START_TEST(the_register_is_shown)
{
    const struct check_result *result;

    add_config_space(&w, "43:00.0", 0x10);
    function_of(&w, "43:00.0")->config[0x52] = 0x01;
    function_of(&w, "43:00.0")->config[0x53] = 0x11;
    set_now("43:00.0", 25, 16);
    run_checks(&w, CHECK_LINKS, &results, NULL);
    result = result_of(&results, FINDING_LINK_LOW, "43:00.0");
    ck_assert(result->has_reg);
    ck_assert_ptr_nonnull(strstr(
        result->is, "Link Status (capability 10 at 0x40, register 0x52) is 0x1101: it runs"));
}
END_TEST

START_TEST(a_slot_that_cannot_do_more)
{
    function_of(&w, "42:00.0")->link_max = (struct host_link){80, 16};
    set_now("43:00.0", 80, 16);
    run_checks(&w, CHECK_LINKS, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(result_of(&results, FINDING_LINK_LOW, "43:00.0")->how,
                     "the port above it cannot do more: another slot");
    set_now("43:00.0", 25, 16); /* less than the slot can */
    run_checks(&w, CHECK_LINKS, &results, NULL);
    ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_LINK_LOW, "43:00.0")->how, "idle"));
}
END_TEST

START_TEST(switches_above_the_devices)
{
    set_now("41:00.0", 80, 16);
    set_now("42:00.0", 80, 16); /* the upper end: the lower one speaks for the link */
    run_checks(&w, CHECK_LINKS, &results, "43:00.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_LINK_LOW, "41:00.0"));
}
END_TEST

START_TEST(a_slot_has_one_link)
{
    set_now("44:00.0", 80, 16);
    set_now("44:00.1", 80, 16);
    run_checks(&w, CHECK_LINKS, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    run_checks(&w, CHECK_LINKS, &results, "44:00.1", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_LINK_LOW, "44:00.1"));
}
END_TEST

START_TEST(a_virtual_function_has_the_link_of_its_physical_one)
{
    set_now("44:00.1", 80, 16);
    run_checks(&w, CHECK_LINKS, &results, "44:02.0", NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_LINK_LOW, "44:00.1"));
}
END_TEST

START_TEST(what_is_unknown_is_not_low)
{
    set_now("43:00.0", 0, 0);
    function_of(&w, "44:00.0")->link_max = (struct host_link){0, 0};
    run_checks(&w, CHECK_LINKS | CHECK_UNREAD, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_links");
    TCase *tcase = tcase_create("check_links");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, at_the_maximum);
    tcase_add_test(tcase, slow_or_narrow);
    tcase_add_test(tcase, the_register_is_shown);
    tcase_add_test(tcase, a_slot_that_cannot_do_more);
    tcase_add_test(tcase, switches_above_the_devices);
    tcase_add_test(tcase, a_slot_has_one_link);
    tcase_add_test(tcase, a_virtual_function_has_the_link_of_its_physical_one);
    tcase_add_test(tcase, what_is_unknown_is_not_low);
    return run_suite(suite);
}
