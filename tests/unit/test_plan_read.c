/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_plan_read.c - what a plan expects, and files that are no plans */
#include "build.h"

#include "json/plan_read.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define HEAD "{\"format\": \"vtopo-plan\", \"version\": 1, "
#define EXPANDER                                                                                   \
    "{\"index\": 10, \"model\": \"pcie-expander-bus\", \"parent\": 0, \"cell\": 1, "               \
    "\"guest_bdf\": \"0000:00:1c.0\"}"
#define PORT                                                                                       \
    "{\"index\": 11, \"model\": \"pcie-root-port\", \"parent\": 10, \"cell\": null, "              \
    "\"guest_bdf\": \"0000:c0:00.0\", \"alias\": \"ua-vtopo-rp\", \"new\": {}}"
#define CARDS "\"cards\": [{\"controller\": 11}], "
#define CONTROLLERS "\"controllers\": [" EXPANDER ", " PORT "], "
#define DEVICE_START                                                                               \
    "{\"host_bdf\": \"0000:41:00.0\", \"kind\": \"hostdev\", \"name\": \"hostdev\", "              \
    "\"vendor_device\": \"10de:2330\", "
#define DEVICE                                                                                     \
    DEVICE_START "\"guest_bdf_after\": \"0000:c1:00.0\", \"card\": 0, \"link\": \"32.0 GT/s x16\"}"
#define PLAN(devices) HEAD CARDS CONTROLLERS "\"devices\": [" devices "]}"

static struct expectation list;

static int read_plan(const char *text, struct vtopo_error **reterr)
{
    expectation_clear(&list);
    return plan_read(text, strlen(text), "plan.json", &list, reterr);
}

static void teardown(void)
{
    expectation_clear(&list);
}

START_TEST(a_device_with_all_that_is_expected)
{
    ck_assert_int_eq(read_plan(PLAN(DEVICE), NULL), 0);
    ck_assert_uint_eq(list.count, 1);
    ck_assert(list.items[0].has_bdf);
    ck_assert_str_eq(BDF_TEXT(&list.items[0].bdf), "0000:c1:00.0");
    ck_assert_str_eq(list.items[0].name, "hostdev");
    ck_assert(list.items[0].has_ids && list.items[0].has_ports);
    ck_assert_uint_eq(list.items[0].vendor, 0x10de);
    ck_assert_int_eq(list.items[0].node, 1);
    ck_assert_uint_eq(list.items[0].port_count, 1);
    ck_assert_uint_eq(list.items[0].ports[0].bus, 0xc0);
    ck_assert_uint_eq(list.items[0].link.speed, 320);
    ck_assert_uint_eq(list.items[0].link.width, 16);
}
END_TEST

/* The bridge that QEMU puts into it is above its devices. */
START_TEST(a_conventional_expander_has_a_bridge)
{
#define CONVENTIONAL(range)                                                                        \
    HEAD "\"cards\": [{\"controller\": 10}], \"controllers\": [{\"index\": 10, \"model\": "        \
         "\"pci-expander-bus\", \"parent\": 0, \"cell\": 1, \"guest_bdf\": \"0000:00:1e.0\"" range \
         "}], \"devices\": [" DEVICE_START                                                         \
         "\"guest_bdf_after\": \"0000:e1:01.0\", \"card\": 0, \"link\": null}]}"
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(
        read_plan(CONVENTIONAL(", \"bus_range\": {\"first\": 224, \"last\": 225}"), NULL), 0);
    ck_assert_int_eq(list.items[0].node, 1);
    ck_assert_uint_eq(list.items[0].port_count, 1);
    ck_assert_str_eq(BDF_TEXT(&list.items[0].ports[0]), "0000:e0:00.0");
    ck_assert_int_eq(read_plan(CONVENTIONAL(""), &error), VTOPO_ERR_FILE);
    vtopo_error_free(error);
}
END_TEST

START_TEST(what_is_null_is_not_expected)
{
    ck_assert_int_eq(
        read_plan(PLAN(DEVICE_START "\"guest_bdf_after\": null, \"card\": null, \"link\": null}"),
                  NULL),
        0);
    ck_assert_uint_eq(list.count, 1);
    ck_assert(!list.items[0].has_bdf);
    ck_assert_int_eq(
        read_plan(PLAN(DEVICE_START "\"fate\": \"unassigned\", \"guest_bdf_after\": null}"), NULL),
        0);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_int_eq(
        read_plan(PLAN("{\"host_bdf\": null, \"guest_bdf_after\": \"0000:01:00.0\"}"), NULL), 0);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_int_eq(
        read_plan(PLAN(DEVICE_START "\"guest_bdf_after\": \"0000:01:00.0\", \"card\": null}"),
                  NULL),
        0);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_int_eq(list.items[0].node, EXPECTED_ANY);
    ck_assert(!list.items[0].has_ports);
    ck_assert_uint_eq(list.items[0].link.speed, 0);
}
END_TEST

START_TEST(ids_of_mediated_devices_are_the_guests_own)
{
    ck_assert_int_eq(
        read_plan(
            PLAN(
                "{\"host_bdf\": \"0000:41:00.0\", \"kind\": \"mdev\", \"vendor_device\": \"10de:2330\","
                " \"guest_bdf_after\": \"0000:01:00.0\", \"card\": null}"),
            NULL),
        0);
    ck_assert(!list.items[0].has_ids);
}
END_TEST

/* A plan with links of ports. */
START_TEST(a_link_of_a_port_is_compared_too)
{
    ck_assert_int_eq(
        read_plan(HEAD CARDS
                  "\"controllers\": [{\"index\": 11, \"model\": \"pcie-root-port\", \"parent\": 0,"
                  " \"cell\": null, \"guest_bdf\": \"0000:00:02.0\", \"alias\": \"port\\u001b[1m\","
                  " \"link\": \"16.0 GT/s x8\"}], \"devices\": []}",
                  NULL),
        0);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.items[0].name, "port?[1m");
    ck_assert_uint_eq(list.items[0].link.width, 8);
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    {"", "plan.json:1: not JSON: "},
    {"[]", "plan.json: not a plan of vtopo-xml --explain=json"},
    {"{\"format\": 1}", "plan.json: not a plan"},
    {"{\"format\": \"vtopo-plan\", \"format\": \"vtopo-plan\"}",
     "plan.json:1: not JSON: duplicate object key"},
    {"{\"format\": \"vtopo-plan\", \"version\": 2}",
     "plan.json: version: must be a number in range"},
    {HEAD "\"cards\": {}}", "plan.json: cards: must be a list"},
    {HEAD CARDS "\"devices\": []}", "plan.json: controllers: must be a list"},
    {HEAD CARDS CONTROLLERS "\"devices\": 3}", "plan.json: devices: must be a list"},
    {PLAN("7"), "plan.json: devices[0]: must be an object"},
    {PLAN("{\"host_bdf\": \"41\"}"),
     "plan.json: devices[0].host_bdf: must be a PCI address, or null"},
    {PLAN("{\"host_bdf\": \"41:00.0\", \"guest_bdf_after\": 5}"),
     "devices[0].guest_bdf_after: must be a PCI address"},
    {PLAN(DEVICE_START "\"guest_bdf_after\": \"c1:00.0\", \"card\": 1}"),
     "devices[0].card: there is no such card"},
    {PLAN(DEVICE_START "\"guest_bdf_after\": \"c1:00.0\", \"card\": -1}"),
     "devices[0].card: must be a number in range"},
    {PLAN(DEVICE_START "\"guest_bdf_after\": \"c1:00.0\", \"card\": null, \"link\": \"fast\"}"),
     "devices[0].link: must be like \"16.0 GT/s x16\", or null"},
    {PLAN(
         "{\"host_bdf\": \"41:00.0\", \"guest_bdf_after\": \"c1:00.0\", \"kind\": \"hostdev\", \"vendor_device\": \"10de\"}"),
     "devices[0].vendor_device: must be like"},
    {PLAN("{\"host_bdf\": \"41:00.0\", \"guest_bdf_after\": \"c1:00.0\"}"),
     "devices[0].kind: must be a string"},
    {HEAD CARDS "\"controllers\": [{\"index\": 256, \"model\": \"x\"}], \"devices\": []}",
     "controllers[0].index: must be a number in range"},
    {HEAD CARDS "\"controllers\": [{\"index\": 1}], \"devices\": []}",
     "controllers[0].model: is missing"},
    {HEAD CARDS "\"controllers\": [], \"devices\": [" DEVICE "]}",
     "devices[0].card: leads to controllers that the plan does not have"},
    /* a circle */
    {HEAD CARDS
     "\"controllers\": [{\"index\": 11, \"model\": \"pcie-root-port\", \"parent\": 11, \"cell\": null,"
     " \"guest_bdf\": \"c0:00.0\"}], \"devices\": [" DEVICE "]}",
     "devices[0].card: leads to controllers that the plan does not have"},
};

START_TEST(what_is_no_plan)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(read_plan(bad[_i].text, &error), VTOPO_ERR_FILE);
    ck_assert_msg(strstr(vtopo_error_message(error), bad[_i].message) != NULL, "%s",
                  vtopo_error_message(error));
    ck_assert_uint_eq(list.count, 0);
    vtopo_error_free(error);
}
END_TEST

START_TEST(deep_nesting_is_no_plan)
{
    char *text = malloc(200001);

    ck_assert_ptr_nonnull(text);
    memset(text, '[', 200000);
    text[200000] = '\0';
    ck_assert_int_eq(read_plan(text, NULL), VTOPO_ERR_FILE);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan_read");
    TCase *tcase = tcase_create("plan_read");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, a_device_with_all_that_is_expected);
    tcase_add_test(tcase, a_conventional_expander_has_a_bridge);
    tcase_add_test(tcase, what_is_null_is_not_expected);
    tcase_add_test(tcase, ids_of_mediated_devices_are_the_guests_own);
    tcase_add_test(tcase, a_link_of_a_port_is_compared_too);
    tcase_add_loop_test(tcase, what_is_no_plan, 0, (int)(sizeof(bad) / sizeof(*bad)));
    tcase_add_test(tcase, deep_nesting_is_no_plan);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
