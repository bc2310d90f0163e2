/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_assignment.c - what is known of an assigned device besides its fate */
#include "build.h"
#include "plan/ground/assignment.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static struct facts facts;

static void make_facts(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 1},
        {"41:00.0", "40:01.0", PORT_NONE, 1, GPU, .io = 128},
        {"41:00.1", "40:01.0", PORT_NONE, 1, AUDIO},
        {"41:00.4", "40:01.0", PORT_NONE, 1, GPU, "41:00.0", .io = 128},
    };

    add_nodes(&w, 2, 4);
    ADD_FUNCTIONS(&w, rows);
    facts = (struct facts){.host = &w.host, .base = &w.domain, .input = &w.domain};
}

static struct assignment of(enum device_kind kind, const char *host)
{
    return (struct assignment){.kind = kind,
                               .function = (size_t)(function_of(&w, host) - w.host.functions.items),
                               .policy = policy_device_unset};
}

START_TEST(which_devices_are_alone_and_have_io)
{
    static const struct {
        enum device_kind kind;
        const char *host;
        bool bars, alone, io;
    } rows[] = {
        {DEVICE_HOSTDEV_PCI, "41:00.0", true, false, true},
        {DEVICE_HOSTDEV_PCI, "41:00.1", true, false, false},
        {DEVICE_HOSTDEV_PCI, "41:00.4", true, true, true},
        {DEVICE_INTERFACE_HOSTDEV, "41:00.0", true, false, true},
        {DEVICE_HOSTDEV_MDEV, "41:00.0", false, true, false},
        {DEVICE_INTERFACE_VDPA, "41:00.0", false, true, false},
        {DEVICE_DISK_NVME, "41:00.0", false, true, false},
    };

    make_facts();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct assignment a = of(rows[i].kind, rows[i].host);

        ck_assert_int_eq(assignment_has_host_bars(&a), rows[i].bars);
        ck_assert_int_eq(assignment_is_alone(&facts, &a), rows[i].alone);
        ck_assert_int_eq(assignment_has_io(&facts, &a), rows[i].io);
    }
}
END_TEST

START_TEST(the_last_bar_counts_and_an_empty_one_does_not)
{
    struct assignment a;

    make_facts();
    a = of(DEVICE_HOSTDEV_PCI, "41:00.1");
    function_of(&w, "41:00.1")->bars[HOST_BARS - 1] = (struct host_bar){.size = 4, .io = true};
    ck_assert(assignment_has_io(&facts, &a));
    function_of(&w, "41:00.1")->bars[HOST_BARS - 1] = (struct host_bar){.size = 0, .io = true};
    ck_assert(!assignment_has_io(&facts, &a));
    a.function = HOST_NONE;
    ck_assert(!assignment_has_io(&facts, &a));
    ck_assert_ptr_null(assignment_function(&facts, &a));
}
END_TEST

START_TEST(the_policys_node_goes_before_the_hosts)
{
    struct assignment a;

    make_facts();
    a = of(DEVICE_HOSTDEV_PCI, "41:00.0");
    ck_assert_int_eq(assignment_node(&facts, &a), 1);
    a.policy.node = 0;
    ck_assert_int_eq(assignment_node(&facts, &a), 0);
    a.policy.node = -1; /* none, which is not the same as unsaid */
    ck_assert_int_eq(assignment_node(&facts, &a), -1);
}
END_TEST

START_TEST(each_is_found_by_its_device)
{
    struct assignment items[] = {{.device = 0}, {.device = 2}, {.device = 5}};
    struct assignments assigned = {.items = items, .count = 3};

    for (size_t device = 0; device < 7; device++) {
        const struct assignment *want = device == 0   ? &items[0]
                                        : device == 2 ? &items[1]
                                        : device == 5 ? &items[2]
                                                      : NULL;

        ck_assert_ptr_eq(assignment_at(&assigned, device), want);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assignment");
    TCase *tcase = tcase_create("assignment");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, which_devices_are_alone_and_have_io);
    tcase_add_test(tcase, the_last_bar_counts_and_an_empty_one_does_not);
    tcase_add_test(tcase, the_policys_node_goes_before_the_hosts);
    tcase_add_test(tcase, each_is_found_by_its_device);
    return run_suite(suite);
}
