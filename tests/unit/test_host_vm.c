/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_host_vm.c - VMs of a host: words, order, and that each is there once */
#include "model/host_vm.h"

#include "base/error.h"

#include "suite.h"

#include <check.h>
#include <string.h>

static struct host_vms vms;
static struct vtopo_error *error;

static void teardown(void)
{
    host_vms_clear(&vms);
    vtopo_error_free(error);
    error = NULL;
}

static void add(const char *name)
{
    struct host_vm *vm = vec_add(&vms);

    ck_assert_ptr_nonnull(vm);
    *vm = (struct host_vm){.name = strdup(name), .reason = strdup("")};
    vec_add(&vm->claims)->device = strdup("0000:41:00.0");
}

START_TEST(words)
{
    for (enum vm_topology i = 0; i < VM_TOPOLOGIES; i++) {
        enum vm_topology again;

        ck_assert(vm_topology_parse(vm_topology_name(i), &again));
        ck_assert_int_eq(again, i);
    }
    ck_assert_str_eq(vm_topology_name(VM_TOPOLOGY_LACKING), "lacking");
    ck_assert(!vm_topology_parse("no_devices", &(enum vm_topology){0}));
    ck_assert(!vm_topology_parse("", &(enum vm_topology){0}));
}
END_TEST

START_TEST(by_name)
{
    add("b");
    add("a");
    add("B");
    ck_assert_int_eq(host_vms_finish(&vms, &error), 0);
    ck_assert_str_eq(vms.items[0].name, "B");
    ck_assert_str_eq(vms.items[1].name, "a");
    ck_assert_str_eq(vms.items[2].name, "b");
    ck_assert_int_eq(host_vms_finish(&(struct host_vms){0}, NULL), 0);
}
END_TEST

START_TEST(each_once)
{
    add("a");
    add("b");
    add("a");
    ck_assert_int_eq(host_vms_finish(&vms, &error), VTOPO_ERR_HOST);
    ck_assert_str_eq(vtopo_error_message(error), "VM 'a' is there twice");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_vm");
    TCase *tcase = tcase_create("host_vm");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, words);
    tcase_add_test(tcase, by_name);
    tcase_add_test(tcase, each_once);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
