/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_validate.c - domains against RELAX NG: libvirt's own schema, and schemas that are refused */
#include "vtopo/domain.h"

#include "base/mem.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN                                                                                     \
    "<domain type='kvm'>\n<name>x</name>\n<memory>1024</memory>\n"                                 \
    "<os><type arch='x86_64' machine='q35'>hvm</type></os>\n"

static void check_result(const char *text, const char *schema, int code, const char *message)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(vtopo_domain_validate(text, strlen(text), schema, &error), code);
    if (code)
        ck_assert_msg(strstr(vtopo_error_message(error), message) != NULL, "%s",
                      vtopo_error_message(error));
    vtopo_error_free(error);
}

START_TEST(installed_schema)
{
    check_result(DOMAIN "</domain>", NULL, 0, NULL);
    check_result(DOMAIN "<devices><hostdev mode='subsystem' type='pci'><source><address "
                        "bus='0x41' slot='0' function='0'/></source></hostdev></devices></domain>",
                 NULL, 0, NULL);
    check_result(DOMAIN "<devices><controller type='pci' index='1' model='no-such'/></devices>"
                        "</domain>",
                 NULL, VTOPO_ERR_DOMAIN, "libvirt's schema: ");
    check_result("<domain type='kvm'/>", NULL, VTOPO_ERR_DOMAIN, "line 1: libvirt's schema: ");
    check_result("<domain", NULL, VTOPO_ERR_DOMAIN, "domain:1: cannot be read as XML");
}
END_TEST

static char directory[] = "/tmp/vtopo-validate-XXXXXX";

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    ck_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

#define RNG(inside) "<grammar xmlns='http://relaxng.org/ns/structure/1.0'>" inside "</grammar>"

START_TEST(other_schemas)
{
    ck_assert(mkdtemp(directory) && chdir(directory) == 0);
    write_file("leaf.rng",
               RNG("<define name='x'><element name='domain'><empty/></element></define>"));
    write_file("main.rng", RNG("<include href='leaf.rng'/><start><ref name='x'/></start>"));
    write_file("far.rng", RNG("<include href='http://127.0.0.1:1/x.rng'/>"));
    write_file("up.rng", RNG("<include href='../x.rng'/>"));
    write_file("base.rng",
               RNG("<div xml:base='http://127.0.0.1:1/'><include href='leaf.rng'/></div>"));
    write_file("deep.rng", RNG("<include href='far.rng'/>"));
    write_file("loop.rng", RNG("<include href='loop.rng'/>"));
    write_file("none.rng", RNG("<include href='missing.rng'/>"));
    write_file("doctype.rng", "<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/'>" RNG(""));
    write_file("other.rng", "<other/>");
    check_result("<domain/>", "main.rng", 0, NULL);
    check_result("<domain>\n<x/></domain>", "main.rng", VTOPO_ERR_DOMAIN, "libvirt's schema: ");
    check_result("<domain/>", "missing.rng", VTOPO_ERR_FILE, "missing.rng");
    check_result("<domain/>", "none.rng", VTOPO_ERR_FILE, "missing.rng");
    check_result("<domain/>", "far.rng", VTOPO_ERR_FILE, "is not a file beside it");
    check_result("<domain/>", "deep.rng", VTOPO_ERR_FILE, "is not a file beside it");
    check_result("<domain/>", "up.rng", VTOPO_ERR_FILE, "is not a file beside it");
    check_result("<domain/>", "base.rng", VTOPO_ERR_FILE, "has an xml:base");
    check_result("<domain/>", "doctype.rng", VTOPO_ERR_FILE, "document type");
    check_result("<domain/>", "loop.rng", VTOPO_ERR_FILE, "loop.rng: not a RELAX NG schema");
    check_result("<domain/>", "other.rng", VTOPO_ERR_FILE, "other.rng: not a RELAX NG schema");
    check_result("<domain/>", "http://127.0.0.1:1/x.rng", VTOPO_ERR_FILE, "not a file");
}
END_TEST

static void remove_files(void)
{
    static const char *const names[] = {"leaf.rng",    "main.rng", "far.rng",  "up.rng",
                                        "base.rng",    "deep.rng", "loop.rng", "none.rng",
                                        "doctype.rng", "other.rng"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unlink(names[i]);
    rmdir(directory);
}

int main(void)
{
    Suite *suite = suite_create("validate");
    TCase *tcase = tcase_create("validate");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_unchecked_fixture(tcase, NULL, remove_files);
    tcase_add_test(tcase, installed_schema);
    tcase_add_test(tcase, other_schemas);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
