/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mark.c - what is written into a domain is read back from it, whichever release wrote it */
#include "model/mark.h"

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static const struct bdf host = {0x10000, 0xc1, 0x1f, 7};

START_TEST(which_aliases_libvirt_keeps)
{
    ck_assert(alias_is_user("ua-a_B-9"));
    ck_assert(!alias_is_user("ua-a.b"));
    ck_assert(!alias_is_user("hostdev0"));
    ck_assert(!alias_is_user(NULL));
}
END_TEST

static void check_alias(char *alias, const char *expected)
{
    ck_assert_str_eq(alias, expected);
    ck_assert(alias_is_user(alias));
    ck_assert(mark_is_of_controller(alias));
    free(alias);
}

START_TEST(aliases_of_controllers)
{
    check_alias(mark_port_alias("rp", &host, ""), "ua-vtopo-rp-10000-c1-1f-7");
    check_alias(mark_port_alias("dp", &host, "-pci"), "ua-vtopo-dp-10000-c1-1f-7-pci");
    check_alias(mark_expander_alias(&host, "-cell1"), "ua-vtopo-pxb-10000-c1-cell1");
    check_alias(mark_expander_alias(NULL, "-nonode"), "ua-vtopo-pxb-nonode");
    check_alias(mark_spare_alias("ua-vtopo-pxb-0000-c1-cell1", 2),
                "ua-vtopo-spare-0000-c1-cell1-2");
    check_alias(mark_another_alias("ua-vtopo-up-0000-c1-00-0", 2), "ua-vtopo-up-0000-c1-00-0-2");
    ck_assert(!mark_is_of_controller(NULL));
    ck_assert(!mark_is_of_controller("ua-vtop"));
    ck_assert(!mark_is_of_controller("ua-mine"));
}
END_TEST

START_TEST(aliases_of_devices)
{
    struct domain_device device = {.kind = DEVICE_HOSTDEV_PCI};

    ck_assert(!mark_is_of_device(&device));
    device.alias = mark_device_alias(&host);
    ck_assert_str_eq(device.alias, "ua-vtopo-dev-10000-c1-1f-7");
    ck_assert(mark_is_of_device(&device));
    device.kind = DEVICE_OTHER; /* vtopo gives none to these */
    ck_assert(!mark_is_of_device(&device));
    free(device.alias);
    device = (struct domain_device){.kind = DEVICE_HOSTDEV_PCI, .alias = strdup("ua-vtopo-de")};
    ck_assert(!mark_is_of_device(&device));
    free(device.alias);
}
END_TEST

/* "1 9": the indexes that an alias names. */
static char *named(const char *alias)
{
    bool off[DOMAIN_INDEXES] = {false};
    char *text = strdup("");

    mark_read_ports_off(alias, off);
    for (unsigned i = 0; i < DOMAIN_INDEXES; i++) {
        if (off[i])
            text_append(&text, "%s%u", *text ? " " : "", i);
    }
    return text;
}

static void check_named(const char *alias, const char *expected)
{
    char *text = named(alias);

    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(ports_off_are_read_as_they_are_written)
{
    static const unsigned ports[] = {255, 10, 9};
    char *alias = strdup("ua-vtopo-pxb-0000-c1");

    ck_assert(mark_add_ports_off(&alias, ports, 0));
    ck_assert_str_eq(alias, "ua-vtopo-pxb-0000-c1");
    ck_assert(mark_add_ports_off(&alias, ports, 3));
    ck_assert_str_eq(alias, "ua-vtopo-pxb-0000-c1-off-9-10-255-ports");
    ck_assert(alias_is_user(alias));
    check_named(alias, "9 10 255");
    free(alias);
    check_named("ua-vtopo-pxb-off-256-3-ports-2", "3");
    check_named("ua-vtopo-pxb-off-3", "");
    check_named("ua-vtopo-pxb", "");
}
END_TEST

static struct domain_override *add(struct domain *domain, const char *alias, const char *name,
                                   const char *value)
{
    struct domain_override *o = vec_add(&domain->overrides);

    *o = (struct domain_override){.alias = strdup(alias), .name = strdup(name)};
    o->value = value ? strdup(value) : NULL;
    return o;
}

START_TEST(overrides_of_vtopo_are_known)
{
    static const bool expected[] = {true, true, true, false, false, true, false, false, false};
    struct domain domain = {0};
    char *argument = mark_argument("15");

    add(&domain, "ua-vtopo-rp-1", "x-speed", "16"); /* of a controller or device with a mark */
    add(&domain, MARK_RECORD, PROPERTY_CLIQUE, "ua-gpu");
    add(&domain, "ua-gpu", PROPERTY_CLIQUE, "3"); /* the record says so */
    add(&domain, "ua-gpu", "x-speed", "3");
    add(&domain, "ua-gpu2", PROPERTY_CLIQUE, "3");
    add(&domain, "ua-x", PROPERTY_CLIQUE, argument)->command_line = true;
    add(&domain, "ua-x", PROPERTY_CLIQUE, "15")->command_line = true;
    add(&domain, "ua-x", "x-speed", "0x1")->command_line = true;
    add(&domain, "ua-gpu3", PROPERTY_CLIQUE, "0x1");
    ck_assert_str_eq(argument, "0xf");
    ck_assert(mark_overrides(&domain));
    for (size_t i = 0; i < domain.overrides.count; i++)
        ck_assert_msg(domain.overrides.items[i].marked == expected[i], "override %zu", i);
    ck_assert_uint_eq(domain.overrides.count, sizeof(expected) / sizeof(*expected));
    free(argument);
    domain_clear(&domain);
}
END_TEST

START_TEST(the_last_word_on_a_property_counts)
{
    struct domain domain = {0};

    add(&domain, "ua-a", "x", "1");
    add(&domain, "ua-a", "x", "2");
    add(&domain, "ua-a", "y", "3");
    ck_assert_str_eq(domain_find_override(&domain, "ua-a", "x")->value, "2");
    ck_assert_ptr_null(domain_find_override(&domain, "ua-b", "x"));
    ck_assert_ptr_null(domain_find_override(&domain, NULL, "x"));
    domain_clear(&domain);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mark");
    TCase *tcase = tcase_create("mark");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, which_aliases_libvirt_keeps);
    tcase_add_test(tcase, aliases_of_controllers);
    tcase_add_test(tcase, aliases_of_devices);
    tcase_add_test(tcase, ports_off_are_read_as_they_are_written);
    tcase_add_test(tcase, overrides_of_vtopo_are_known);
    tcase_add_test(tcase, the_last_word_on_a_property_counts);
    return run_suite(suite);
}
