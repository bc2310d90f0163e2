/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cdi.c - CDI specs of all kinds, and folders of them */
#include "cdi/cdi.h"

#include "base/error.h"
#include "vtopo/policy.h"

#include "build.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "cdiVersion: 0.4.0\nkind: nvidia.com/gpu\n"

static struct vtopo_policy *policy;

static void setup(void)
{
    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
}

static void teardown(void)
{
    vtopo_policy_free(policy);
}

static void read_good(const char *text)
{
    struct vtopo_error *error = NULL;

    if (cdi_parse(text, strlen(text), "spec.yaml", policy, &error))
        ck_abort_msg("%s", vtopo_error_message(error));
}

static void expect_error(const char *text, const char *message)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(cdi_parse(text, strlen(text), "spec.yaml", policy, &error), VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(error), message);
    ck_assert_uint_eq(policy->cdi.count, 0);
    vtopo_error_free(error);
}

static void expect(size_t at, const char *bdf, int clique, int attach_pci, long line)
{
    struct bdf wanted = bdf_of(bdf);

    ck_assert_uint_gt(policy->cdi.count, at);
    ck_assert(bdf_equal(&policy->cdi.items[at].bdf, &wanted));
    ck_assert_int_eq(policy->cdi.items[at].clique, clique);
    ck_assert_int_eq(policy->cdi.items[at].attach_pci, attach_pci);
    ck_assert_int_eq(policy->cdi.items[at].line, line);
}

START_TEST(annotations_in_yaml)
{
    read_good(HEAD
              "devices:\n"
              "- name: gpu0\n  annotations:\n    bdf: \"41:00.0\"\n    clique-id: \"0\"\n"
              "  containerEdits:\n    deviceNodes:\n    - path: /dev/vfio/71\n"
              "- name: gpu1\n  annotations: {bdf: 0001:de:1f.7, clique-id: 15, attach-pci: true}\n"
              "- name: gpu2\n  annotations: {bdf: 3d:00.0, attach-pci: 'false', org.x/y: z}\n");
    ck_assert_uint_eq(policy->cdi.count, 3);
    expect(0, "0000:41:00.0", 0, -1, 6);
    expect(1, "0001:de:1f.7", 15, 1, 12);
    expect(2, "0000:3d:00.0", -1, 0, 14);
    ck_assert_str_eq(policy->cdi.items[2].file, "spec.yaml");
}
END_TEST

START_TEST(annotations_in_json)
{
    read_good(
        "{\"cdiVersion\":\"0.6.0\",\"kind\":\"a.b/c\",\n\t\"devices\":[{\"name\":\"x\\/\\u00e9\","
        "\"annotations\":\n{\"bdf\":\"41:00.0\",\"clique-id\":\"7\"}}]}\n");
    ck_assert_uint_eq(policy->cdi.count, 1);
    expect(0, "41:00.0", 7, -1, 3);
}
END_TEST

START_TEST(what_is_not_for_vtopo)
{
    read_good(HEAD);
    read_good(HEAD "devices:\n");
    read_good(HEAD "devices: null\nannotations: {clique-id: many}\n");
    read_good(
        HEAD
        "devices:\n- annotations:\n- {}\n- annotations: {bdf: nowhere}\n- annotations: {[x]: y}\n");
    read_good(HEAD "containerEdits: {env: [clique-id=3]}\n");
    ck_assert_uint_eq(policy->cdi.count, 0);
}
END_TEST

#define DEVICE(annotations) HEAD "devices:\n- name: gpu0\n  annotations: {" annotations "}\n"

/* What is nearly vtopo's, and what no CDI spec has. */
START_TEST(typing_mistakes)
{
    expect_error(DEVICE("bdf: 41:00.0, clique_id: 0"),
                 "spec.yaml:5: unknown annotation 'clique_id': 'clique-id' is meant?");
    expect_error(DEVICE("bdf: 41:00.0, cliqe-id: 0"),
                 "spec.yaml:5: unknown annotation 'cliqe-id': 'clique-id' is meant?");
    expect_error(DEVICE("bdf: 41:00.0, clique: 0"),
                 "spec.yaml:5: unknown annotation 'clique': 'clique-id' is meant?");
    expect_error(DEVICE("BDF: 41:00.0"), "spec.yaml:5: unknown annotation 'BDF': 'bdf' is meant?");
    expect_error(
        DEVICE("vtopo.io/clique: 0"),
        "spec.yaml:5: unknown annotation 'vtopo.io/clique' (known: bdf, clique-id, attach-pci)");
    expect_error(HEAD "devises: []\n", "spec.yaml:3: unknown key 'devises'");
    expect_error(HEAD "devices:\n- name: a\n  annotation: {}\n",
                 "spec.yaml:5: unknown key 'annotation'");
    read_good(DEVICE("bdf: 41:00.0, clique-id: 1, vendor/clique: 0, attach-pci: no"));
}
END_TEST

#define EDITS(edits) HEAD "devices:\n- name: gpu0\n  containerEdits:\n    " edits "\n"

START_TEST(unknown_keys_of_edits)
{
    expect_error(EDITS("deviceNode: []"), "spec.yaml:6: unknown key 'deviceNode'");
    expect_error(EDITS("deviceNodes: [{path: /dev/vfio/1, hostpath: /x}]"),
                 "spec.yaml:6: unknown key 'hostpath'");
    expect_error(EDITS("hooks: [{}, {hookname: x}]"), "spec.yaml:6: unknown key 'hookname'");
    expect_error(EDITS("mounts: [{hostPath: /a, target: /b}]"),
                 "spec.yaml:6: unknown key 'target'");
    expect_error(EDITS("intelRdt: {closId: a}"), "spec.yaml:6: unknown key 'closId'");
    expect_error(HEAD "containerEdits: {environment: []}\n",
                 "spec.yaml:3: unknown key 'environment'");
    read_good(
        EDITS("{env: [a=b], additionalGids: [1], deviceNodes: [{path: a, hostPath: b, type: c, "
              "major: 1, minor: 2, fileMode: 384, permissions: rw, uid: 0, gid: 0}], "
              "netDevices: [{hostInterfaceName: a, name: b}], "
              "hooks: [{hookName: a, path: b, args: [c], env: [d], timeout: 1}], "
              "mounts: [{hostPath: a, containerPath: b, options: [c], type: d}], "
              "intelRdt: {closID: a, l3CacheSchema: b, memBwSchema: c, schemata: [d], "
              "enableMonitoring: true, enableCMT: true, enableMBM: true}}"));
    read_good(EDITS("{<<: {env: [a=b]}, deviceNodes: [{<<: {path: a}}]}"));
    /* Of a version that is not known here yet. */
    read_good("cdiVersion: 1.2.0\nkind: a.b/c\ncontainerEdits: {environment: []}\n");
}
END_TEST

START_TEST(aliases_are_followed)
{
    read_good(HEAD "devices:\n- annotations: &a {bdf: 41:00.0, clique-id: 3}\n- annotations: *a\n");
    ck_assert_uint_eq(policy->cdi.count, 2);
}
END_TEST

START_TEST(errors_name_the_line)
{
    expect_error(
        DEVICE("bdf: 41:20.0, clique-id: 0"),
        "spec.yaml:5: bdf '41:20.0' must be a PCI address like \"41:00.0\" or \"0000:41:00.0\"");
    expect_error(DEVICE("bdf: [41:00.0], clique-id: 0"),
                 "spec.yaml:5: bdf '' must be a PCI address like \"41:00.0\" or \"0000:41:00.0\"");
    expect_error(DEVICE("bdf: 41:00.0, clique-id: 16"),
                 "spec.yaml:5: clique-id '16' must be a number from 0 to 15");
    expect_error(DEVICE("bdf: 41:00.0, clique-id: -1"),
                 "spec.yaml:5: clique-id '-1' must be a number from 0 to 15");
    expect_error(DEVICE("bdf: 41:00.0, clique-id: '0 '"),
                 "spec.yaml:5: clique-id '0 ' must be a number from 0 to 15");
    expect_error(DEVICE("bdf: 41:00.0, clique-id: ''"),
                 "spec.yaml:5: clique-id '' must be a number from 0 to 15");
    expect_error(
        DEVICE("bdf: 41:00.0, attach-pci: maybe"),
        "spec.yaml:5: attach-pci 'maybe' must be one of \"no\", \"yes\", \"false\", \"true\"");
    expect_error(
        DEVICE("clique-id: 0"),
        "spec.yaml:5: a device with the annotation 'clique-id' needs the annotation 'bdf'");
    expect_error(
        DEVICE("attach-pci: true"),
        "spec.yaml:5: a device with the annotation 'attach-pci' needs the annotation 'bdf'");
    expect_error(DEVICE("bdf: 41:00.0, clique-id: 0, clique-id: 1"),
                 "spec.yaml:5: 'clique-id' is here twice");
    expect_error(DEVICE("<<: {bdf: 41:00.0}, clique-id: 0"),
                 "spec.yaml:5: merge keys (<<) are not read: write the keys out");
    expect_error(HEAD "devices: {}\n", "spec.yaml:3: devices must be a list");
    expect_error(HEAD "devices: [gpu0]\n", "spec.yaml:3: a device must be a mapping");
    expect_error(HEAD "devices:\n- annotations: []\n",
                 "spec.yaml:4: annotations must be a mapping");
    expect_error(HEAD "---\n" HEAD, "spec.yaml:3: has a second document");
    expect_error("kind: a.b/c\n", "spec.yaml:1: is not a CDI spec: it has no 'cdiVersion'");
    expect_error("cdiVersion: 0.4.0\n", "spec.yaml:1: is not a CDI spec: it has no 'kind'");
    expect_error("cdiVersion: 0.4.0\nkind: []\n", "spec.yaml:2: 'kind' must be a text");
    expect_error("- a\n", "spec.yaml:1: is not a CDI spec: it must be a mapping");
    expect_error("", "spec.yaml:1: is empty");
    expect_error(HEAD "devices:\n- name: \"x\n", "spec.yaml:5: found unexpected end of stream");
}
END_TEST

START_TEST(a_spec_that_is_wrong_says_nothing)
{
    expect_error(
        HEAD
        "devices:\n- annotations: {bdf: 41:00.0, clique-id: 1}\n- annotations: {clique-id: 1}\n",
        "spec.yaml:5: a device with the annotation 'clique-id' needs the annotation 'bdf'");
}
END_TEST

/* --- folders --- */

static char folder[64];

static void put(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void setup_folder(void)
{
    setup();
    strcpy(folder, "/tmp/vtopo-cdi-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown_folder(void)
{
    char command[128];

    teardown();
    snprintf(command, sizeof(command), "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void expect_folder_error(const char *message)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(cdi_read_folder(folder, false, policy, &error), VTOPO_ERR_FILE);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), message));
    vtopo_error_free(error);
}

START_TEST(specs_are_read_in_the_order_of_their_names)
{
    put("b.yaml", DEVICE("bdf: 42:00.0, clique-id: 2"));
    put("a.json", "{\"cdiVersion\": \"0.4.0\", \"kind\": \"a.b/c\", \"devices\": "
                  "[{\"annotations\": {\"bdf\": \"41:00.0\", \"clique-id\": \"1\"}}]}");
    put("c.yml", "not a spec for CDI: [");
    put(".hidden.yaml", "[");
    put("README", "[");
    ck_assert_int_eq(cdi_read_folder(folder, false, policy, NULL), 0);
    ck_assert_uint_eq(policy->cdi.count, 2);
    expect(0, "41:00.0", 1, -1, 1);
    expect(1, "42:00.0", 2, -1, 5);
}
END_TEST

START_TEST(a_broken_spec_is_an_error_or_a_problem)
{
    put("a.yaml", DEVICE("bdf: 41:00.0, clique-id: 99"));
    put("b.yaml", DEVICE("bdf: 42:00.0, clique-id: 2"));
    expect_folder_error("/a.yaml:5: clique-id '99'");
    ck_assert_uint_eq(policy->cdi.count, 0);
    ck_assert_int_eq(cdi_read_folder(folder, true, policy, NULL), 0);
    ck_assert_uint_eq(policy->problems.count, 1);
    ck_assert_ptr_nonnull(strstr(policy->problems.items[0].text, "/a.yaml:5: clique-id '99'"));
    ck_assert_uint_eq(policy->cdi.count, 1);
}
END_TEST

/* Container runtimes have specs of their own, which are nobody's business here. */
START_TEST(a_default_folder_has_specs_of_others)
{
    put("a.yaml", "[ broken, but not ours");
    ck_assert_int_eq(cdi_read_folder(folder, true, policy, NULL), 0);
    ck_assert_uint_eq(policy->problems.count, 0);
    expect_folder_error("/a.yaml:2: ");
}
END_TEST

START_TEST(a_pipe_is_no_spec)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/a.yaml", folder);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_folder_error("/a.yaml' is not a regular file");
    ck_assert_int_eq(cdi_read_folder(folder, true, policy, NULL), 0);
    ck_assert_uint_eq(policy->problems.count, 1);
}
END_TEST

START_TEST(a_spec_that_is_too_large)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/a.yaml", folder);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, CDI_SPEC_MAX + 1), 0);
    close(fd);
    expect_folder_error("/a.yaml' is larger than");
}
END_TEST

START_TEST(findings_of_problems_are_few)
{
    for (int i = 0; i < 40; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%d.yaml", i);
        put(name, "clique-id: [");
    }
    ck_assert_int_eq(cdi_read_folder(folder, true, policy, NULL), 0);
    ck_assert_uint_eq(policy->problems.count, 16);
}
END_TEST

START_TEST(a_folder_that_is_not_there)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(cdi_read_folder("/nonexistent/cdi", true, policy, NULL), 0);
    ck_assert_uint_eq(policy->problems.count, 0);
    ck_assert_int_eq(vtopo_policy_read_cdi(policy, "/nonexistent/cdi", &error), VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(error),
                     "cannot open '/nonexistent/cdi': No such file or directory");
    vtopo_error_free(error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cdi");
    TCase *spec = tcase_create("spec"), *folders = tcase_create("folder");

    suite_add_tcase(suite, spec);
    tcase_add_checked_fixture(spec, setup, teardown);
    tcase_add_test(spec, annotations_in_yaml);
    tcase_add_test(spec, annotations_in_json);
    tcase_add_test(spec, what_is_not_for_vtopo);
    tcase_add_test(spec, typing_mistakes);
    tcase_add_test(spec, unknown_keys_of_edits);
    tcase_add_test(spec, aliases_are_followed);
    tcase_add_test(spec, errors_name_the_line);
    tcase_add_test(spec, a_spec_that_is_wrong_says_nothing);
    suite_add_tcase(suite, folders);
    tcase_add_checked_fixture(folders, setup_folder, teardown_folder);
    tcase_add_test(folders, specs_are_read_in_the_order_of_their_names);
    tcase_add_test(folders, a_broken_spec_is_an_error_or_a_problem);
    tcase_add_test(folders, a_default_folder_has_specs_of_others);
    tcase_add_test(folders, a_pipe_is_no_spec);
    tcase_add_test(folders, a_spec_that_is_too_large);
    tcase_add_test(folders, findings_of_problems_are_few);
    tcase_add_test(folders, a_folder_that_is_not_there);
    return run_suite(suite);
}
