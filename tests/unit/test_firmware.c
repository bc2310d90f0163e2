/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_firmware.c - which files are taken for which firmware
 *
 * In a root that is made here, with this user in place of root.  A real machine's:
 * real/test_firmware.py.
 */
#include "firmware/firmware.h"

#include "base/error.h"
#include "base/mem.h"

#include "failing_alloc.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CODE "/usr/share/OVMF/OVMF_CODE_4M.fd"
#define OTHER "/usr/share/OVMF/OTHER.fd"
#define BIOS "/usr/share/seabios/bios-256k.bin"
#define QEMU_BIOS "/usr/share/qemu/bios-256k.bin"
#define LIST "/var/lib/dpkg/info/ovmf.list"
#define SUMS "/var/lib/dpkg/info/ovmf.md5sums"
#define STATUS "/var/lib/dpkg/status"
#define FIRST "/usr/share/qemu/firmware/60-first.json"
#define MINE "/etc/qemu/firmware/60-first.json"

static char root[32];
static struct firmware_places places;
static struct vtopo_host host;

static void setup(void)
{
    strcpy(root, "/tmp/vtopo-firmware-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    places = (struct firmware_places){root, getuid()};
}

static void teardown(void)
{
    char command[64];

    host_clear(&host);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    ck_assert_int_eq(system(command), 0);
}

static char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s%s", root, name);
    return path;
}

static void make_bytes(const char *name, const char *bytes, size_t length)
{
    char *path = path_of(name);
    FILE *file;

    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void make(const char *name, const char *text)
{
    make_bytes(name, text, strlen(text));
}

/* By another program than ours. */
static void make_sums(const char *name)
{
    char command[600], line[200], sum[33] = "";
    FILE *pipe;

    snprintf(command, sizeof(command), "md5sum '%s'", path_of(name));
    pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(sum, sizeof(sum), pipe));
    pclose(pipe);
    snprintf(line, sizeof(line), "00000000000000000000000000000000  usr/share/x\n%s  %s\n", sum,
             name + 1);
    make(SUMS, line);
}

#define PARAGRAPH(state, version)                                                                  \
    "Package: ovmf\nStatus: install ok " state "\nArchitecture: all\nVersion: " version            \
    "\nDescription: x\n Version: 1\n"

static void make_package(void)
{
    make(CODE, "code");
    make(LIST, "/.\n/usr/share/OVMF\n" CODE "\n/usr/share/OVMF/OVMF_VARS.fd\n");
    make_sums(CODE);
    make(STATUS, "Package: a\nVersion: 1\n\n" PARAGRAPH(
                     "installed", "2022.11-6+deb12u2") "\n"
                                                       "Package: z\nVersion: 2025.02-1\n");
}

static struct domain domain_of(enum firmware_choice choice, const char *loader)
{
    return (struct domain){.firmware_choice = choice, .loader = (char *)(uintptr_t)loader};
}

static void read_for(enum firmware_choice choice, const char *loader)
{
    const struct domain domain = domain_of(choice, loader);

    host_clear(&host);
    memset(&host, 0, sizeof(host));
    ck_assert_int_eq(firmwares_read(&places, &domain, &host, NULL), 0);
}

/* 0: it is not known, or not there. */
static unsigned version_of(enum firmware_choice choice, const char *loader, const char *path)
{
    const struct host_firmware *found;

    read_for(choice, loader);
    found = firmwares_find(&host.firmwares, path);
    return found ? found->version : 0;
}

static unsigned loader_version(const char *path)
{
    return version_of(FIRMWARE_BY_LOADER, path, path);
}

START_TEST(a_package_has_the_version_of_its_files)
{
    static const struct {
        const char *status;
        unsigned version;
    } rows[] = {
        {PARAGRAPH("installed", "2025.02-8~bpo12+1"), 2025002000},
        {PARAGRAPH("installed", "2024.02-2ubuntu0.3"), 2024002000},
        {PARAGRAPH("installed", "0~20191122.bd85bf54-2"), 0},
        {PARAGRAPH("installed", "2025.02~rc1-1"), 0},
        {PARAGRAPH("installed", "2025.02"), 0},
        {PARAGRAPH("installed", "1:2025.02-1"), 0},
        {PARAGRAPH("installed", "2025.13-1"), 2025013000},
        {PARAGRAPH("unpacked", "2025.02-1"), 0},
        {"Package: ovmf\nStatus: deinstall ok config-files\nVersion: 2025.02-1\n", 0},
        {"Package: ovmf-ia32\nStatus: install ok installed\nVersion: 2025.02-1\n", 0},
        {"Package: a\nStatus: install ok installed\n\nPackage: ovmf\n\nVersion: 2025.02-1\n", 0},
        {"Package: ovmf", 0},
        {"Package: ovmf\nStatus: install ok installed\nVersion: ", 0},
        {"", 0},
    };

    make_package();
    ck_assert_uint_eq(loader_version(CODE), 2022011000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        make(STATUS, rows[i].status);
        ck_assert_msg(loader_version(CODE) == rows[i].version, "%s", rows[i].status);
    }
    unlink(path_of(STATUS));
    ck_assert_uint_eq(loader_version(CODE), 0);
}
END_TEST

START_TEST(what_is_not_the_packages_is_not_known)
{
    make_package();
    make(OTHER, "code"); /* the same, elsewhere: nobody says that it stays so */
    ck_assert_uint_eq(loader_version(OTHER), 0);
    ck_assert_uint_eq(host.firmwares.count, 0);
    ck_assert_uint_eq(loader_version("/usr/share/OVMF/OVMF_CODE"), 0);
    ck_assert_uint_eq(loader_version("/usr/share/OVMF/../OVMF/OVMF_CODE_4M.fd"), 0);
    ck_assert_uint_eq(loader_version(""), 0);
    ck_assert_uint_eq(loader_version("\n"), 0);
    make(CODE, "another"); /* somebody's own in its place */
    ck_assert_uint_eq(loader_version(CODE), 0);
    make(CODE, "code");
    ck_assert_uint_eq(loader_version(CODE), 2022011000);
    ck_assert_int_eq(chmod(path_of(CODE), 0666), 0);
    ck_assert_uint_eq(loader_version(CODE), 0);
    ck_assert_int_eq(chmod(path_of(CODE), 0644), 0);
    ck_assert_int_eq(chmod(path_of(STATUS), 0664), 0);
    ck_assert_uint_eq(loader_version(CODE), 0);
    ck_assert_int_eq(chmod(path_of(STATUS), 0644), 0);
    places.owner++;
    ck_assert_uint_eq(loader_version(CODE), 0);
    places.owner--;
    unlink(path_of(CODE));
    ck_assert_int_eq(mkfifo(path_of(CODE), 0644), 0); /* it is not waited for */
    ck_assert_uint_eq(loader_version(CODE), 0);
    unlink(path_of(CODE));
    ck_assert_uint_eq(loader_version(CODE), 0);
    make(CODE, "code");
    unlink(path_of(SUMS));
    ck_assert_uint_eq(loader_version(CODE), 0);
}
END_TEST

/* A link of the package's: its list has it, and the sum is that of the file behind it. */
START_TEST(links_of_the_package)
{
    make_package();
    make(LIST, CODE "\n/usr/share/OVMF/OVMF_CODE_4M.ms.fd\n");
    ck_assert_int_eq(symlink("OVMF_CODE_4M.fd", path_of("/usr/share/OVMF/OVMF_CODE_4M.ms.fd")), 0);
    ck_assert_uint_eq(loader_version("/usr/share/OVMF/OVMF_CODE_4M.ms.fd"), 2022011000);
}
END_TEST

#define MARK "\0SeaBIOS (version %s)\n\0"

static unsigned bios_version(const char *bytes, size_t length)
{
    make_bytes(BIOS, bytes, length);
    return version_of(FIRMWARE_BY_QEMU, NULL, BIOS);
}
#define BIOS_VERSION(text) bios_version(text, sizeof(text) - 1)

START_TEST(seabios_says_its_version)
{
    ck_assert_uint_eq(BIOS_VERSION(MARK "1.16.2-debian-1.16.2-1\0x"), 1016002);
    ck_assert_uint_eq(BIOS_VERSION("rel-1.16.3-0-ga6ed6b701f0a-prebuilt.qemu.org" MARK), 1016003);
    ck_assert_uint_eq(BIOS_VERSION(MARK "rel-1.17.0-0-gb52ca86e094d"), 1017000);
    ck_assert_uint_eq(BIOS_VERSION(MARK "1.16.3-4.el9\0"), 1016003);
    ck_assert_uint_eq(BIOS_VERSION(MARK "1.17.0\0"), 1017000);
    ck_assert_uint_eq(BIOS_VERSION(MARK "1.16.2-a\0\0rel-1.16.2-0-g1\0"), 1016002);
    /* commits after a release, two releases, none, no SeaBIOS */
    ck_assert_uint_eq(BIOS_VERSION(MARK "rel-1.16.3-9-ga6ed6b701f0a\0"), 0);
    ck_assert_uint_eq(BIOS_VERSION(MARK "1.16.2-a\0001.16.3-a\0"), 0);
    ck_assert_uint_eq(BIOS_VERSION(MARK "?-20190711_202441-builder\0"), 0);
    ck_assert_uint_eq(BIOS_VERSION(MARK "x1.16.2-a\0"
                                        "1.16\0"
                                        "1.16.2 \0"
                                        "1.16.2000-a\0"
                                        "0.1         \0"),
                      0);
    ck_assert_uint_eq(BIOS_VERSION("1.16.2-debian-1.16.2-1\0"), 0);
    ck_assert_uint_eq(BIOS_VERSION(""), 0);
    ck_assert_uint_eq(host.firmwares.count, 1); /* it is there */
    unlink(path_of(BIOS));
    read_for(FIRMWARE_BY_QEMU, NULL);
    ck_assert_uint_eq(host.firmwares.count, 0);
}
END_TEST

START_TEST(qemu_may_take_one_of_several)
{
    make_bytes(BIOS, MARK "1.16.2-a", sizeof(MARK "1.16.2-a"));
    make_bytes(QEMU_BIOS, MARK "1.16.3-a", sizeof(MARK "1.16.3-a"));
    read_for(FIRMWARE_BY_QEMU, NULL);
    ck_assert_uint_eq(host.firmwares.count, 2);
    ck_assert_uint_eq(firmwares_common_version(&host.firmwares, false), 0);
    ck_assert_uint_eq(loader_version(QEMU_BIOS), 1016003);
    ck_assert_uint_eq(loader_version(BIOS), 1016002);
    ck_assert_uint_eq(host.firmwares.count, 1);
}
END_TEST

#define DESCRIPTOR(interface, arch, mapping)                                                       \
    "{\"interface-types\": [\"" interface "\"], \"targets\": [{\"architecture\": \"" arch          \
    "\", \"machines\": [\"pc-q35-*\"]}], \"mapping\": {" mapping "}}"
#define FLASH(file) "\"device\": \"flash\", \"executable\": {\"filename\": \"" file "\"}"
#define MEMORY(file) "\"device\": \"memory\", \"filename\": \"" file "\""

static size_t offered(void)
{
    read_for(FIRMWARE_BY_LIBVIRT, NULL);
    return host.firmwares.count;
}

START_TEST(descriptors_name_what_libvirt_may_take)
{
    make_package();
    ck_assert_uint_eq(offered(), 0);
    make(FIRST, DESCRIPTOR("uefi", "x86_64", FLASH(CODE)));
    ck_assert_uint_eq(offered(), 1);
    ck_assert(host.firmwares.items[0].offered);
    ck_assert_uint_eq(firmwares_common_version(&host.firmwares, true), 2022011000);
    /* of another kind */
    make("/usr/share/qemu/firmware/70-arm.json", DESCRIPTOR("uefi", "aarch64", FLASH("/a")));
    make("/usr/share/qemu/firmware/70-bios.json", DESCRIPTOR("bios", "x86_64", FLASH("/b")));
    make("/usr/share/qemu/firmware/README", "x");
    ck_assert_uint_eq(offered(), 1);
    /* one that is not the package's: which of both it will be is not known */
    make("/usr/share/qemu/firmware/80-sev.json", DESCRIPTOR("uefi", "x86_64", MEMORY(OTHER)));
    ck_assert_uint_eq(offered(), 2);
    ck_assert_uint_eq(firmwares_common_version(&host.firmwares, true), 0);
    /* the administrator hides it */
    make("/etc/qemu/firmware/80-sev.json", "");
    ck_assert_uint_eq(offered(), 1);
    ck_assert_uint_eq(firmwares_common_version(&host.firmwares, true), 2022011000);
    make(MINE, DESCRIPTOR("uefi", "x86_64", FLASH(OTHER)));
    ck_assert_uint_eq(offered(), 1);
    ck_assert_str_eq(host.firmwares.items[0].path, OTHER);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_read_leaves_all_unknown)
{
    static const char *const wrong[] = {
        "{",
        "[1, 2",
        DESCRIPTOR("uefi", "x86_64", ""),
        DESCRIPTOR("uefi", "x86_64", FLASH("relative")),
        DESCRIPTOR("uefi", "x86_64", FLASH("/a\\nb")),
        DESCRIPTOR("uefi", "x86_64", "\"executable\": {\"filename\": 1}"),
    };

    make_package();
    make(FIRST, DESCRIPTOR("uefi", "x86_64", FLASH(CODE)));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        make("/usr/share/qemu/firmware/80-wrong.json", wrong[i]);
        ck_assert_msg(!offered(), "%s", wrong[i]);
    }
    make("/usr/share/qemu/firmware/80-wrong.json", "{\"other\": 1}"); /* says nothing of x86 */
    ck_assert_uint_eq(offered(), 1);
    ck_assert_int_eq(chmod(path_of(FIRST), 0666), 0);
    ck_assert_uint_eq(offered(), 0);
}
END_TEST

#define AAVMF "/usr/share/AAVMF/AAVMF_CODE.fd"

/* An aarch64 domain's is of another package and has other descriptors. */
START_TEST(aarch64_has_its_own)
{
    struct domain domain = domain_of(FIRMWARE_BY_LIBVIRT, NULL);
    const struct host_firmware *file;
    char command[600];

    make_package();
    make(AAVMF, "arm");
    make("/var/lib/dpkg/info/qemu-efi-aarch64.list", AAVMF "\n");
    snprintf(command, sizeof(command), "md5sum '%s/%s' >'%s/%s'", root, AAVMF, root,
             "var/lib/dpkg/info/qemu-efi-aarch64.md5sums");
    ck_assert_int_eq(system(command), 0);
    make(
        STATUS,
        PARAGRAPH(
            "installed",
            "2022.11-6+deb12u2") "\n"
                                 "Package: qemu-efi-aarch64\nStatus: install ok installed\nVersion: 2025.02-8\n");
    make(FIRST, DESCRIPTOR("uefi", "x86_64", FLASH(CODE)));
    make("/usr/share/qemu/firmware/70-arm.json", DESCRIPTOR("uefi", "aarch64", FLASH(AAVMF)));
    domain.machine_kind = MACHINE_VIRT;
    ck_assert_int_eq(firmwares_read(&places, &domain, &host, NULL), 0);
    ck_assert_uint_eq(host.firmwares.count, 1);
    ck_assert_uint_eq(firmwares_common_version(&host.firmwares, FIRMWARE_FILE_AAVMF), 2025002000);
    host_clear(&host);
    memset(&host, 0, sizeof(host));
    domain.firmware_choice = FIRMWARE_BY_LOADER;
    domain.loader = (char *)(uintptr_t)AAVMF;
    ck_assert_int_eq(firmwares_read(&places, &domain, &host, NULL), 0);
    file = firmwares_find(&host.firmwares, AAVMF);
    ck_assert(file && file->kind == FIRMWARE_FILE_AAVMF && file->version == 2025002000);
    host_clear(&host);
    memset(&host, 0, sizeof(host));
    ck_assert_int_eq(firmwares_read(&places, NULL, &host, NULL), 0); /* all */
    ck_assert_uint_eq(host.firmwares.count, 2);
    ck_assert_uint_eq(firmwares_common_version(&host.firmwares, FIRMWARE_FILE_OVMF), 2022011000);
    ck_assert_uint_eq(firmwares_common_version(&host.firmwares, FIRMWARE_FILE_AAVMF), 2025002000);
}
END_TEST

START_TEST(without_a_domain_all_are_there)
{
    make_package();
    make_bytes(BIOS, MARK "1.16.2-a", sizeof(MARK "1.16.2-a"));
    make(FIRST, DESCRIPTOR("uefi", "x86_64", FLASH(OTHER)));
    ck_assert_int_eq(firmwares_read(&places, NULL, &host, NULL), 0);
    ck_assert_uint_eq(host.firmwares.count, 3);
    ck_assert_uint_eq(firmwares_find(&host.firmwares, CODE)->version, 2022011000);
    ck_assert(!firmwares_find(&host.firmwares, CODE)->offered);
    ck_assert(firmwares_find(&host.firmwares, OTHER)->offered);
    ck_assert_uint_eq(firmwares_find(&host.firmwares, BIOS)->version, 1016002);
    read_for(FIRMWARE_UNCLEAR, NULL);
    ck_assert_uint_eq(host.firmwares.count, 0);
}
END_TEST

/* Every allocation fails once. */
START_TEST(without_memory)
{
    size_t count = 0;
    int r;

    make_package();
    make_bytes(BIOS, MARK "1.16.2-a", sizeof(MARK "1.16.2-a"));
    make(FIRST, DESCRIPTOR("uefi", "x86_64", FLASH(CODE)));
    do {
        struct vtopo_error *error = NULL;

        host_clear(&host);
        memset(&host, 0, sizeof(host));
        failing_alloc_start(++count);
        r = firmwares_read(&places, NULL, &host, &error);
        ck_assert_int_eq(failing_alloc_stop() >= count, r != 0);
        ck_assert_int_eq(error ? vtopo_error_code(error) : 0, r);
        ck_assert(!r || r == VTOPO_ERR_NOMEM);
        vtopo_error_free(error);
    } while (r);
    ck_assert_uint_gt(count, 10);
    ck_assert_uint_eq(host.firmwares.count, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("firmware");
    TCase *tcase = tcase_create("firmware");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_package_has_the_version_of_its_files);
    tcase_add_test(tcase, what_is_not_the_packages_is_not_known);
    tcase_add_test(tcase, links_of_the_package);
    tcase_add_test(tcase, seabios_says_its_version);
    tcase_add_test(tcase, qemu_may_take_one_of_several);
    tcase_add_test(tcase, descriptors_name_what_libvirt_may_take);
    tcase_add_test(tcase, a_descriptor_that_cannot_be_read_leaves_all_unknown);
    tcase_add_test(tcase, aarch64_has_its_own);
    tcase_add_test(tcase, without_a_domain_all_are_there);
    tcase_add_test(tcase, without_memory);
    return run_suite(suite);
}
