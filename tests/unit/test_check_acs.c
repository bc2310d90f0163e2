/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_acs.c - which ports are asked about their ACS, and what is said of each value */
#include "build.h"

#include "check/check.h"
#include "model/pcicap.h"

#include <check.h>
#include <string.h>

static struct world w;
static struct check_results results;

/* Two GPUs and a NIC below one switch, a GPU below a second one inside it, and a GPU on a root
 * port. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:03.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, NIC},
        {"44:00.1", "42:01.0", PORT_NONE, 0, NIC},
        {"45:00.0", "42:02.0", PORT_UPSTREAM, 0},
        {"46:00.0", "45:00.0", PORT_DOWNSTREAM, 0},
        {"47:00.0", "46:00.0", PORT_NONE, 0, GPU},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_NONE, 0, GPU},
    };
    static const char *const ports[] = {"42:00.0", "42:01.0", "42:02.0", "42:03.0", "46:00.0"};

    world_init(&w);
    ADD_FUNCTIONS(&w, rows);
    results = (struct check_results){0};
    for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
        add_config_space(&w, ports[i], 0x10);
        add_extended_capability(&w, ports[i], PCICAP_EXT_ACS, 0x5f, 0x5d);
    }
}

static void teardown(void)
{
    check_results_clear(&results);
    world_clear(&w);
}

static void set_acs(const char *port, uint16_t able, uint16_t control)
{
    add_config_space(&w, port, 0x10);
    add_extended_capability(&w, port, PCICAP_EXT_ACS, able, control);
}

START_TEST(what_a_guest_needs_is_not_reported)
{
    run_checks(&w, CHECK_ACS | CHECK_UNREAD, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(redirection_without_direct_translated_p2p)
{
    const struct check_result *result;

    set_acs("42:00.0", 0x5f, 0x1d);
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    result = result_of(&results, FINDING_ACS_INDIRECT, "42:00.0");
    ck_assert_ptr_nonnull(result);
    ck_assert_str_eq(
        result->is,
        "ACS Control (extended capability 000d at 0x100, register 0x106) is 0x001d (ACS "
        "Capability 0x005f): direct translated P2P is off");
    ck_assert(result->has_reg);
    ck_assert_uint_eq(result->reg.offset, 0x106);
    ck_assert_uint_eq(result->reg.value, 0x1d);
    ck_assert_ptr_nonnull(strstr(result->how, "ECAP_ACS+6.w=0040:0040"));
}
END_TEST

START_TEST(a_port_that_cannot_is_not_expected_to)
{
    const struct check_result *result;

    set_acs("42:00.0", 0x1f, 0x1d);
    run_checks(&w, CHECK_ACS, &results, NULL);
    result = result_of(&results, FINDING_ACS_INDIRECT, "42:00.0");
    ck_assert_ptr_nonnull(result);
    ck_assert_ptr_null(strstr(result->how, "setpci"));
}
END_TEST

START_TEST(nothing_set)
{
    const struct check_result *result;

    set_acs("42:01.0", 0x5f, 0x00);
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 1); /* without redirection there is no exception from it */
    result = result_of(&results, FINDING_ACS_OPEN, "42:01.0");
    ck_assert_ptr_nonnull(result);
    ck_assert_ptr_nonnull(
        strstr(result->is, "source validation, P2P request redirect, P2P completion redirect and "
                           "upstream forwarding are off"));
}
END_TEST

START_TEST(each_bit_of_isolation_counts)
{
    static const struct {
        uint16_t bit;
        const char *name;
    } bits[] = {
        {0x01, ": source validation is off"},
        {0x04, ": P2P request redirect is off"},
        {0x08, ": P2P completion redirect is off"},
        {0x10, ": upstream forwarding is off"},
    };

    for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
        const struct check_result *result;

        set_acs("42:01.0", 0x5f, (uint16_t)(0x5d & ~bits[i].bit));
        run_checks(&w, CHECK_ACS, &results, NULL);
        ck_assert_uint_eq(results.count, 1);
        result = result_of(&results, FINDING_ACS_OPEN, "42:01.0");
        ck_assert_ptr_nonnull(result);
        ck_assert_ptr_nonnull(strstr(result->is, bits[i].name));
    }
}
END_TEST

START_TEST(egress_control_and_translation_blocking)
{
    set_acs("42:00.0", 0x7f, 0x7d);
    set_acs("42:01.0", 0x7f, 0x5f);
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 2);
    ck_assert_ptr_nonnull(
        strstr(result_of(&results, FINDING_ACS_BLOCKS, "42:00.0")->is, "egress control is on"));
    ck_assert_ptr_nonnull(strstr(result_of(&results, FINDING_ACS_BLOCKS, "42:01.0")->is,
                                 "translation blocking is on"));
}
END_TEST

START_TEST(without_the_capability)
{
    add_config_space(&w, "42:02.0", 0x10);
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_ABSENT, "42:02.0"));
}
END_TEST

START_TEST(only_ports_between_two_of_the_devices)
{
    set_acs("42:03.0", 0x5f, 0); /* empty */
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 0);

    set_acs("42:00.0", 0x5f, 0);
    set_acs("42:01.0", 0x5f, 0);
    set_acs("42:02.0", 0x5f, 0);
    run_checks(&w, CHECK_ACS, &results, "43:00.0", "61:00.0", NULL); /* no switch is above both */
    ck_assert_uint_eq(results.count, 0);
    run_checks(&w, CHECK_ACS, &results, "44:00.0", "44:00.1", NULL); /* one card */
    ck_assert_uint_eq(results.count, 0);
    run_checks(&w, CHECK_ACS, &results, "43:00.0", "47:00.0", NULL);
    ck_assert_uint_eq(results.count, 2);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_OPEN, "42:00.0"));
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_OPEN, "42:02.0"));
}
END_TEST

/* What goes up from the inner switch parts from the ways to the others at a port of the outer one.
 */
START_TEST(ports_below_the_one_where_ways_part)
{
    set_acs("46:00.0", 0x5f, 0);
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_OPEN, "46:00.0"));
    run_checks(&w, CHECK_ACS, &results, "47:00.0", "61:00.0", NULL); /* no switch is above both */
    ck_assert_uint_eq(results.count, 0);

    set_acs("46:00.0", 0x5f, 0x5f);
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_BLOCKS, "46:00.0"));

    set_acs("46:00.0", 0x5f, 0x1d); /* it has nothing to send across */
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
    add_config_space(&w, "46:00.0", 0x10);
    run_checks(&w, CHECK_ACS, &results, NULL);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

/* rdma_topo asks for it on the ports of NICs only. */
START_TEST(direct_translated_p2p_is_for_those_that_may_have_ats)
{
    set_acs("42:00.0", 0x5f, 0x1d);
    set_acs("42:01.0", 0x5f, 0x1d);
    add_config_space(&w, "43:00.0", 0x10);
    add_config_space(&w, "44:00.0", 0x10);
    add_config_space(&w, "44:00.1", 0x10);
    run_checks(&w, CHECK_ACS | CHECK_ATS, &results, NULL);
    ck_assert_ptr_null(result_of(&results, FINDING_ACS_INDIRECT, "42:00.0"));
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_INDIRECT, "42:01.0")); /* a NIC's */
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ATS_ABSENT, "43:00.0"));

    add_extended_capability(&w, "43:00.0", PCICAP_EXT_ATS, 0, 0x8000);
    run_checks(&w, CHECK_ACS | CHECK_ATS, &results, NULL);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_INDIRECT, "42:00.0"));

    add_config_space(&w, "43:00.0", 0x10);
    run_checks(&w, CHECK_ACS, &results, NULL); /* ATS is not asked about */
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_INDIRECT, "42:00.0"));
    cut_config(&w, "43:00.0", 64);
    run_checks(&w, CHECK_ACS | CHECK_ATS, &results, NULL);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_INDIRECT, "42:00.0"));
}
END_TEST

START_TEST(what_cannot_be_read_is_not_judged)
{
    static const size_t sizes[] = {0, 63, 64, 255, 256, 0x100, 0x103, 0x107};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        set_acs("42:00.0", 0x5f, 0x00);
        cut_config(&w, "42:00.0", sizes[i]);
        run_checks(&w, CHECK_ACS | CHECK_UNREAD, &results, NULL);
        ck_assert_uint_eq(results.count, 1);
        ck_assert_str_eq(
            result_of(&results, FINDING_CONFIG_UNREAD, NULL)->is,
            "the configuration space of 0000:42:00.0 could not be read as far as needed");
    }
    set_acs("42:00.0", 0x5f, 0x00);
    cut_config(&w, "42:00.0", 0x108);
    run_checks(&w, CHECK_ACS | CHECK_UNREAD, &results, NULL);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_ACS_OPEN, "42:00.0"));
}
END_TEST

/* A port that fell off the bus, or sleeps. */
START_TEST(all_ones_are_no_value)
{
    set_acs("42:00.0", 0xffff, 0xffff);
    memset(function_of(&w, "42:01.0")->config, 0xff, 4096);
    run_checks(&w, CHECK_ACS | CHECK_UNREAD, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_str_eq(result_of(&results, FINDING_CONFIG_UNREAD, NULL)->is,
                     "the configuration space of 0000:42:00.0 and 0000:42:01.0 could not be read "
                     "as far as needed");
}
END_TEST

START_TEST(states_of_ports)
{
    static const struct {
        uint16_t control;
        enum acs_state state;
    } rows[] = {
        {0x5d, ACS_DIRECT}, {0x1d, ACS_REDIRECT}, {0x00, ACS_OPEN},
        {0x5c, ACS_OPEN},   {0x7d, ACS_BLOCK},    {0x5f, ACS_BLOCK},
        {0x20, ACS_BLOCK},  {0x40, ACS_OPEN},     {0xffff, ACS_UNREADABLE},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        set_acs("42:00.0", 0x7f, rows[i].control);
        ck_assert_int_eq(check_acs_state(function_of(&w, "42:00.0"), NULL), rows[i].state);
    }
    add_config_space(&w, "42:00.0", 0x10);
    ck_assert_int_eq(check_acs_state(function_of(&w, "42:00.0"), NULL), ACS_NONE);
    cut_config(&w, "42:00.0", 64);
    ck_assert_int_eq(check_acs_state(function_of(&w, "42:00.0"), NULL), ACS_UNREADABLE);
    ck_assert_ptr_null(acs_state_name(ACS_UNREADABLE));
    ck_assert_str_eq(acs_state_name(ACS_BLOCK), "block");
}
END_TEST

START_TEST(lists_that_run_in_circles_end)
{
    unsigned char *config;

    add_config_space(&w, "42:00.0", 0x10);
    add_extended_capability(&w, "42:00.0", 0x0001, 0, 0);
    config = function_of(&w, "42:00.0")->config;
    config[0x102] = 0x01; /* the next one is this one */
    config[0x103] = 0x10;
    run_checks(&w, CHECK_ACS | CHECK_UNREAD, &results, NULL);
    ck_assert_uint_eq(results.count, 1);
    ck_assert_ptr_nonnull(result_of(&results, FINDING_CONFIG_UNREAD, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_acs");
    TCase *tcase = tcase_create("check_acs");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_a_guest_needs_is_not_reported);
    tcase_add_test(tcase, redirection_without_direct_translated_p2p);
    tcase_add_test(tcase, a_port_that_cannot_is_not_expected_to);
    tcase_add_test(tcase, nothing_set);
    tcase_add_test(tcase, each_bit_of_isolation_counts);
    tcase_add_test(tcase, egress_control_and_translation_blocking);
    tcase_add_test(tcase, without_the_capability);
    tcase_add_test(tcase, only_ports_between_two_of_the_devices);
    tcase_add_test(tcase, ports_below_the_one_where_ways_part);
    tcase_add_test(tcase, direct_translated_p2p_is_for_those_that_may_have_ats);
    tcase_add_test(tcase, what_cannot_be_read_is_not_judged);
    tcase_add_test(tcase, all_ones_are_no_value);
    tcase_add_test(tcase, states_of_ports);
    tcase_add_test(tcase, lists_that_run_in_circles_end);
    return run_suite(suite);
}
