/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_cache_text.c - what is, and what is not, a file of libvirt's capability cache
 *
 * Those that a libvirt wrote are in real/test_capabilities.py.
 */
#include "emulator/cache_text.h"

#include "base/error.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define HEAD                                                                                       \
    "<emulator>/usr/bin/qemu-system-x86_64</emulator>\n  <qemuctime>1796017965</qemuctime>\n"
#define LIBVIRT "<selfctime>1</selfctime><selfvers>9000000</selfvers>"
#define QEMU "<flag name='kvm'/><version>7002022</version><kvmVersion>0</kvmVersion>"
#define ARCH "<arch>x86_64</arch>"
#define ROOT(inside) "<qemuCaps>" inside "</qemuCaps>\n"

static struct cache_text read;

static bool parse_bytes(const char *text, size_t length)
{
    bool valid;

    emulator_clear(&read.emulator);
    ck_assert_int_eq(cache_text_parse(text, length, &read, &valid, NULL), 0);
    if (!valid) {
        ck_assert_ptr_null(read.emulator.path);
        ck_assert_ptr_null(read.emulator.machines.items);
    }
    return valid;
}

static bool parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void teardown(void)
{
    emulator_clear(&read.emulator);
}

START_TEST(what_counts_is_read)
{
    ck_assert(parse("<?xml version='1.0'?><!-- x -->" ROOT(
        HEAD LIBVIRT QEMU ARCH
        "<cpu type='tcg' name='max'><blocker name='x'/></cpu><version2>1</version2>"
        "<hostCPU><version>1</version><machine alias='no' name='no'/></hostCPU>"
        "<machine type='kvm' name='pc-q35-7.2' alias='q35' maxCpus='288'/>"
        "<machine type='tcg' name='pc-q35-7.2' alias='q35' maxCpus='288'/>"
        "<machine type='tcg' name='pc-i440fx-7.2' alias='pc' default='yes'/>"
        "<machine type='tcg' name='pc-q35-5.2'/><machine alias='x'/>"
        "<machine name='a b' alias='y'/>")));
    ck_assert_str_eq(read.emulator.path, "/usr/bin/qemu-system-x86_64");
    ck_assert_int_eq(read.emulator.state, EMULATOR_KNOWN);
    ck_assert(!read.emulator.is_default);
    ck_assert_str_eq(read.emulator.arch, "x86_64");
    ck_assert_uint_eq(read.emulator.qemu_version, 7002022);
    ck_assert_uint_eq(read.emulator.libvirt_version, 9000000);
    ck_assert_int_eq(read.changed, 1796017965);
    ck_assert_uint_eq(read.emulator.machines.count, 2);
    ck_assert_str_eq(emulator_machine(&read.emulator, "q35"), "pc-q35-7.2");
}
END_TEST

START_TEST(characters_come_escaped)
{
    ck_assert(parse(ROOT("<emulator>/opt/a&amp;b<![CDATA[<c]]>&#x20;d</emulator>"
                         "<qemuctime>0</qemuctime>" LIBVIRT QEMU ARCH)));
    ck_assert_str_eq(read.emulator.path, "/opt/a&b<c d");
    ck_assert_int_eq(read.changed, 0);
}
END_TEST

static const char *const wrong[] = {
    "",
    "\n",
    "qemuCaps",
    "<qemuCaps/>",
    "<qemuCaps>" HEAD LIBVIRT QEMU ARCH, /* cut off */
    ROOT(HEAD LIBVIRT QEMU ARCH) "<x/>",
    "<caps>" HEAD LIBVIRT QEMU ARCH "</caps>",
    "<x:qemuCaps xmlns:x='u'>" HEAD LIBVIRT QEMU ARCH "</x:qemuCaps>",
    "<qemuCaps xmlns='u'>" HEAD LIBVIRT QEMU ARCH "</qemuCaps>",
    "<!DOCTYPE qemuCaps>" ROOT(HEAD LIBVIRT QEMU ARCH),
    "<!DOCTYPE qemuCaps [<!ENTITY v '7002022'>]>" ROOT(HEAD LIBVIRT "<version>&v;</version>" ARCH),
    "<!DOCTYPE qemuCaps SYSTEM 'file:///etc/passwd'>" ROOT(HEAD LIBVIRT QEMU ARCH),
    ROOT(HEAD LIBVIRT "<version>&v;</version>" ARCH),
    ROOT(HEAD LIBVIRT QEMU),
    ROOT(HEAD LIBVIRT ARCH),
    ROOT(HEAD QEMU ARCH),
    ROOT(LIBVIRT QEMU ARCH),
    ROOT("<emulator>/a</emulator>" LIBVIRT QEMU ARCH),
    ROOT("<qemuctime>1</qemuctime>" LIBVIRT QEMU ARCH),
    ROOT(HEAD HEAD LIBVIRT QEMU ARCH),
    ROOT(HEAD LIBVIRT QEMU QEMU ARCH),
    ROOT(HEAD LIBVIRT "<version>7002022<x/></version>" ARCH),
    ROOT(HEAD LIBVIRT "<version/>" ARCH),
    ROOT(HEAD LIBVIRT "<version>0</version>" ARCH),
    ROOT(HEAD LIBVIRT "<version>-7002022</version>" ARCH),
    ROOT(HEAD LIBVIRT "<version> 7002022</version>" ARCH),
    ROOT(HEAD LIBVIRT "<version>7.2.22</version>" ARCH),
    ROOT(HEAD LIBVIRT "<version>1000000000</version>" ARCH),
    ROOT(HEAD LIBVIRT "<version>99999999999999999999</version>" ARCH),
    ROOT(HEAD "<selfvers>0</selfvers>" QEMU ARCH),
    ROOT(HEAD "<selfvers>1000000000</selfvers>" QEMU ARCH),
    ROOT("<emulator>usr/bin/qemu</emulator><qemuctime>1</qemuctime>" LIBVIRT QEMU ARCH),
    ROOT("<emulator>/usr&#10;</emulator><qemuctime>1</qemuctime>" LIBVIRT QEMU ARCH),
    ROOT("<emulator>/a</emulator><qemuctime>-1</qemuctime>" LIBVIRT QEMU ARCH),
    ROOT("<emulator>/a</emulator><qemuctime>1.5</qemuctime>" LIBVIRT QEMU ARCH),
    ROOT(HEAD LIBVIRT QEMU "<arch>x86 64</arch>"),
    ROOT(HEAD LIBVIRT QEMU "<arch/>"),
    ROOT(HEAD LIBVIRT QEMU ARCH "<machine name='a' name='b' alias='c'/>"),
};

START_TEST(what_is_not_libvirts_is_nothing)
{
    ck_assert_msg(!parse(wrong[_i]), "%s", wrong[_i]);
}
END_TEST

START_TEST(bytes_that_are_no_text)
{
    static const char nul[] = "<qemuCaps>" HEAD LIBVIRT QEMU "<arch>x86_64\0</arch></qemuCaps>";
    static const char latin[] = ROOT(HEAD LIBVIRT QEMU ARCH "<flag name='\xff'/>");

    ck_assert(!parse_bytes(nul, sizeof(nul) - 1));
    ck_assert(!parse_bytes(latin, sizeof(latin) - 1));
}
END_TEST

/* @count times the pieces with a number behind each of the first two, below the root. */
static bool parse_many(const char *const pieces[3], size_t count)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    bool valid;

    fputs("<qemuCaps>" HEAD LIBVIRT QEMU ARCH, stream);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%s%zu%s%zu%s", pieces[0], i, pieces[1], i, pieces[2]);
    fputs("</qemuCaps>", stream);
    fclose(stream);
    valid = parse_bytes(text, length);
    free(text);
    return valid;
}

START_TEST(limits)
{
    static const char *const machine[] = {"<machine name='n", "' alias='a", "'/>"};
    static const char *const flags[] = {"<flag name='", "'/><flag name='", "'/>"};
    static const char *const comment[] = {"<!-- some text, so that it is long: ", " ", "-->"};
    static const char *const deep[] = {"<x", " a='", "'>"};

    ck_assert(parse_many(machine, EMULATOR_MACHINES_MAX));
    ck_assert_uint_eq(read.emulator.machines.count, EMULATOR_MACHINES_MAX);
    ck_assert(!parse_many(machine, EMULATOR_MACHINES_MAX + 1));
    ck_assert(parse_many(flags, 10000));
    ck_assert(!parse_many(comment, 100000));
    ck_assert(!parse_many(deep, 300));
}
END_TEST

START_TEST(a_path_has_a_limit)
{
    char text[EMULATOR_PATH_MAX + 1000], path[EMULATOR_PATH_MAX + 2];

    for (size_t more = 0; more < 2; more++) {
        memset(path, '/', EMULATOR_PATH_MAX + more);
        path[EMULATOR_PATH_MAX + more] = '\0';
        snprintf(text, sizeof(text),
                 ROOT("<emulator>%s</emulator><qemuctime>1</qemuctime>" LIBVIRT QEMU ARCH), path);
        ck_assert_int_eq(parse(text), !more);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cache_text");
    TCase *tcase = tcase_create("cache_text");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, what_counts_is_read);
    tcase_add_test(tcase, characters_come_escaped);
    tcase_add_loop_test(tcase, what_is_not_libvirts_is_nothing, 0, sizeof(wrong) / sizeof(*wrong));
    tcase_add_test(tcase, bytes_that_are_no_text);
    tcase_add_test(tcase, limits);
    tcase_add_test(tcase, a_path_has_a_limit);
    return run_suite(suite);
}
