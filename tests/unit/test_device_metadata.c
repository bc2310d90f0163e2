/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_device_metadata.c - what DRA drivers say of devices: one stream, and what contradicts it */
#include "kubevirt/device_metadata.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define OBJECT(version, attributes)                                                                \
    "{\"kind\": \"DeviceMetadata\", \"apiVersion\": \"metadata.resource.k8s.io/" version "\", "    \
    "\"metadata\": {\"name\": \"claim\"}, \"requests\": [{\"name\": \"gpu\", \"devices\": "        \
    "[{\"driver\": \"gpu.example.com\", \"attributes\": {" attributes "}}]}]}"
#define ADDRESS "\"resource.kubernetes.io/pciBusID\": {\"string\": \"0000:41:00.0\"}"
#define ROOT "\"resource.kubernetes.io/pcieRoot\": {\"string\": \"pci0000:3a\"}"
#define NODE "\"resource.kubernetes.io/numaNode\": {\"int\": 1}"

static struct device_metadata_list list;

static void setup(void)
{
    list = (struct device_metadata_list){0};
}

static void teardown(void)
{
    device_metadata_clear(&list);
}

static void parse(const char *text)
{
    ck_assert_int_eq(device_metadata_parse(text, strlen(text), "a", &list, NULL), 0);
}

/* The only device: "0000:41:00.0 pci0000:3a node 1". */
static void expect(const char *wanted)
{
    const struct device_metadata *d = list.devices.items;
    char found[128];

    ck_assert_uint_eq(list.devices.count, 1);
    snprintf(found, sizeof(found), "%s %s node %d", BDF_TEXT(&d->bdf),
             d->has_root ? BDF_TEXT(&d->root) : "-", d->node);
    ck_assert_str_eq(found, wanted);
}

static void expect_problem(const char *wanted)
{
    ck_assert_uint_eq(list.problems.count, 1);
    ck_assert_str_eq(list.problems.items[0], wanted);
}

START_TEST(attributes)
{
    parse(OBJECT("v1beta1", ADDRESS ", " ROOT ", " NODE));
    expect("0000:41:00.0 0000:3a:00.0 node 1");
    ck_assert_str_eq(list.devices.items[0].uuid, "");
    ck_assert_uint_eq(list.problems.count, 0);
}
END_TEST

START_TEST(other_names_of_attributes)
{
    parse(OBJECT("v1alpha1", "\"resource.k8s.io/pciBusID\": {\"string\": \"0000:41:00.0\"}, "
                             "\"pcieRoot\": {\"string\": \"pci10000:e1\"}, "
                             "\"numaNode\": {\"int\": 5}, " NODE));
    expect("0000:41:00.0 10000:e1:00.0 node 1");
}
END_TEST

START_TEST(list_of_nodes)
{
    parse(OBJECT("v1beta1", ADDRESS ", \"resource.kubernetes.io/numaNode\": {\"ints\": [3, 2]}"));
    expect("0000:41:00.0 - node 3");
}
END_TEST

START_TEST(mediated_device)
{
    parse(OBJECT("v1beta1", ADDRESS ", \"mdevUUID\": {\"string\": "
                                    "\"bd5a3f3e-8b4c-4a59-9a3e-2f7f3b0c1d2e\"}"));
    expect("0000:41:00.0 - node -1");
    ck_assert_str_eq(list.devices.items[0].uuid, "bd5a3f3e-8b4c-4a59-9a3e-2f7f3b0c1d2e");
}
END_TEST

static const char *const strange[] = {
    "\"resource.kubernetes.io/pcieRoot\": {\"string\": \"pci0000\"}",
    "\"resource.kubernetes.io/pcieRoot\": {\"string\": \"0000:3a\"}",
    "\"resource.kubernetes.io/pcieRoot\": {\"string\": \"pci0000:3a/0000:3a:00.0\"}",
    "\"resource.kubernetes.io/pcieRoot\": {\"string\": \"pci0000:3A\"}",
    "\"resource.kubernetes.io/pcieRoot\": {\"int\": 5}",
    "\"resource.kubernetes.io/pcieRoot\": \"pci0000:3a\"",
    "\"resource.kubernetes.io/numaNode\": {\"int\": -1}",
    "\"resource.kubernetes.io/numaNode\": {\"int\": 1024}",
    "\"resource.kubernetes.io/numaNode\": {\"int\": 4294967297}",
    "\"resource.kubernetes.io/numaNode\": {\"int\": 1.0}",
    "\"resource.kubernetes.io/numaNode\": {\"string\": \"1\"}",
    "\"resource.kubernetes.io/numaNode\": {\"ints\": []}",
    "\"resource.kubernetes.io/numaNode\": {\"ints\": [-1, 1]}",
    "\"mdevUUID\": {\"string\": \"../../../../etc/passwd\"}",
    "\"mdevUUID\": {\"string\": \"bd5a3f3e-8b4c-4a59-9a3e-2f7f3b0c1d2e0\"}",
    "\"mdevUUID\": {\"string\": \"bd5a3f3e\"}",
};

START_TEST(strange_values)
{
    char text[1024];

    snprintf(text, sizeof(text), OBJECT("v1beta1", ADDRESS ", %s"), strange[_i]);
    parse(text);
    expect("0000:41:00.0 - node -1");
    ck_assert_str_eq(list.devices.items[0].uuid, "");
}
END_TEST

static const char *const no_devices[] = {
    "",
    " \n\t",
    OBJECT("v1beta1", ROOT),
    OBJECT("v1beta1", "\"resource.kubernetes.io/pciBusID\": {\"string\": \"41:00.0\"}"),
    OBJECT("v1beta1", "\"resource.kubernetes.io/pciBusID\": {\"string\": \"0000:41:00.0 \"}"),
    OBJECT("v1beta1", "\"resource.kubernetes.io/pciBusID\": {\"strings\": [\"0000:41:00.0\"]}"),
    "{\"kind\": \"DeviceMetadata\", \"apiVersion\": \"metadata.resource.k8s.io/v1\"}",
    "{\"kind\": \"DeviceMetadata\", \"apiVersion\": \"metadata.resource.k8s.io/v1\", \"requests\": {}}",
    "{\"kind\": \"DeviceMetadata\", \"apiVersion\": \"metadata.resource.k8s.io/v1\", \"requests\": "
    "[5, {\"devices\": [null, {}, {\"attributes\": []}]}]}",
};

/* An empty file is one that its driver has not written yet. */
START_TEST(nothing_in_it)
{
    parse(no_devices[_i]);
    ck_assert_uint_eq(list.devices.count, 0);
    ck_assert_uint_eq(list.problems.count, 0);
}
END_TEST

/* The first that is known counts, and what is behind it is not looked at. */
START_TEST(versions_in_a_stream)
{
    parse(OBJECT("v2", ADDRESS ", \"numaNode\": {\"int\": 7}") "\n" OBJECT(
        "v1beta1", ADDRESS ", " NODE) "\n" OBJECT("v1alpha1", ADDRESS ", " ROOT) "{");
    expect("0000:41:00.0 - node 1");
    ck_assert_uint_eq(list.problems.count, 0);
}
END_TEST

START_TEST(unknown_versions)
{
    parse(OBJECT("v2", ADDRESS) "{\"kind\": \"DeviceMetadata\", \"apiVersion\": 5} []");
    ck_assert_uint_eq(list.devices.count, 0);
    expect_problem("'a' cannot be used: it has no object of a version that is known");
}
END_TEST

START_TEST(no_json)
{
    parse("{\"kind\": \"DeviceMetadata\", \"kind\": \"x\"}");
    expect_problem("'a' cannot be used: duplicate object key near '\"kind\"'");
}
END_TEST

START_TEST(two_files_complete_each_other)
{
    parse(OBJECT("v1beta1", ADDRESS ", " ROOT));
    parse(OBJECT("v1beta1", ADDRESS ", " NODE));
    expect("0000:41:00.0 0000:3a:00.0 node 1");
    ck_assert_uint_eq(list.problems.count, 0);
}
END_TEST

START_TEST(two_files_contradict_each_other)
{
    parse(OBJECT("v1beta1", ADDRESS ", " ROOT ", " NODE));
    parse(OBJECT("v1beta1", ADDRESS ", " ROOT ", \"numaNode\": {\"int\": 0}"));
    expect("0000:41:00.0 0000:3a:00.0 node -1");
    expect_problem("'a' contradicts another file on the place of 0000:41:00.0, so neither counts "
                   "there");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("device_metadata");
    TCase *tcase = tcase_create("device_metadata");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, attributes);
    tcase_add_test(tcase, other_names_of_attributes);
    tcase_add_test(tcase, list_of_nodes);
    tcase_add_test(tcase, mediated_device);
    tcase_add_loop_test(tcase, strange_values, 0, sizeof(strange) / sizeof(*strange));
    tcase_add_loop_test(tcase, nothing_in_it, 0, sizeof(no_devices) / sizeof(*no_devices));
    tcase_add_test(tcase, versions_in_a_stream);
    tcase_add_test(tcase, unknown_versions);
    tcase_add_test(tcase, no_json);
    tcase_add_test(tcase, two_files_complete_each_other);
    tcase_add_test(tcase, two_files_contradict_each_other);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
