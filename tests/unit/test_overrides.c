/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_overrides.c - overrides and aliases written into texts of all kinds, and taken out again:
 * exact bytes */
#include "domxml/domxml.h"

#include "base/error.h"
#include "build.h"
#include "parsed.h"

#include <check.h>
#include <string.h>

#define NS "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'"
#define CLIQUE(prefix, value)                                                                      \
    "<" prefix "property name='x-nv-gpudirect-clique' type='unsigned' value='" value "'/>"

static void check(int code, char *text, size_t length, const char *expected)
{
    ck_assert_int_eq(code, 0);
    ck_assert_str_eq(text, expected);
    ck_assert_uint_eq(length, strlen(expected));
    free(text);
}

static void check_apply(const char *input, const struct vtopo_plan *plan, const char *expected)
{
    struct vtopo_domain *domain = parsed_domain(input);
    char *text = NULL;
    size_t length = 0;
    int code = domxml_apply(domain, NULL, plan, &text, &length, NULL);

    check(code, text, length, expected);
    vtopo_domain_free(domain);
}

static void check_undo(const char *input, const char *expected)
{
    struct vtopo_domain *domain = parsed_domain(input);
    char *text = NULL;
    size_t length = 0;
    int code = vtopo_domain_undo(domain, &text, &length, NULL);

    check(code, text, length, expected);
    vtopo_domain_free(domain);
}

/* Clique 3 for a device with the alias ua-a. */
static struct plan_override clique = {.name = "x-nv-gpudirect-clique",
                                      .type = "unsigned",
                                      .value = (char *)"3",
                                      .alias = (char *)"ua-a"};

static void apply_clique(const char *input, const char *expected)
{
    struct vtopo_plan plan = {.overrides = {&clique, 1, 1}};

    check_apply(input, &plan, expected);
}

START_TEST(a_domain_without_any)
{
    apply_clique(
        "<domain type='kvm'>\n  <devices/>\n</domain>\n",
        "<domain type='kvm' " NS ">\n  <devices/>\n"
        "  <qemu:override>\n    <qemu:device alias='ua-a'>\n      <qemu:frontend>\n"
        "        " CLIQUE(
            "qemu:",
            "3") "\n"
                 "      </qemu:frontend>\n    </qemu:device>\n  </qemu:override>\n</domain>\n");
    apply_clique("<domain><devices/></domain>",
                 "<domain " NS
                 "><devices/><qemu:override><qemu:device alias='ua-a'><qemu:frontend>" CLIQUE(
                     "qemu:", "3") "</qemu:frontend></qemu:device></qemu:override></domain>");
}
END_TEST

START_TEST(a_prefix_that_stands_for_something_else)
{
    apply_clique(
        "<domain xmlns:qemu='urn:other'><devices/></domain>",
        "<domain xmlns:qemu='urn:other' xmlns:qemu2='http://libvirt.org/schemas/domain/qemu/1.0'>"
        "<devices/><qemu2:override><qemu2:device alias='ua-a'><qemu2:frontend>" CLIQUE(
            "qemu2:", "3") "</qemu2:frontend></qemu2:device></qemu2:override></domain>");
}
END_TEST

START_TEST(an_override_without_a_prefix)
{
    apply_clique(
        "<domain><devices/><override xmlns='http://libvirt.org/schemas/domain/qemu/1.0'/></domain>",
        "<domain><devices/><override xmlns='http://libvirt.org/schemas/domain/qemu/1.0'>"
        "<device alias='ua-a'><frontend>" CLIQUE("",
                                                 "3") "</frontend></device></override></domain>");
}
END_TEST

START_TEST(a_device_that_has_some)
{
    apply_clique(
        "<domain " NS ">\n  <devices/>\n  <qemu:override>\n    <qemu:device alias='ua-a'/>\n"
        "    <qemu:device alias='ua-b'/>\n  </qemu:override>\n</domain>\n",
        "<domain " NS ">\n  <devices/>\n  <qemu:override>\n    <qemu:device alias='ua-a'>\n"
        "      <qemu:frontend>\n        " CLIQUE(
            "qemu:",
            "3") "\n      </qemu:frontend>\n"
                 "    </qemu:device>\n    <qemu:device alias='ua-b'/>\n  </qemu:override>\n</domain>\n");
    apply_clique(
        "<domain " NS ">\n  <devices/>\n  <qemu:override>\n    <qemu:device alias='ua-a'>\n"
        "      <qemu:frontend>\n        <qemu:property name='x' type='remove'/>\n"
        "      </qemu:frontend>\n    </qemu:device>\n  </qemu:override>\n</domain>\n",
        "<domain " NS ">\n  <devices/>\n  <qemu:override>\n    <qemu:device alias='ua-a'>\n"
        "      <qemu:frontend>\n        <qemu:property name='x' type='remove'/>\n"
        "        " CLIQUE(
            "qemu:",
            "3") "\n"
                 "      </qemu:frontend>\n    </qemu:device>\n  </qemu:override>\n</domain>\n");
}
END_TEST

/* Ports have several: all in one device. */
START_TEST(several_properties_of_one_alias)
{
    struct plan_override wishes[] = {
        {.name = "driver",
         .type = "string",
         .value = (char *)"cxl-upstream",
         .alias = (char *)"ua-vtopo-up"},
        {.name = "x-speed",
         .type = "string",
         .value = (char *)"32",
         .alias = (char *)"ua-vtopo-up"},
    };
    struct vtopo_plan plan = {.overrides = {wishes, 2, 2}};

    check_apply("<domain " NS "><devices/></domain>", &plan,
                "<domain " NS
                "><devices/><qemu:override><qemu:device alias='ua-vtopo-up'><qemu:frontend>"
                "<qemu:property name='driver' type='string' value='cxl-upstream'/>"
                "<qemu:property name='x-speed' type='string' value='32'/>"
                "</qemu:frontend></qemu:device></qemu:override></domain>");
}
END_TEST

#define P(name) "<qemu:property name='" name "' type='t' value='v'/>"

/* New devices come in the order of their first property, each with all of its own. */
START_TEST(properties_of_several_aliases_mixed)
{
    struct plan_override overrides[] = {
        {.alias = (char *)"ua-b", .name = "1", .type = "t", .value = (char *)"v"},
        {.alias = (char *)"ua-x", .name = "2", .type = "t", .value = (char *)"v"},
        {.alias = (char *)"ua-a", .name = "3", .type = "t", .value = (char *)"v"},
        {.alias = (char *)"ua-b", .name = "4", .type = "t", .value = (char *)"v"},
    };
    struct vtopo_plan plan = {.overrides = {overrides, 4, 4}};

    check_apply("<domain " NS "><qemu:override><qemu:device alias='ua-x'><qemu:frontend/>"
                "</qemu:device><qemu:device alias='ua-x'/></qemu:override></domain>",
                &plan,
                "<domain " NS "><qemu:override><qemu:device alias='ua-x'><qemu:frontend>" P(
                    "2") "</qemu:frontend></qemu:device><qemu:device alias='ua-x'/>"
                         "<qemu:device alias='ua-b'><qemu:frontend>" P("1")
                             P("4") "</qemu:frontend></qemu:device>"
                                    "<qemu:device alias='ua-a'><qemu:frontend>" P(
                                        "3") "</qemu:frontend></qemu:device>"
                                             "</qemu:override></domain>");
}
END_TEST

START_TEST(arguments_join_the_command_line)
{
    struct plan_override wish = clique;
    struct vtopo_plan plan = {.overrides = {&wish, 1, 1}};

    wish.command_line = true;
    check_apply("<domain " NS ">\n  <qemu:commandline>\n    <qemu:arg value='-foo'/>\n"
                "  </qemu:commandline>\n</domain>",
                &plan,
                "<domain " NS ">\n  <qemu:commandline>\n    <qemu:arg value='-foo'/>\n"
                "    <qemu:arg value='-set'/>\n"
                "    <qemu:arg value='device.ua-a.x-nv-gpudirect-clique=3'/>\n"
                "  </qemu:commandline>\n</domain>");
}
END_TEST

#define HOSTDEV(inside)                                                                            \
    "<domain>\n  <devices>\n    <hostdev mode='subsystem' type='pci'>\n      <source>\n"           \
    "        <address domain='0' bus='0x41' slot='0' function='0'/>\n      </source>\n" inside     \
    "    </hostdev>\n  </devices>\n</domain>\n"
#define ALIAS "      <alias name='ua-vtopo-dev-0000-41-00-0'/>\n"

static void apply_alias(const char *input, const char *expected)
{
    struct plan_device device = {.fate = FATE_STAYS, .alias = (char *)"ua-vtopo-dev-0000-41-00-0"};
    struct vtopo_plan plan = {.devices = {&device, 1, 1}};

    check_apply(input, &plan, expected);
}

START_TEST(an_alias_stands_where_libvirt_prints_it)
{
    apply_alias(HOSTDEV(""), HOSTDEV(ALIAS));
    apply_alias(HOSTDEV("      <rom bar='off'/>\n"), HOSTDEV(ALIAS "      <rom bar='off'/>\n"));
    /* libvirt drops aliases of other forms. */
    apply_alias(HOSTDEV("      <alias name='hostdev0'/>\n"), HOSTDEV(ALIAS));
    check_undo(HOSTDEV(ALIAS), HOSTDEV(""));
    check_undo(HOSTDEV("      <alias name='ua-vtopo'/>\n"),
               HOSTDEV("      <alias name='ua-vtopo'/>\n"));
}
END_TEST

#define OVERRIDE(inside)                                                                           \
    "<domain " NS ">\n  <qemu:override>\n" inside "  </qemu:override>\n</domain>\n"
#define DEVICE(alias, inside)                                                                      \
    "    <qemu:device alias='" alias "'>\n      <qemu:frontend>\n" inside                          \
    "      </qemu:frontend>\n    </qemu:device>\n"
#define RECORD                                                                                     \
    DEVICE("ua-vtopo-added",                                                                       \
           "        <qemu:property name='x-nv-gpudirect-clique' type='string' value='ua-a'/>\n")
#define MINE "        " CLIQUE("qemu:", "3") "\n"
#define OTHER "        <qemu:property name='x-foo' type='string' value='ua-a'/>\n"

START_TEST(undo_leaves_comments_of_others)
{
    check_undo(OVERRIDE("    <!-- ours -->\n" DEVICE("ua-vtopo-dev-0000-41-00-0", MINE)),
               OVERRIDE("    <!-- ours -->\n"));
    check_undo(OVERRIDE(DEVICE("ua-vtopo-dev-0000-41-00-0", MINE) "    <!-- ours -->\n"),
               OVERRIDE("    <!-- ours -->\n"));
    check_undo(OVERRIDE(DEVICE("ua-vtopo-dev-0000-41-00-0", MINE "        <!-- ours -->\n")),
               OVERRIDE(DEVICE("ua-vtopo-dev-0000-41-00-0", "        <!-- ours -->\n")));
}
END_TEST

START_TEST(undo_takes_out_what_is_marked)
{
    check_undo(OVERRIDE(DEVICE("ua-vtopo-dev-0000-41-00-0", MINE)), "<domain>\n</domain>\n");
    check_undo(OVERRIDE(DEVICE("ua-a", MINE) RECORD), "<domain>\n</domain>\n");
    check_undo(OVERRIDE(DEVICE("ua-a", MINE OTHER) RECORD), OVERRIDE(DEVICE("ua-a", OTHER)));
    /* The users' own: the record speaks of another device, or there is none. */
    check_undo(OVERRIDE(DEVICE("ua-a", MINE)), OVERRIDE(DEVICE("ua-a", MINE)));
    check_undo(OVERRIDE(DEVICE("ua-b", MINE) RECORD), OVERRIDE(DEVICE("ua-b", MINE)));
    check_undo(OVERRIDE(DEVICE("ua-a", OTHER) RECORD), OVERRIDE(DEVICE("ua-a", OTHER)));
}
END_TEST

#define SET(text) "    <qemu:arg value='-set'/>\n    <qemu:arg value='device." text "'/>\n"
#define COMMANDLINE(inside)                                                                        \
    "<domain " NS ">\n  <qemu:commandline>\n" inside "  </qemu:commandline>\n</domain>\n"

START_TEST(undo_takes_out_marked_arguments)
{
    check_undo(COMMANDLINE(SET("ua-vtopo-dev-0.x-nv-gpudirect-clique=3")), "<domain>\n</domain>\n");
    check_undo(COMMANDLINE(SET("ua-a.x-nv-gpudirect-clique=0x3") "    <qemu:arg value='-S'/>\n"),
               COMMANDLINE("    <qemu:arg value='-S'/>\n"));
    check_undo(COMMANDLINE(SET("ua-a.x-nv-gpudirect-clique=3")),
               COMMANDLINE(SET("ua-a.x-nv-gpudirect-clique=3")));
    check_undo(COMMANDLINE(SET("ua-a.x-foo=0x3")), COMMANDLINE(SET("ua-a.x-foo=0x3")));
    /* The second word is an argument of the first, whatever it looks like. */
    check_undo(COMMANDLINE("    <qemu:arg value='-set'/>\n" SET("ua-vtopo-dev-0.x=3")),
               COMMANDLINE("    <qemu:arg value='-set'/>\n" SET("ua-vtopo-dev-0.x=3")));
}
END_TEST

START_TEST(a_prefix_that_is_used_stays)
{
    check_undo("<domain " NS
               "><metadata qemu:a='b'/><qemu:override><qemu:device alias='ua-vtopo-a'>"
               "<qemu:frontend>" CLIQUE(
                   "qemu:", "3") "</qemu:frontend></qemu:device></qemu:override></domain>",
               "<domain " NS "><metadata qemu:a='b'/></domain>");
    /* What vtopo did not use is not vtopo's to take out. */
    check_undo("<domain " NS "><devices/></domain>", "<domain " NS "><devices/></domain>");
}
END_TEST

START_TEST(what_libvirt_would_refuse_is_passed_over)
{
    static const char odd[] =
        "<domain " NS
        "><qemu:override><qemu:device/><qemu:device alias='ua-vtopo-a'><qemu:frontend>"
        "<qemu:property type='string'/></qemu:frontend></qemu:device></qemu:override>"
        "<qemu:commandline><qemu:arg/><qemu:arg value='-set'/><qemu:arg value='device.ua-vtopo-a'/>"
        "<qemu:arg value='-set'/></qemu:commandline></domain>";
    struct vtopo_domain *domain = parsed_domain(odd);

    ck_assert_uint_eq(domain->model.overrides.count, 0);
    vtopo_domain_free(domain);
    check_undo(odd, odd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("overrides");
    TCase *tcase = tcase_create("overrides");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_domain_without_any);
    tcase_add_test(tcase, a_prefix_that_stands_for_something_else);
    tcase_add_test(tcase, an_override_without_a_prefix);
    tcase_add_test(tcase, a_device_that_has_some);
    tcase_add_test(tcase, several_properties_of_one_alias);
    tcase_add_test(tcase, properties_of_several_aliases_mixed);
    tcase_add_test(tcase, arguments_join_the_command_line);
    tcase_add_test(tcase, an_alias_stands_where_libvirt_prints_it);
    tcase_add_test(tcase, undo_takes_out_what_is_marked);
    tcase_add_test(tcase, undo_leaves_comments_of_others);
    tcase_add_test(tcase, undo_takes_out_marked_arguments);
    tcase_add_test(tcase, a_prefix_that_is_used_stays);
    tcase_add_test(tcase, what_libvirt_would_refuse_is_passed_over);
    return run_suite(suite);
}
