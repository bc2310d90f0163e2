/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_places.c - where controllers and devices are, as a text: what it has, and what is no part of
 * it */
#include "vtopo/domain.h"

#include "base/mem.h"
#include "parsed.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS(bus, slot)                                                                         \
    "<address type='pci' domain='0' bus='" bus "' slot='" slot "' function='0'/>"
#define PORT(index, rest)                                                                          \
    "<controller type='pci' index='" index "' model='pcie-root-port'>" rest "</controller>"
#define GPU(bus, address)                                                                          \
    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='" bus     \
    "' slot='0' function='0'/></source>" address "</hostdev>"
#define DISK "<disk type='file'><target dev='vda' bus='virtio'/>" ADDRESS("1", "0") "</disk>"
#define DEVICES PORT("1", ADDRESS("0", "2")) DISK GPU("0x41", ADDRESS("2", "0"))
#define DOMAIN(before, devices) "<domain>" before "<devices>" devices "</devices></domain>"

static char *places(const char *text)
{
    struct vtopo_domain *domain = parsed_domain(text);
    char *lines;

    ck_assert_int_eq(vtopo_domain_places(domain, &lines, NULL), 0);
    vtopo_domain_free(domain);
    return lines;
}

START_TEST(a_line_for_each)
{
    autofree char *text = places(DOMAIN("", DEVICES "<controller type='usb' index='0'/>"));

    ck_assert_str_eq(
        text, "controller 1 pcie-root-port 0000:00:02.0 -1 bus -1 node -1 chassis -1 port -1 "
              "hotplug -1 reserve 0\n"
              "device disk vda 0000:01:00.0 -1\n"
              "device 0000:41:00.0 0000:02:00.0 -1\n");
}
END_TEST

START_TEST(nothing_is_nothing)
{
    autofree char *text = places("<domain/>");

    ck_assert_str_eq(text, "");
}
END_TEST

static void check(const char *with, bool same)
{
    autofree char *before = places(DOMAIN("", DEVICES)), *after = places(with);

    ck_assert_msg((strcmp(before, after) == 0) == same, "%s", with);
}

START_TEST(what_differs_in_a_guest_that_starts_is_no_part_of_it)
{
    check(DOMAIN("<name>vm</name><memory>1</memory><metadata/>", DEVICES), true);
    check("<domain id='3' type='kvm'><devices>" DEVICES "</devices></domain>", true);
    check(DOMAIN("", PORT("1", "<alias name='pci.1'/>" ADDRESS("0", "2"))
                         DISK GPU("0x41", "<alias name='hostdev0'/>" ADDRESS("2", "0"))),
          true);
    check(DOMAIN("", DEVICES "<graphics type='vnc' passwd='x'/>"), true);
}
END_TEST

START_TEST(each_place_counts)
{
    check(DOMAIN("", PORT("1", ADDRESS("0", "3")) DISK GPU("0x41", ADDRESS("2", "0"))), false);
    check(DOMAIN("", PORT("3", ADDRESS("0", "2")) DISK GPU("0x41", ADDRESS("2", "0"))), false);
    check(DOMAIN("", PORT("1", ADDRESS("0", "2")) GPU("0x41", ADDRESS("2", "0"))), false);
    check(DOMAIN("", PORT("1", ADDRESS("0", "2")) DISK GPU("0x42", ADDRESS("2", "0"))), false);
    check(DOMAIN("", PORT("1", ADDRESS("0", "2")) DISK GPU("0x41", ADDRESS("3", "0"))), false);
    check(DOMAIN("", PORT("1", ADDRESS("0", "2")) DISK GPU("0x41", "")), false);
    check(DOMAIN("", PORT("1", ADDRESS("0", "2")) DISK GPU("0x41", "<address type='unassigned'/>")),
          false);
    check(DOMAIN("", PORT("1", "<target chassis='1' port='0x10'/>" ADDRESS("0", "2"))
                         DISK GPU("0x41", ADDRESS("2", "0"))),
          false);
}
END_TEST

START_TEST(the_uuid)
{
    static const struct {
        const char *xml, *uuid;
    } rows[] = {
        {"<uuid>6D1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e01</uuid>",
         "6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e01"},
        {"", NULL},
        {"<uuid/>", NULL},
        {"<uuid>6d1f8f2c9a534a7e8b620d6f3a5c1e01</uuid>", NULL},
        {"<uuid>6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e0</uuid>", NULL},
        {"<uuid>6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e01a</uuid>", NULL},
        {"<uuid>../../etc/shadow-aaaaaaaaaaaaaaaaaaa</uuid>", NULL},
        {"<uuid>6d1f8f2c-9a53-4a7e-8b6200d6f3a5c1e01</uuid>", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[200];
        struct vtopo_domain *domain;

        snprintf(text, sizeof(text), "<domain>%s</domain>", rows[i].xml);
        domain = parsed_domain(text);
        if (rows[i].uuid)
            ck_assert_str_eq(vtopo_domain_uuid(domain), rows[i].uuid);
        else
            ck_assert_ptr_null(vtopo_domain_uuid(domain));
        vtopo_domain_free(domain);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("places");
    TCase *all = tcase_create("all");

    tcase_add_test(all, a_line_for_each);
    tcase_add_test(all, nothing_is_nothing);
    tcase_add_test(all, what_differs_in_a_guest_that_starts_is_no_part_of_it);
    tcase_add_test(all, each_place_counts);
    tcase_add_test(all, the_uuid);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
