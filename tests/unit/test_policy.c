/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_policy.c - the built-in policy, policy files, and the lines in their errors */
#include "model/policy.h"
#include "vtopo/host.h"
#include "vtopo/policy.h"
#include "json/locate.h"

#include "suite.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/vtopo-test-policy-XXXXXX";

/* Reads @text as a policy file. */
static struct vtopo_policy *read_text(const char *text, size_t length, struct vtopo_error **reterr)
{
    struct vtopo_policy *policy = NULL;
    FILE *file = fopen(path, "w");
    int code;

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
    code = vtopo_policy_read(path, &policy, reterr);
    if (code) {
        ck_assert_int_eq(code, VTOPO_ERR_FILE);
        ck_assert_int_eq(vtopo_error_code(*reterr), VTOPO_ERR_FILE);
        ck_assert_ptr_null(policy);
    }
    return policy;
}

static struct vtopo_policy *read_good(const char *text)
{
    struct vtopo_error *error = NULL;
    struct vtopo_policy *policy = read_text(text, strlen(text), &error);

    ck_assert_msg(policy != NULL, "%s", error ? vtopo_error_message(error) : "");
    return policy;
}

/* The message of the error without the file's name: ":3: unknown..." */
static void expect_error(const char *text, const char *expected)
{
    struct vtopo_error *error = NULL;
    struct vtopo_policy *policy = read_text(text, strlen(text), &error);
    const char *message;

    ck_assert_msg(!policy, "accepted: %s", text);
    message = vtopo_error_message(error);
    ck_assert_msg(!strncmp(message, path, strlen(path)), "no file name in: %s", message);
    ck_assert_str_eq(message + strlen(path), expected);
    vtopo_error_free(error);
}

START_TEST(test_default)
{
    struct vtopo_policy *policy = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    ck_assert_int_eq(policy->mirror, MIRROR_SWITCH);
    ck_assert(!policy->strict && !policy->adopt);
    ck_assert_int_eq(policy->nvme_disks, NVME_DISKS_STAY);
    ck_assert_uint_eq(policy->spare_ports, 0);
    ck_assert_int_eq(policy->unmapped_node, UNMAPPED_EXPANDER);
    ck_assert_int_eq(policy->without_numa, WITHOUT_NUMA_LEAVE);
    ck_assert_uint_eq(policy->devices.count, 0);
    vtopo_policy_free(policy);
    vtopo_policy_free(NULL);
}
END_TEST

/* What is read of a host for it. */
START_TEST(test_details)
{
    static const struct {
        const char *text;
        unsigned details; /* besides VTOPO_HOST_ADDRESSES */
    } rows[] = {
        {"{}", VTOPO_HOST_PLACES},
        {"{\"links\": \"host\"}", VTOPO_HOST_LINKS | VTOPO_HOST_EMULATOR},
        {"{\"clique\": \"auto\"}", VTOPO_HOST_EMULATOR},
        {"{\"devices\": [{\"bdf\": \"41:00.0\", \"clique\": 0}]}", VTOPO_HOST_EMULATOR},
        {"{\"clique\": \"off\", \"devices\": [{\"bdf\": \"41:00.0\", \"clique\": 0}]}",
         VTOPO_HOST_PLACES},
        {"{\"devices\": [{\"bdf\": \"41:00.0\", \"keep\": true}]}", VTOPO_HOST_PLACES},
    };
    static const char spec[] = "cdiVersion: 0.6.0\nkind: nvidia.com/gpu\ndevices:\n"
                               "- name: a\n  annotations: {bdf: '41:00.0', clique-id: '3'}\n";
    struct vtopo_policy *policy;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        policy = read_good(rows[i].text);
        ck_assert_msg(vtopo_policy_details(policy) == (rows[i].details | VTOPO_HOST_ADDRESSES),
                      "%s", rows[i].text);
        vtopo_policy_free(policy);
    }
    policy = read_good("{}");
    ck_assert_int_eq(vtopo_policy_parse_cdi(policy, spec, strlen(spec), "spec", NULL), 0);
    ck_assert_uint_eq(vtopo_policy_details(policy), VTOPO_HOST_EMULATOR | VTOPO_HOST_ADDRESSES);
    vtopo_policy_free(policy);
    policy = read_good("{\"mmio\": \"off\"}");
    ck_assert_int_eq(vtopo_policy_details(policy), VTOPO_HOST_PLACES);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(test_setters)
{
    struct vtopo_policy *policy = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    ck_assert_int_eq(vtopo_policy_set_mirror(policy, VTOPO_MIRROR_NUMA), 0);
    ck_assert_int_eq(vtopo_policy_set_links(policy, VTOPO_LINKS_HOST), 0);
    ck_assert_int_eq(vtopo_policy_set_clique(policy, VTOPO_CLIQUE_OFF), 0);
    vtopo_policy_set_strict(policy, true);
    vtopo_policy_set_adopt(policy, true);
    ck_assert_int_eq(vtopo_policy_set_spare_ports(policy, 3), 0);
    ck_assert_int_eq(policy->mirror, MIRROR_NUMA);
    ck_assert_int_eq(policy->links, LINKS_HOST);
    ck_assert_int_eq(policy->clique, CLIQUE_OFF);
    ck_assert(policy->strict && policy->adopt);
    ck_assert_uint_eq(policy->spare_ports, 3);
    ck_assert_int_eq(vtopo_policy_set_spare_ports(policy, 255), 0);
    ck_assert_int_eq(vtopo_policy_set_spare_ports(policy, 256), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_set_spare_ports(policy, 4000000000U), VTOPO_ERR_USAGE);
    ck_assert_uint_eq(policy->spare_ports, 255);
    ck_assert_int_eq(vtopo_policy_set_mirror(policy, (enum vtopo_mirror)4), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_set_links(policy, (enum vtopo_links)2), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_set_clique(policy, (enum vtopo_clique)3), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_get_mirror(policy), VTOPO_MIRROR_NUMA);
    ck_assert_int_eq(vtopo_policy_get_links(policy), VTOPO_LINKS_HOST);
    ck_assert_int_eq(vtopo_policy_get_clique(policy), VTOPO_CLIQUE_OFF);
    ck_assert_uint_eq(vtopo_policy_get_spare_ports(policy), 255);
    ck_assert(vtopo_policy_get_strict(policy) && vtopo_policy_get_adopt(policy));
    vtopo_policy_free(policy);
}
END_TEST

static void expect_value(const struct vtopo_policy *policy, const char *key, const char *expected)
{
    char *value = NULL;

    ck_assert_int_eq(vtopo_policy_get(policy, key, &value, NULL), 0);
    ck_assert_str_eq(value, expected);
    free(value);
}

static const struct {
    const char *key, *initial, *value;
} by_name[] = {
    {"mirror", "switch", "exact"},
    {"strict", "no", "yes"},
    {"adopt", "no", "yes"},
    {"spare_ports", "0", "255"},
    {"links", "stock", "host"},
    {"clique", "cdi", "auto"},
    {"unmapped_node", "expander", "stay"},
    {"without_numa", "leave", "group"},
    {"nvme_disks", "stay", "move"},
    {"qemu_version", "", "10.2.1"},
    {"libvirt_version", "", "8.0.12"},
};

START_TEST(test_keys_by_name)
{
    struct vtopo_policy *policy = NULL;
    char *value = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    for (size_t i = 0; i < sizeof(by_name) / sizeof(*by_name); i++)
        expect_value(policy, by_name[i].key, by_name[i].initial);
    for (size_t i = 0; i < sizeof(by_name) / sizeof(*by_name); i++) {
        ck_assert_int_eq(vtopo_policy_check(by_name[i].key, by_name[i].value, NULL), 0);
        ck_assert_int_eq(vtopo_policy_set(policy, by_name[i].key, by_name[i].value, NULL), 0);
    }
    for (size_t i = 0; i < sizeof(by_name) / sizeof(*by_name); i++)
        expect_value(policy, by_name[i].key, by_name[i].value);
    ck_assert_int_eq(vtopo_policy_get(policy, "devices", &value, NULL), VTOPO_ERR_USAGE);
    ck_assert_ptr_null(value);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(test_wrong_keys_by_name)
{
    static const struct {
        const char *key, *value, *message;
    } wrong[] = {
        {"mirrow", "exact",
         "unknown key 'mirrow' (known: mirror, strict, adopt, spare_ports, vacated, unmapped_node, "
         "without_numa, nvme_disks, clique, links, generic_switch, atomics, hide_hypervisor, smmu, initiators, deliver, cells, cells_pin, "
         "cells_memory, qemu_version, libvirt_version, ovmf_version, "
         "seabios_version, mmio, rewrite, on_start, cells_nodes, avoid_cpus)"},
        {"mirror", "Exact",
         "'mirror' must be one of 'numa', 'root', 'switch', 'exact', not 'Exact'"},
        {"strict", "1", "'strict' must be one of 'no', 'yes', 'false', 'true', not '1'"},
        {"spare_ports", "256", "'spare_ports' must be a whole number from 0 to 255, not '256'"},
        {"spare_ports", "", "'spare_ports' must be a whole number from 0 to 255, not ''"},
        {"qemu_version", "10", "'qemu_version' must be a version like '10.0.0', not '10'"},
    };
    struct vtopo_policy *policy = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct vtopo_error *error = NULL;

        ck_assert_int_eq(vtopo_policy_check(wrong[i].key, wrong[i].value, NULL), VTOPO_ERR_USAGE);
        ck_assert_int_eq(vtopo_policy_set(policy, wrong[i].key, wrong[i].value, &error),
                         VTOPO_ERR_USAGE);
        ck_assert_str_eq(vtopo_error_message(error), wrong[i].message);
        vtopo_error_free(error);
    }
    ck_assert_int_eq(policy->mirror, MIRROR_SWITCH);
    vtopo_policy_free(policy);
}
END_TEST

/* What is known otherwise goes behind the policy's own word, whenever that comes. */
START_TEST(test_versions_are_learned)
{
    struct vtopo_policy *policy = NULL;
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    ck_assert_int_eq(vtopo_policy_learn(policy, "qemu_version", "7.2.22", NULL), 0);
    ck_assert(policy->qemu_version == 7002022 && policy->qemu_learned && !policy->libvirt_learned);
    ck_assert_int_eq(vtopo_policy_learn(policy, "qemu_version", "8.0.0", NULL), 0);
    ck_assert_uint_eq(policy->qemu_version, 7002022);
    ck_assert_int_eq(vtopo_policy_set(policy, "qemu_version", "9.0.0", NULL), 0);
    ck_assert(policy->qemu_version == 9000000 && !policy->qemu_learned);
    ck_assert_int_eq(vtopo_policy_learn(policy, "qemu_version", "10.0.0", NULL), 0);
    ck_assert(policy->qemu_version == 9000000 && !policy->qemu_learned);
    ck_assert_int_eq(vtopo_policy_learn(policy, "libvirt_version", "9.0.0", NULL), 0);
    ck_assert(policy->libvirt_version == 9000000 && policy->libvirt_learned);
    ck_assert_int_eq(vtopo_policy_learn(policy, "ovmf_version", "2025.02", NULL), 0);
    ck_assert_uint_eq(policy->ovmf_version, 2025002000);
    ck_assert_int_eq(vtopo_policy_learn(policy, "seabios_version", "1.16", NULL), 0);
    ck_assert_int_eq(vtopo_policy_learn(policy, "seabios_version", "one", NULL), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_learn(policy, "machine", "q35", NULL), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_learn(policy, "mirror", "exact", &error), VTOPO_ERR_USAGE);
    ck_assert_str_eq(vtopo_error_message(error), "'mirror' is no version");
    vtopo_error_free(error);
    ck_assert_int_eq(policy->mirror, MIRROR_SWITCH);
    vtopo_policy_free(policy);
}
END_TEST

static void expect_of_device(const struct vtopo_policy *policy, const char *device, const char *key,
                             const char *expected)
{
    char *value = NULL;

    ck_assert_int_eq(vtopo_policy_get_device(policy, device, key, &value, NULL), 0);
    ck_assert_msg(!value == !expected && (!value || !strcmp(value, expected)), "%s %s: %s", device,
                  key, value);
    free(value);
}

START_TEST(test_keys_of_devices_by_name)
{
    struct vtopo_policy *policy = NULL;
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    expect_of_device(policy, "41:00.0", "keep", NULL);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "41:00.0", "keep", "no", NULL), 0);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "0000:41:00.0", "node", "-1", NULL), 0);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "10de:2235", "clique", "15", NULL), 0);
    ck_assert_uint_eq(policy->devices.count, 2);
    expect_of_device(policy, "41:00.0", "keep", "no");
    expect_of_device(policy, "41:00.0", "node", "-1");
    expect_of_device(policy, "41:00.0", "clique", NULL);
    expect_of_device(policy, "10DE:2235", "clique", "15");
    ck_assert_int_eq(vtopo_policy_set_device(policy, "41:00.0", "node", "-2", &error),
                     VTOPO_ERR_USAGE);
    ck_assert_str_eq(vtopo_error_message(error),
                     "'node' must be a whole number from -1 to 1023, not '-2'");
    vtopo_error_free(error);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "eth0", "keep", "yes", &error),
                     VTOPO_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "not 'eth0'"));
    vtopo_error_free(error);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "41:00.0", "bdf", "x", NULL), VTOPO_ERR_USAGE);
    ck_assert_uint_eq(policy->devices.count, 2);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(test_keys_of_devices_by_alias)
{
    struct vtopo_policy *policy = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    expect_of_device(policy, "ua-gpu-1", "keep", NULL);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "ua-gpu-1", "keep", "yes", NULL), 0);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "ua-gpu-1", "clique", "3", NULL), 0);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "ua-nic", "node", "1", NULL), 0);
    ck_assert_uint_eq(policy->aliases.count, 2);
    ck_assert_uint_eq(policy->devices.count, 0);
    expect_of_device(policy, "ua-gpu-1", "keep", "yes");
    expect_of_device(policy, "ua-gpu-1", "clique", "3");
    expect_of_device(policy, "ua-nic", "clique", NULL);
    expect_of_device(policy, "ua-nic", "node", "1");
    ck_assert_uint_ne(vtopo_policy_details(policy) & VTOPO_HOST_EMULATOR, 0); /* for the clique */
    ck_assert_int_eq(vtopo_policy_set_device(policy, "ua-", "keep", "yes", NULL), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_set_device(policy, "ua-x", "keep", "5", NULL), VTOPO_ERR_USAGE);
    ck_assert_uint_eq(policy->aliases.count, 2);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(test_a_file_over_a_policy)
{
    struct vtopo_policy *policy = read_good("{\"mirror\": \"root\", \"cells_nodes\": \"3\"}");
    char *nodes = NULL;

    vtopo_policy_free(policy); /* the file is there */
    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    vtopo_policy_set_adopt(policy, true);
    ck_assert_int_eq(vtopo_policy_set(policy, "cells_nodes", "0-1", NULL), 0);
    ck_assert_int_eq(vtopo_policy_read_over(path, policy, NULL), 0);
    ck_assert_int_eq(vtopo_policy_get_mirror(policy), VTOPO_MIRROR_ROOT);
    ck_assert(vtopo_policy_get_adopt(policy));
    ck_assert_int_eq(vtopo_policy_get(policy, "cells_nodes", &nodes, NULL), 0);
    ck_assert_str_eq(nodes, "3");
    free(nodes);
    ck_assert_int_eq(vtopo_policy_read_over("/nonexistent", policy, NULL), VTOPO_ERR_FILE);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(test_mirror_words)
{
    enum vtopo_mirror mirror = VTOPO_MIRROR_SWITCH;

    ck_assert(vtopo_mirror_parse("numa", &mirror) && mirror == VTOPO_MIRROR_NUMA);
    ck_assert(vtopo_mirror_parse("root", &mirror) && mirror == VTOPO_MIRROR_ROOT);
    ck_assert(vtopo_mirror_parse("switch", &mirror) && mirror == VTOPO_MIRROR_SWITCH);
    ck_assert(vtopo_mirror_parse("exact", &mirror) && mirror == VTOPO_MIRROR_EXACT);
    ck_assert(!vtopo_mirror_parse("Exact", &mirror) && !vtopo_mirror_parse("", &mirror));
    ck_assert_int_eq(mirror, VTOPO_MIRROR_EXACT);
}
END_TEST

START_TEST(test_every_key)
{
    struct vtopo_policy *policy = read_good(
        "{\"$schema\": \"../policy.schema.json\","
        " \"mirror\": \"exact\", \"strict\": true, \"adopt\": true, \"spare_ports\": 2,"
        " \"unmapped_node\": \"nearest\", \"without_numa\": \"group\", \"nvme_disks\": \"move\","
        " \"clique\": \"auto\", \"libvirt_version\": \"8.0.12\","
        " \"links\": \"host\", \"qemu_version\": \"10.0\", \"cells\": \"make\","
        " \"cells_nodes\": [1, 3], \"avoid_cpus\": \"0-1,8\", \"cells_pin\": \"none\","
        " \"devices\": [{\"bdf\": \"10000:e1:00.1\", \"keep\": true},"
        "  {\"id\": \"10de:2235\", \"node\": -1, \"hotplug\": false, \"clique\": 15, \"attach_pci\": true}]}");

    ck_assert_int_eq(policy->mirror, MIRROR_EXACT);
    ck_assert(policy->strict && policy->adopt);
    ck_assert_int_eq(policy->nvme_disks, NVME_DISKS_MOVE);
    ck_assert_uint_eq(policy->spare_ports, 2);
    ck_assert_int_eq(policy->unmapped_node, UNMAPPED_NEAREST);
    ck_assert_int_eq(policy->without_numa, WITHOUT_NUMA_GROUP);
    ck_assert_int_eq(policy->clique, CLIQUE_AUTO);
    ck_assert_uint_eq(policy->libvirt_version, 8000012);
    ck_assert_int_eq(policy->links, LINKS_HOST);
    ck_assert_uint_eq(policy->qemu_version, 10000000);
    ck_assert_int_eq(policy->cells, CELLS_MAKE);
    ck_assert_int_eq(policy->cells_pin, CELLS_PIN_NONE);
    ck_assert(idset_size(&policy->cells_nodes) == 2 && idset_has(&policy->cells_nodes, 3));
    ck_assert(idset_size(&policy->avoid_cpus) == 3 && idset_has(&policy->avoid_cpus, 8));
    expect_value(policy, "avoid_cpus", "0-1,8");
    ck_assert_int_eq(vtopo_policy_set(policy, "avoid_cpus", "5", NULL), 0);
    expect_value(policy, "avoid_cpus", "5");
    ck_assert_int_eq(vtopo_policy_set(policy, "avoid_cpus", "8192", NULL), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_check("cells_nodes", "0,", NULL), VTOPO_ERR_USAGE);
    ck_assert_int_eq(vtopo_policy_check("cells_nodes", "0,2", NULL), 0);
    expect_value(policy, "avoid_cpus", "5");
    ck_assert_int_eq(policy->devices.items[0].clique, -1);
    ck_assert_int_eq(policy->devices.items[1].clique, 15);
    ck_assert_int_eq(policy->devices.items[0].attach_pci, -1);
    ck_assert_int_eq(policy->devices.items[1].attach_pci, 1);
    ck_assert_uint_eq(policy->devices.count, 2);
    ck_assert(policy->devices.items[0].by_bdf);
    ck_assert_str_eq(BDF_TEXT(&policy->devices.items[0].bdf), "10000:e1:00.1");
    ck_assert_int_eq(policy->devices.items[0].keep, 1);
    ck_assert_int_eq(policy->devices.items[0].node, -2);
    ck_assert_int_eq(policy->devices.items[0].hotplug, -1);
    ck_assert(!policy->devices.items[1].by_bdf);
    ck_assert_uint_eq(policy->devices.items[1].vendor, 0x10de);
    ck_assert_uint_eq(policy->devices.items[1].device, 0x2235);
    ck_assert_int_eq(policy->devices.items[1].keep, -1);
    ck_assert_int_eq(policy->devices.items[1].node, -1);
    ck_assert_int_eq(policy->devices.items[1].hotplug, 0);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(test_empty_object_is_the_default)
{
    struct vtopo_policy *policy = read_good("{}");

    ck_assert_int_eq(policy->mirror, MIRROR_SWITCH);
    vtopo_policy_free(policy);
}
END_TEST

#define KNOWN                                                                                      \
    "(known: mirror, strict, adopt, spare_ports, vacated, unmapped_node, without_numa, "           \
    "nvme_disks, clique, links, generic_switch, atomics, hide_hypervisor, smmu, initiators, "      \
    "deliver, cells, "                                                                             \
    "cells_pin, cells_memory, qemu_version, libvirt_version, ovmf_version, "                       \
    "seabios_version, mmio, rewrite, on_start, cells_nodes, avoid_cpus, devices)"

/* The words of a domain's own policy. */
START_TEST(test_words_of_flags)
{
    struct vtopo_policy *policy = read_good(
        "{\"strict\": \"yes\", \"adopt\": \"true\", \"hide_hypervisor\": \"no\","
        " \"devices\": [{\"bdf\": \"41:00.0\", \"keep\": \"yes\", \"hotplug\": \"false\"}]}");

    ck_assert(policy->strict && policy->adopt && !policy->hide_hypervisor);
    ck_assert_int_eq(policy->devices.items[0].keep, 1);
    ck_assert_int_eq(policy->devices.items[0].hotplug, 0);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(test_errors_name_the_line)
{
    expect_error("{\n  \"mirror\": \"numa\",\n  \"mirrow\": \"numa\"\n}",
                 ":3: unknown key 'mirrow' " KNOWN);
    expect_error("{\n\n\"mirror\": \"nume\"}",
                 ":3: 'mirror' must be one of \"numa\", \"root\", \"switch\", \"exact\"");
    expect_error("{\"$schema\": 1}", ":1: '$schema' must be a string");
    expect_error(
        "{\"devices\": [{\"$schema\": \"x\"}]}",
        ":1: unknown key '$schema' (known: bdf, id, keep, node, hotplug, clique, attach_pci, atomics)");
    expect_error("{\"mirror\": 1}",
                 ":1: 'mirror' must be one of \"numa\", \"root\", \"switch\", \"exact\"");
    expect_error("{\"a\\u0064opt\":\n 1}", ":1: 'adopt' must be true or false");
    expect_error("{\"strict\": \"on\"}", ":1: 'strict' must be true or false");
    expect_error("{\"spare_ports\": -1}", ":1: 'spare_ports' must be a whole number from 0 to 255");
    expect_error("{\"spare_ports\": 256}",
                 ":1: 'spare_ports' must be a whole number from 0 to 255");
    expect_error("{\"cells_nodes\": []}", ":1: 'cells_nodes' must be a list of numbers, or a text "
                                          "of numbers from 0 to 1023, like 0-3,8");
    expect_error("{\"cells_nodes\": [0, 1024]}",
                 ":1: 'cells_nodes' must be a list of numbers, or a "
                 "text of numbers from 0 to 1023, like 0-3,8");
    expect_error("{\"avoid_cpus\": \"x\"}", ":1: 'avoid_cpus' must be a list of numbers, or a text "
                                            "of numbers from 0 to 8191, like 0-3,8");
    expect_error("{\"spare_ports\": 1.0}",
                 ":1: 'spare_ports' must be a whole number from 0 to 255");
    expect_error("{\"unmapped_node\": \"group\"}",
                 ":1: 'unmapped_node' must be one of \"expander\", \"nearest\", \"stay\"");
    expect_error("{\"without_numa\": true}",
                 ":1: 'without_numa' must be one of \"leave\", \"group\"");
    expect_error("{\"nvme_disks\": null}", ":1: 'nvme_disks' must be one of \"stay\", \"move\"");
    expect_error("{\"clique\": 0}", ":1: 'clique' must be one of \"off\", \"cdi\", \"auto\"");
    expect_error("{\"qemu_version\": 10}", ":1: 'qemu_version' must be a version like \"10.0.0\"");
    expect_error("{\"links\": \"true\"}", ":1: 'links' must be one of \"stock\", \"host\"");
    expect_error("{\"libvirt_version\": 8.0}",
                 ":1: 'libvirt_version' must be a version like \"8.0.0\"");
    expect_error("{\"libvirt_version\": \"8\"}",
                 ":1: 'libvirt_version' must be a version like \"8.0.0\"");
    expect_error("{\"libvirt_version\": \"8.0.0.0\"}",
                 ":1: 'libvirt_version' must be a version like \"8.0.0\"");
    expect_error("{\"libvirt_version\": \"8.\"}",
                 ":1: 'libvirt_version' must be a version like \"8.0.0\"");
    expect_error("\n[]", ":2: a policy must be an object like {\"mirror\": \"switch\"}");
}
END_TEST

START_TEST(test_errors_of_devices_name_the_line)
{
    expect_error("{\"devices\": {}}", ":1: 'devices' must be a list");
    expect_error("{\"devices\": [\n{\"bdf\": \"41:00.0\", \"keep\": true},\n3]}",
                 ":3: a device must be an object like {\"bdf\": \"0000:41:00.0\"}");
    expect_error("{\"devices\": [\n{\"bdf\": \"41:00.0\",\n \"keep\": 1}]}",
                 ":3: 'keep' must be true or false");
    expect_error(
        "{\"devices\": [\n{\"bdf\": \"41:00.0\",\n \"kepp\": 1}]}",
        ":3: unknown key 'kepp' (known: bdf, id, keep, node, hotplug, clique, attach_pci, atomics)");
    expect_error("{\"devices\": [{\"bdf\": \"41:20.0\"}]}",
                 ":1: 'bdf' must be a PCI address like \"0000:41:00.0\"");
    expect_error("{\"devices\": [{\"id\": \"10de:22355\"}]}",
                 ":1: 'id' must be vendor and device like \"10de:2235\"");
    expect_error("{\"devices\": [{\"id\": \" 10d:2235\"}]}",
                 ":1: 'id' must be vendor and device like \"10de:2235\"");
    expect_error("{\"devices\": [{\"id\": \"10de:2235\", \"node\": 1024}]}",
                 ":1: 'node' must be a whole number from -1 to 1023");
    expect_error("{\"devices\": [{\"bdf\": \"41:00.0\", \"attach_pci\": \"\"}]}",
                 ":1: 'attach_pci' must be true or false");
    expect_error("{\"devices\": [{\"bdf\": \"41:00.0\", \"clique\": 16}]}",
                 ":1: 'clique' must be a whole number from 0 to 15");
    expect_error("{\"devices\": [{\"bdf\": \"41:00.0\", \"clique\": \"0\"}]}",
                 ":1: 'clique' must be a whole number from 0 to 15");
    expect_error("{\"devices\": [\n\n{\"keep\": true}]}", ":3: a device needs 'bdf' or 'id'");
    expect_error("{\"devices\": [{\"id\": \"10de:2235\", \"bdf\": \"41:00.0\", \"keep\": true}]}",
                 ":1: a device needs 'bdf' or 'id', not both");
    expect_error(
        "{\"devices\": [{\"id\": \"10de:2235\"}]}",
        ":1: device '10de:2235' needs one of keep, node, hotplug, clique, attach_pci, atomics");
    expect_error("{\"devices\": [{\"bdf\": \"0000:41:00.0\", \"node\": 1},\n"
                 "{\"bdf\": \"41:00.0\", \"keep\": true}]}",
                 ":2: device '41:00.0' is here twice");
}
END_TEST

START_TEST(test_syntax_errors_name_the_line)
{
    expect_error("{\"mirror\": \"numa\",\n \"mirror\": \"root\"}",
                 ":2: duplicate object key near '\"mirror\"'");
    expect_error("", ":1: '[' or '{' expected near end of file");
    expect_error("{} {}", ":1: end of file expected near '{'");
}
END_TEST

START_TEST(test_size_limit)
{
    size_t length = 1024 * 1024 + 1;
    char *text = malloc(length);
    struct vtopo_error *error = NULL;
    struct vtopo_policy *policy;

    ck_assert_ptr_nonnull(text);
    memset(text, ' ', length);
    memcpy(text, "{}", 2);
    ck_assert_ptr_null(read_text(text, length, &error));
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "is larger than 1048576 bytes"));
    vtopo_error_free(error);
    policy = read_text(text, length - 1, NULL);
    ck_assert_ptr_nonnull(policy);
    vtopo_policy_free(policy);
    free(text);
}
END_TEST

START_TEST(test_files_that_cannot_be_read)
{
    struct vtopo_policy *policy = NULL;
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(vtopo_policy_read("/nowhere/x", &policy, &error), VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(error),
                     "cannot open '/nowhere/x': No such file or directory");
    vtopo_error_free(error);
    ck_assert_int_eq(vtopo_policy_read("/", &policy, &error), VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(error), "cannot read '/': Is a directory");
    vtopo_error_free(error);
    ck_assert_int_eq(vtopo_policy_read("/", &policy, NULL), VTOPO_ERR_FILE);
}
END_TEST

START_TEST(test_examples_are_read)
{
    const char *folder = TEST_DATA "/../examples/policies";
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int seen = 0;

    ck_assert_ptr_nonnull(dir);
    while ((entry = readdir(dir))) {
        struct vtopo_policy *policy = NULL;
        struct vtopo_error *error = NULL;
        char file[4096];

        if (!strstr(entry->d_name, ".json"))
            continue;
        snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name);
        ck_assert_msg(!vtopo_policy_read(file, &policy, &error), "%s",
                      error ? vtopo_error_message(error) : file);
        vtopo_policy_free(policy);
        seen++;
    }
    closedir(dir);
    ck_assert_int_gt(seen, 0);
}
END_TEST

static size_t line(const char *text, size_t depth, const size_t *places)
{
    return json_line_of(text, strlen(text), places, depth);
}

START_TEST(test_locate)
{
    const char *text = "\n{\"a\":\n \"}],{\\\"\\\\\",\n\"b\" :\n[1,\n[2,{\"x\":[]}],\n"
                       "{\"c\":0,\n\"d\":\n0}]}";

    ck_assert_uint_eq(line(text, 0, NULL), 2);
    ck_assert_uint_eq(line(text, 1, (size_t[]){0}), 2);
    ck_assert_uint_eq(line(text, 1, (size_t[]){1}), 4);
    ck_assert_uint_eq(line(text, 2, (size_t[]){1, 0}), 5);
    ck_assert_uint_eq(line(text, 2, (size_t[]){1, 1}), 6);
    ck_assert_uint_eq(line(text, 3, (size_t[]){1, 2, 0}), 7);
    ck_assert_uint_eq(line(text, 3, (size_t[]){1, 2, 1}), 8);
}
END_TEST

START_TEST(test_locate_survives_paths_and_texts_that_do_not_fit)
{
    static const char *const texts[] = {
        "", "{", "[", "\"", "{\"a", "{\"a\\", "{\"a\"", "{\"a\":", "[1,", "1", "}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        /* A copy without a NUL, so that the sanitizer sees a step too far. */
        size_t length = strlen(texts[i]);
        char *copy = malloc(length ? length : 1);

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, texts[i], length);
        ck_assert_uint_eq(json_line_of(copy, length, (size_t[]){1, 1, 1}, 3), 1);
        ck_assert_uint_eq(json_line_of(copy, length, (size_t[]){0, 0, 0}, 3), 1);
        free(copy);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_default,
        test_details,
        test_setters,
        test_keys_by_name,
        test_wrong_keys_by_name,
        test_versions_are_learned,
        test_keys_of_devices_by_name,
        test_keys_of_devices_by_alias,
        test_a_file_over_a_policy,
        test_mirror_words,
        test_every_key,
        test_empty_object_is_the_default,
        test_words_of_flags,
        test_errors_name_the_line,
        test_errors_of_devices_name_the_line,
        test_syntax_errors_name_the_line,
        test_size_limit,
        test_files_that_cannot_be_read,
        test_examples_are_read,
        test_locate,
        test_locate_survives_paths_and_texts_that_do_not_fit,
    };
    Suite *suite = suite_create("policy");
    TCase *tcase = tcase_create("policy");
    int failed, fd = mkstemp(path);

    if (fd < 0)
        return EXIT_FAILURE;
    close(fd);
    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    failed = run_suite(suite);
    unlink(path);
    return failed;
}
