/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_host_description.c - reading and writing hosts as JSON */
#include "base/mem.h"
#include "model/host.h"
#include "json/host_description.h"

#include "suite.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A root port with a GPU below it, in as few words as the format allows. */
#define PORT_LINE                                                                                  \
    "{\"bdf\": \"0000:3a:00.0\", \"root\": \"0000:3a\", \"port\": \"root\", "                      \
    "\"class\": \"0x060400\", \"vendor\": \"0x8086\", \"device\": \"0x2030\"}"
#define GPU_START                                                                                  \
    "{\"bdf\": \"0000:3b:00.0\", \"parent\": \"0000:3a:00.0\", \"class\": \"0x030200\", "          \
    "\"vendor\": \"0x10de\", \"device\": \"0x20b8\""
#define HOST(functions, rest) "{\"vtopo_host\": 1, \"functions\": [" functions "]" rest "}"
#define GPU(more) HOST(PORT_LINE ", " GPU_START more "}", "")

static char *read_file(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;

    ck_assert_msg(file != NULL, "cannot open %s", path);
    *ret_length = 0;
    ck_assert_int_ge(getdelim(&text, ret_length, EOF, file), 0);
    *ret_length = strlen(text);
    fclose(file);
    return text;
}

static void parse(const char *text, struct vtopo_host *host)
{
    struct vtopo_error *error = NULL;
    int code = host_description_parse(text, strlen(text), "host.json", host, &error);

    ck_assert_msg(!code, "%s", code ? vtopo_error_message(error) : "");
}

static void expect_error(const char *text, const char *message)
{
    struct vtopo_host host = {0};
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(host_description_parse(text, strlen(text), "host.json", &host, &error),
                     VTOPO_ERR_HOST);
    ck_assert_str_eq(vtopo_error_message(error), message);
    vtopo_error_free(error);
    host_clear(&host);
}

/* Every example and test host is in the form in which it would be written. */
static void check_directory(const char *directory)
{
    DIR *stream = opendir(directory);
    struct dirent *entry;
    int files = 0;

    ck_assert_msg(stream != NULL, "cannot open %s", directory);
    while ((entry = readdir(stream))) {
        char path[4096], *text, *written;
        struct vtopo_host host = {0};
        size_t length;

        if (!strstr(entry->d_name, ".json"))
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        text = read_file(path, &length);
        parse(text, &host);
        ck_assert_int_eq(host_description_format(&host, &written, NULL), 0);
        ck_assert_msg(!strcmp(text, written), "%s is not as vtopo writes it", path);
        host_clear(&host);
        free(text);
        free(written);
        files++;
    }
    closedir(stream);
    ck_assert_int_gt(files, 3);
}

START_TEST(hosts_in_the_tree_are_as_vtopo_writes_them)
{
    check_directory(TEST_DATA "/../examples/hosts");
    check_directory(TEST_DATA "/hosts");
}
END_TEST

#define EMULATORS(list) HOST(PORT_LINE, ", \"emulators\": [" list "]")
#define KNOWN "\"arch\": \"x86_64\", \"qemu_version\": \"7.2.22\", \"libvirt_version\": \"9.0\""

START_TEST(emulators_arrive_and_are_written)
{
    struct vtopo_host host = {0}, again = {0};
    const struct host_emulator *first;
    char *text;

    parse(EMULATORS("{\"path\": \"/opt/qemu\\u00e4\", \"state\": \"stale\"},"
                    "{\"path\": \"/b\", \"state\": \"unreadable\", \"default\": true,"
                    " \"arch\": \"i686\"},"
                    "{\"path\": \"/a\", \"state\": \"known\", \"default\": false, " KNOWN
                    ", \"machines\": {\"q35\": \"pc-q35-7.2\", \"pc\": \"pc-i440fx-7.2\"}}"),
          &host);
    ck_assert_uint_eq(host.emulators.count, 3);
    first = &host.emulators.items[0];
    ck_assert_str_eq(first->path, "/a");
    ck_assert_int_eq(first->state, EMULATOR_KNOWN);
    ck_assert(!first->is_default);
    ck_assert_uint_eq(first->qemu_version, 7002022);
    ck_assert_uint_eq(first->libvirt_version, 9000000);
    ck_assert_str_eq(emulator_machine(first, "q35"), "pc-q35-7.2");
    ck_assert_int_eq(emulators_find(&host.emulators, NULL, "i686")->state, EMULATOR_UNREADABLE);
    ck_assert_int_eq(host_description_format(&host, &text, NULL), 0);
    ck_assert_ptr_nonnull(
        strstr(text, "\"emulators\": [\n"
                     "    {\"path\": \"/a\", \"arch\": \"x86_64\", \"qemu_version\": \"7.2.22\", "
                     "\"libvirt_version\": \"9.0.0\", \"machines\": {\"pc\": "
                     "\"pc-i440fx-7.2\", \"q35\": \"pc-q35-7.2\"}},\n"
                     "    {\"path\": \"/b\", \"state\": \"unreadable\", \"default\": true, "
                     "\"arch\": \"i686\"},\n"
                     "    {\"path\": \"/opt/qemu\xc3\xa4\", \"state\": \"stale\"}\n  ],"));
    parse(text, &again);
    ck_assert_uint_eq(again.emulators.count, 3);
    host_clear(&again);
    host_clear(&host);
    free(text);
}
END_TEST

#define VMS(list) HOST(PORT_LINE, ", \"vms\": [" list "]")

/* In the order of names; what is not there is "", or false. */
START_TEST(vms_arrive_and_are_written)
{
    struct vtopo_host host = {0}, again = {0};
    const struct host_vm *vm;
    char *text;

    parse(VMS("{\"name\": \"z<\\u00e4>\", \"running\": true, \"topology\": \"differs\","
              " \"reason\": \"\\\"why\\\"\", \"devices\": [{\"device\": \"0000:41:00.0\","
              " \"running\": true}, {\"device\": \"x\", \"running\": false, \"defined\": true}]},"
              "{\"name\": \"a\", \"topology\": \"as_host\"}"),
          &host);
    ck_assert(host.vms.known);
    ck_assert_uint_eq(host.vms.count, 2);
    ck_assert(!host.vms.items[0].running && !*host.vms.items[0].reason);
    vm = &host.vms.items[1];
    ck_assert_str_eq(vm->name, "z<\xc3\xa4>");
    ck_assert_int_eq(vm->topology, VM_TOPOLOGY_DIFFERS);
    ck_assert(vm->claims.items[0].now && !vm->claims.items[0].next);
    ck_assert(!vm->claims.items[1].now && vm->claims.items[1].next);
    ck_assert_int_eq(host_description_format(&host, &text, NULL), 0);
    ck_assert_ptr_nonnull(strstr(
        text, "\"vms\": [\n"
              "    {\"name\": \"a\", \"running\": false, \"topology\": \"as_host\"},\n"
              "    {\"name\": \"z<\xc3\xa4>\", \"running\": true, \"topology\": \"differs\", "
              "\"reason\": \"\\\"why\\\"\", \"devices\": [\n"
              "      {\"device\": \"0000:41:00.0\", \"running\": true},\n"
              "      {\"device\": \"x\", \"defined\": true}]}\n  ]\n}"));
    parse(text, &again);
    ck_assert_uint_eq(again.vms.count, 2);
    host_clear(&again);
    host_clear(&host);
    free(text);
}
END_TEST

/* That libvirt knows of none is not the same as that nobody asked. */
START_TEST(no_vms)
{
    struct vtopo_host host = {0};
    char *text;

    parse(VMS(""), &host);
    ck_assert(host.vms.known && !host.vms.count);
    ck_assert_int_eq(host_description_format(&host, &text, NULL), 0);
    ck_assert_ptr_nonnull(strstr(text, "\"vms\": []\n}"));
    host_clear(&host);
    free(text);
    parse(HOST(PORT_LINE, ""), &host);
    ck_assert(!host.vms.known);
    ck_assert_int_eq(host_description_format(&host, &text, NULL), 0);
    ck_assert_ptr_null(strstr(text, "vms"));
    host_clear(&host);
    free(text);
}
END_TEST

START_TEST(vms_that_are_wrong)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {HOST(PORT_LINE, ", \"vms\": {}"), "host.json: vms: must be an array"},
        {VMS("1"), "host.json: vms[0]: must be an object"},
        {VMS("{\"topology\": \"as_host\"}"), "host.json: vms[0].name: is missing"},
        {VMS("{\"name\": \"\", \"topology\": \"as_host\"}"),
         "host.json: vms[0].name: must not be empty"},
        {VMS("{\"name\": \"a\", \"topology\": \"no_devices\"}"),
         "host.json: vms[0].topology: 'no_devices' is none of as_host, lacking, differs, transient, failed"},
        {VMS("{\"name\": \"a\", \"topology\": \"as_host\", \"devices\": {}}"),
         "host.json: vms[0].devices: must be an array"},
        {VMS("{\"name\": \"a\", \"topology\": \"as_host\", \"devices\": [{\"device\": \"x\"}]}"),
         "host.json: vms[0].devices[0].device: needs 'running' or 'defined'"},
        {VMS("{\"name\": \"a\", \"topology\": \"as_host\"}, {\"name\": \"a\", \"topology\": \"failed\"}"),
         "host.json: VM 'a' is there twice"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        expect_error(rows[i].text, rows[i].message);
}
END_TEST

START_TEST(emulators_that_are_wrong)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {HOST(PORT_LINE, ", \"emulators\": {}"), "emulators: must be an array"},
        {EMULATORS("{" KNOWN "}"), "emulators[0].path: is missing"},
        {EMULATORS("{\"path\": \"a\", " KNOWN "}"),
         "emulators[0].path: 'a' is not the absolute path of a file"},
        {EMULATORS("{\"path\": \"/a\"}"),
         "emulators[0].path: needs 'arch', 'qemu_version' and 'libvirt_version', or 'state'"},
        {EMULATORS("{\"path\": \"/a\", \"state\": \"absent\"}"),
         "emulators[0].state: 'absent' is none of known, stale, unreadable, unusable"},
        {EMULATORS("{\"path\": \"/a\", \"state\": \"stale\", " KNOWN "}"),
         "emulators[0].state: goes without 'qemu_version', 'libvirt_version' and 'machines'"},
        {EMULATORS("{\"path\": \"/a\", \"state\": \"stale\", \"default\": true}"),
         "emulators[0].default: needs 'arch'"},
        {EMULATORS("{\"path\": \"/a\", " KNOWN ", \"default\": \"yes\"}"),
         "emulators[0].default: must be true or false"},
        {EMULATORS("{\"path\": \"/a\", \"arch\": \"x 86\"}"),
         "emulators[0].arch: 'x 86' is no architecture"},
        {EMULATORS("{\"path\": \"/a\", \"qemu_version\": \"7\"}"),
         "emulators[0].qemu_version: '7' is not a version like '9.0.0'"},
        {EMULATORS("{\"path\": \"/a\", " KNOWN ", \"machines\": []}"),
         "emulators[0].machines: must be an object"},
        {EMULATORS("{\"path\": \"/a\", " KNOWN ", \"machines\": {\"q35\": \"a b\"}}"),
         "emulators[0].machines: 'q35' and its value are to be machine types"},
        {EMULATORS("{\"path\": \"/a\", " KNOWN "}, {\"path\": \"/a\", " KNOWN "}"),
         "emulator /a is there twice"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char message[200];

        snprintf(message, sizeof(message), "host.json: %s", rows[i].message);
        expect_error(rows[i].text, message);
    }
}
END_TEST

START_TEST(every_value_arrives)
{
    struct vtopo_host host = {0};
    const struct host_function *gpu, *port;

    parse(
        "{\"vtopo_host\": 1,"
        " \"nodes\": [{\"id\": 3, \"cpus\": \"4-7\", \"distances\": [10, 32]},"
        "             {\"id\": 1, \"cpus\": \"0-3\", \"memory_kib\": 99, \"distances\": [31, 11],"
        "              \"memory_free_kib\": 98, \"huge_pages\": [{\"size_kib\": 2048, \"total\": 9,"
        "              \"free\": 8}, {\"size_kib\": 1048576}]}], \"isolated\": \"2-3\","
        " \"processor\": {\"vendor\": \"AuthenticAMD\", \"family\": 25, \"model\": 17,"
        "   \"address_bits\": 52, \"kernel_address_bits\": 46, \"guest_address_bits\": 48,"
        "   \"pdpe1gb\": true, \"la57\": false},"
        " \"firmware\": [{\"path\": \"/o\", \"kind\": \"ovmf\", \"version\": \"2022.11\","
        "   \"offered\": true}, {\"path\": \"/b\", \"kind\": \"seabios\"}],"
        " \"cores\": [{\"package\": 1, \"core\": 7, \"cpus\": \"2,0\"}],"
        " \"functions\": [" GPU_START ", \"subsystem_vendor\": \"0x1234\","
        " \"subsystem_device\": \"0x5678\", \"revision\": \"0xa1\", \"node\": 3,"
        " \"iommu_group\": 71, \"vfs\": 2, \"vfs_total\": 16, \"driver\": \"vfio-pci\","
        " \"netdev\": \"ens1\","
        " \"bars\": [\"mem 16M\", \"mem64 prefetch 64G\", null, \"io 128\", \"mem prefetch 5\","
        " \"mem64 1T\"],"
        " \"link_max\": \"16.0 GT/s x16\", \"link_now\": \"? x8\"}, " PORT_LINE "],"
        " \"mdevs\": [{\"uuid\": \"4b20d080-1b54-4048-85b3-a6a62d165c01\","
        " \"parent\": \"0000:3b:00.0\", \"type\": \"nvidia-222\","
        " \"type_name\": \"GRID T4-1B\", \"iommu_group\": 5}],"
        " \"vdpas\": [{\"name\": \"vdpa0\", \"parent\": \"0000:3b:00.0\","
        " \"device\": \"vhost-vdpa-7\"}],"
        " \"config\": {\"0000:3b:00.0\": {\"size\": 64, \"000\": \"de10B820\", \"020\": \"01\"}}}",
        &host);
    ck_assert_uint_eq(host.functions.count, 2);
    port = &host.functions.items[0];
    gpu = &host.functions.items[1];
    ck_assert_str_eq(host.processor.vendor, "AuthenticAMD");
    ck_assert_uint_eq(host.processor.family, 25);
    ck_assert_uint_eq(host.processor.model, 17);
    ck_assert_uint_eq(host.processor.bits, 52);
    ck_assert_uint_eq(host.processor.kernel_bits, 46);
    ck_assert_uint_eq(host.processor.guest_bits, 48);
    ck_assert(host.processor.pages_1g && !host.processor.la57);
    ck_assert_uint_eq(host.firmwares.count, 2);
    ck_assert(!host.firmwares.items[0].version &&
              host.firmwares.items[0].kind == FIRMWARE_FILE_SEABIOS);
    ck_assert_uint_eq(firmwares_find(&host.firmwares, "/o")->version, 2022011000);
    ck_assert(firmwares_find(&host.firmwares, "/o")->offered);
    ck_assert_int_eq(port->port, PORT_ROOT);
    ck_assert(port->parent == HOST_NONE);
    ck_assert_int_eq(port->node, -1);
    ck_assert_int_eq(port->iommu_group, -1);
    ck_assert_uint_eq(gpu->parent, 0);
    ck_assert_uint_eq(gpu->root.bus, 0x3a);
    ck_assert_int_eq(gpu->port, PORT_NONE);
    ck_assert_uint_eq(gpu->class_code, 0x030200);
    ck_assert_uint_eq(gpu->vendor, 0x10de);
    ck_assert_uint_eq(gpu->device, 0x20b8);
    ck_assert_uint_eq(gpu->subsystem_vendor, 0x1234);
    ck_assert_uint_eq(gpu->subsystem_device, 0x5678);
    ck_assert_uint_eq(gpu->revision, 0xa1);
    ck_assert_int_eq(gpu->node, 3);
    ck_assert_int_eq(gpu->iommu_group, 71);
    ck_assert_uint_eq(gpu->vfs, 2);
    ck_assert_uint_eq(gpu->vfs_total, 16);
    ck_assert_str_eq(gpu->driver, "vfio-pci");
    ck_assert_str_eq(gpu->netdev, "ens1");
    ck_assert_uint_eq(gpu->bars[0].size, 16 << 20);
    ck_assert(!gpu->bars[0].io && !gpu->bars[0].wide && !gpu->bars[0].prefetch);
    ck_assert_uint_eq(gpu->bars[1].size, 64ULL << 30);
    ck_assert(gpu->bars[1].wide && gpu->bars[1].prefetch);
    ck_assert_uint_eq(gpu->bars[2].size, 0);
    ck_assert(gpu->bars[3].io && gpu->bars[3].size == 128);
    ck_assert(gpu->bars[4].prefetch && !gpu->bars[4].wide && gpu->bars[4].size == 5);
    ck_assert(gpu->bars[5].wide && gpu->bars[5].size == 1ULL << 40);
    ck_assert_uint_eq(gpu->link_max.speed, 160);
    ck_assert_uint_eq(gpu->link_max.width, 16);
    ck_assert_uint_eq(gpu->link_now.speed, 0);
    ck_assert_uint_eq(gpu->link_now.width, 8);
    ck_assert_uint_eq(gpu->config_size, 64);
    ck_assert_uint_eq(gpu->config[2], 0xb8);
    ck_assert_uint_eq(gpu->config[32], 1);
    /* The nodes change places, and the columns of their distances too. */
    ck_assert_uint_eq(host.nodes.items[0].id, 1);
    ck_assert_uint_eq(host.nodes.items[0].memory_kib, 99);
    ck_assert_uint_eq(host.nodes.items[0].memory_free_kib, 98);
    ck_assert_uint_eq(host.nodes.items[0].pages.count, 2);
    ck_assert_uint_eq(host.nodes.items[0].pages.items[0].total, 9);
    ck_assert_uint_eq(host.nodes.items[0].pages.items[0].free, 8);
    ck_assert_uint_eq(host.nodes.items[0].pages.items[1].size_kib, 1048576);
    ck_assert(idset_size(&host.isolated) == 2 && idset_has(&host.isolated, 3));
    ck_assert_uint_eq(host.nodes.items[0].distances[0], 11);
    ck_assert_uint_eq(host.nodes.items[0].distances[1], 31);
    ck_assert_uint_eq(host.nodes.items[1].distances[0], 32);
    ck_assert_uint_eq(host.nodes.items[1].distances[1], 10);
    ck_assert_uint_eq(host.cpus.count, 2);
    ck_assert_uint_eq(host.cpus.items[1].id, 2);
    ck_assert_uint_eq(host.cpus.items[1].package, 1);
    ck_assert_uint_eq(host.cpus.items[1].core, 7);
    ck_assert(idset_has(&host.cpus.items[1].siblings, 0));
    ck_assert_ptr_eq(host_find_mdev(&host, "4B20D080-1B54-4048-85B3-A6A62D165C01"),
                     &host.mdevs.items[0]);
    ck_assert_str_eq(host.mdevs.items[0].type_name, "GRID T4-1B");
    ck_assert_int_eq(host.mdevs.items[0].iommu_group, 5);
    ck_assert_ptr_eq(host_find_vdpa(&host, "/dev/vhost-vdpa-7"), &host.vdpas.items[0]);
    host_clear(&host);
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    {"", "host.json:1: not a host description: '[' or '{' expected near end of file"},
    {"{\n\"vtopo_host\": 1,\n]",
     "host.json:3: not a host description: string or '}' expected near ']'"},
    {"[]", "host.json: not a host description (no key 'vtopo_host')"},
    {"{}", "host.json: not a host description (no key 'vtopo_host')"},
    {"{\"vtopo_host\": 2, \"new\": 1}",
     "host.json: vtopo_host: version 2 of the format, but this vtopo reads 1"},
    {"{\"vtopo_host\": \"1\"}",
     "host.json: vtopo_host: must be a whole number from 1 to 2147483647"},
    {"{\"vtopo_host\": 1}", "host.json: functions: is missing"},
    {"{\"vtopo_host\": 1, \"functions\": {}}", "host.json: functions: must be an array"},
    {"{\"vtopo_host\": 1, \"functions\": [], \"nics\": 1}", "host.json: nics: unknown key"},
    {"{\"vtopo_host\": 1, \"functions\": [], \"functions\": []}",
     "host.json:1: not a host description: duplicate object key near '\"functions\"'"},
    {HOST("7", ""), "host.json: functions[0]: must be an object"},
    {GPU(", \"colour\": 1"), "host.json: functions[1].colour: unknown key"},
    {GPU(", \"node\": \"0\""),
     "host.json: functions[1].node: must be a whole number from 0 to 16383"},
    {GPU(", \"node\": 0.5"),
     "host.json: functions[1].node: must be a whole number from 0 to 16383"},
    {GPU(", \"node\": 7"),
     "host.json: function 0000:3b:00.0 is on node 7, which the host does not have"},
    {GPU(", \"driver\": 1"), "host.json: functions[1].driver: must be a string"},
    {GPU(", \"driver\": \"../x\""), "host.json: functions[1].driver: '../x' is not a name"},
    {GPU(", \"driver\": \"..\""), "host.json: functions[1].driver: '..' is not a name"},
    {GPU(", \"root\": \"0000:3a\""),
     "host.json: functions[1].root: either this or 'parent' must be there"},
    {GPU(", \"revision\": \"a1\""),
     "host.json: functions[1].revision: 'a1' is not 0x and 2 hexadecimal digits"},
    {GPU(", \"revision\": \"0x1g\""),
     "host.json: functions[1].revision: '0x1g' is not 0x and 2 hexadecimal digits"},
    {GPU(", \"bars\": [\"16M\"]"),
     "host.json: functions[1].bars: '16M' is not like \"mem64 prefetch 64G\" or null"},
    {GPU(", \"bars\": [\"mem 16E0\"]"),
     "host.json: functions[1].bars: 'mem 16E0' is not like \"mem64 prefetch 64G\" or null"},
    {GPU(", \"bars\": [\"mem 99999999999E\"]"),
     "host.json: functions[1].bars: 'mem 99999999999E' is not like \"mem64 prefetch 64G\" or null"},
    {GPU(", \"bars\": [null, null, null, null, null, null, null]"),
     "host.json: functions[1].bars: must be an array of at most 6"},
    {GPU(", \"link_max\": \"16x16\""),
     "host.json: functions[1].link_max: '16x16' is not like \"16.0 GT/s x16\""},
    {GPU(", \"link_max\": \"8.0 GT/s x999\""),
     "host.json: functions[1].link_max: '8.0 GT/s x999' is not like \"16.0 GT/s x16\""},
    {GPU(", \"link_now\": \"-1 GT/s x1\""),
     "host.json: functions[1].link_now: '-1 GT/s x1' is not like \"16.0 GT/s x16\""},
    {GPU(", \"link_now\": \"8.0 GT/s x4 \""),
     "host.json: functions[1].link_now: '8.0 GT/s x4 ' is not like \"16.0 GT/s x16\""},
    {GPU(", \"physfn\": \"0000:3c:00.0\""),
     "host.json: virtual function 0000:3b:00.0 belongs to 0000:3c:00.0, which is not there"},
    {GPU(", \"physfn\": \"zero\""), "host.json: functions[1].physfn: 'zero' is not a PCI address"},
    {GPU(", \"port\": \"switch\""),
     "host.json: functions[1].port: 'switch' is not root, upstream, downstream or bridge"},
    {HOST(GPU_START "}", ""),
     "host.json: function 0000:3b:00.0 is below 0000:3a:00.0, which is not there"},
    {HOST(PORT_LINE ", " PORT_LINE, ""), "host.json: function 0000:3a:00.0 is there twice"},
    {HOST("{\"bdf\": \"0000:3b:00.0\", \"root\": \"3b\"}", ""),
     "host.json: functions[0].root: '3b' is not the domain and bus of a root complex"},
    {HOST("{\"bdf\": \"0000:3b:00.0\", \"root\": \"0000:3b\"}", ""),
     "host.json: functions[0].class: is missing"},
    {HOST("", ", \"nodes\": [{\"cpus\": \"\"}]"), "host.json: nodes[0].id: is missing"},
    {HOST("", ", \"nodes\": [{\"id\": 0, \"cpus\": \"3-1\"}]"),
     "host.json: nodes[0].cpus: '3-1' is not a list of numbers"},
    {HOST("", ", \"nodes\": [{\"id\": 0, \"cpus\": \"\"}, {\"id\": 0, \"cpus\": \"\"}]"),
     "host.json: node 0 is there twice"},
    {HOST("", ", \"nodes\": [{\"id\": 0, \"cpus\": \"\", \"distances\": [10, 20]}]"),
     "host.json: nodes[0].distances: must be an array of 1 numbers, one per node"},
    {HOST("", ", \"nodes\": [{\"id\": 0, \"cpus\": \"\", \"distances\": [256]}]"),
     "host.json: nodes[0].distances: must be numbers from 0 to 255"},
    {HOST("", ", \"cores\": [{\"cpus\": \"0-1\"}, {\"cpus\": \"1\"}]"),
     "host.json: cores[1].cpus: CPU 1 is in another core, too"},
    {HOST("", ", \"mdevs\": [{\"uuid\": \"4B20D080-1b54-4048-85b3-a6a62d165c01\"}]"),
     "host.json: mdevs[0].uuid: '4B20D080-1b54-4048-85b3-a6a62d165c01' is not a UUID in lower "
     "case"},
    {HOST("", ", \"mdevs\": [{\"uuid\": \"4b20d080-1b54-4048-85b3-a6a62d165c01\","
              " \"parent\": \"0000:00:00.0\"}]"),
     "host.json: mdev 4b20d080-1b54-4048-85b3-a6a62d165c01 is on function 0000:00:00.0, which is "
     "not "
     "there"},
    {HOST("", ", \"vdpas\": [{\"name\": \"vdpa0\", \"parent\": \"0000:00:00.0\"}]"),
     "host.json: vDPA device vdpa0 is on function 0000:00:00.0, which is not there"},
    {HOST("", ", \"vdpas\": [{\"parent\": \"0000:00:00.0\"}]"),
     "host.json: vdpas[0].name: is missing"},
    {HOST("", ", \"config\": []"), "host.json: config: must be an object"},
    {HOST("", ", \"config\": {\"0000:00:00.0\": {}}"),
     "host.json: config['0000:00:00.0']: is not the address of one of the functions, each once"},
    {HOST(PORT_LINE, ", \"config\": {\"0000:3a:00.0\": {}}"),
     "host.json: config['0000:3a:00.0'].size: is missing"},
    {HOST(PORT_LINE, ", \"config\": {\"0000:3a:00.0\": {\"size\": 4097}}"),
     "host.json: config['0000:3a:00.0'].size: must be a whole number from 1 to 4096"},
    {HOST(PORT_LINE, ", \"config\": {\"0000:3a:00.0\": {\"size\": 64, \"001\": \"00\"}}"),
     "host.json: config['0000:3a:00.0'].001: unknown key"},
    {HOST(PORT_LINE, ", \"config\": {\"0000:3a:00.0\": {\"size\": 64, \"040\": \"00\"}}"),
     "host.json: config['0000:3a:00.0'].040: must be hexadecimal digits of at most 32 bytes inside "
     "of "
     "the size"},
    {HOST(PORT_LINE, ", \"config\": {\"0000:3a:00.0\": {\"size\": 64, \"020\": \"0\"}}"),
     "host.json: config['0000:3a:00.0'].020: must be hexadecimal digits of at most 32 bytes inside "
     "of "
     "the size"},
};

START_TEST(bad_descriptions_are_refused)
{
    expect_error(bad[_i].text, bad[_i].message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_description");
    TCase *tests = tcase_create("host_description");

    suite_add_tcase(suite, tests);
    tcase_add_test(tests, hosts_in_the_tree_are_as_vtopo_writes_them);
    tcase_add_test(tests, emulators_arrive_and_are_written);
    tcase_add_test(tests, emulators_that_are_wrong);
    tcase_add_test(tests, vms_arrive_and_are_written);
    tcase_add_test(tests, no_vms);
    tcase_add_test(tests, vms_that_are_wrong);
    tcase_add_test(tests, every_value_arrives);
    tcase_add_loop_test(tests, bad_descriptions_are_refused, 0, sizeof(bad) / sizeof(*bad));
    return run_suite(suite);
}
