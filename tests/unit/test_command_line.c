/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_command_line.c - the names of devices that only QEMU knows */
#include "build.h"
#include "plan/devices/command_line.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char hosts[10][16];
static struct domain_qemu_device devices[10];
static struct domain domain;

/* @n devices of the host, with ids or without. */
static void setup_devices(size_t n)
{
    memset(&domain, 0, sizeof(domain));
    for (size_t i = 0; i < n; i++) {
        snprintf(hosts[i], sizeof(hosts[i]), "0000:%02zx:00.0", 0x41 + i);
        devices[i] = (struct domain_qemu_device){.driver = (char *)"vfio-pci", .host = hosts[i]};
    }
    domain.qemu_devices.items = devices;
    domain.qemu_devices.count = n;
}

START_TEST(none_is_no_sentence)
{
    char *text = (char *)"";

    setup_devices(0);
    ck_assert(command_line_assigned(&domain, &text));
    ck_assert_ptr_null(text);
    ck_assert(command_line_anywhere(&domain, &text));
    ck_assert_ptr_null(text);
}
END_TEST

START_TEST(eight_are_named_and_more_are_counted)
{
    char *text;

    setup_devices(8);
    ck_assert(command_line_assigned(&domain, &text));
    ck_assert_ptr_nonnull(strstr(text, "assigns 0000:41:00.0, 0000:42:00.0, "));
    ck_assert_ptr_nonnull(strstr(text, ", 0000:48:00.0 past libvirt"));
    free(text);
    setup_devices(9);
    ck_assert(command_line_assigned(&domain, &text));
    ck_assert_ptr_nonnull(strstr(text, ", 0000:48:00.0 and 1 more past libvirt"));
    free(text);
}
END_TEST

START_TEST(only_what_names_no_bus_is_anywhere)
{
    char *text;

    setup_devices(3);
    devices[0].bus = (char *)"pcie.0";
    devices[1].id = (char *)"gpu";
    devices[2].host = NULL;
    ck_assert(command_line_anywhere(&domain, &text));
    ck_assert_str_eq(text, "vfio-pci (id gpu), vfio-pci");
    free(text);
    ck_assert(command_line_assigned(&domain, &text));
    ck_assert_ptr_nonnull(strstr(text, "assigns 0000:41:00.0, 0000:42:00.0 past"));
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("command_line");
    TCase *tcase = tcase_create("command_line");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, none_is_no_sentence);
    tcase_add_test(tcase, eight_are_named_and_more_are_counted);
    tcase_add_test(tcase, only_what_names_no_bus_is_anywhere);
    return run_suite(suite);
}
