/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_port.c - into which port a device of the host is plugged
 */
#include "attach/port.h"

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;
static struct attach found;

/* Two nodes with a GPU each, and a NIC beside the first; a cell for each. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, NIC},
        {"50:01.0", NULL, PORT_ROOT, 0},
        {"51:00.0", "50:01.0", PORT_NONE, 0, NIC},
        {"60:01.0", NULL, PORT_ROOT, 1},
        {"61:00.0", "60:01.0", PORT_NONE, 1, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
    found = (struct attach){0};
}

static void teardown(void)
{
    world_clear(&w);
}

static struct domain_controller *expander_of_cell(unsigned index, int cell, const char *alias)
{
    struct domain_controller *c = add_controller(&w, index, CTRL_EXPANDER, "0:10.0");

    c->node = cell;
    c->alias = alias ? strdup(alias) : NULL;
    return c;
}

static struct domain_controller *add_port(unsigned index, unsigned expander, const char *alias)
{
    char place[16];
    struct domain_controller *c;

    snprintf(place, sizeof(place), "%u:%02x.0", expander, index);
    c = add_controller(&w, index, CTRL_ROOT_PORT, place);
    c->alias = alias ? strdup(alias) : NULL;
    return c;
}

static enum attach_problem find_also(const char *host, const struct domain *also)
{
    struct host_function *f = function_of(&w, host);

    ck_assert(attach_find(&w.host, &w.domain, also, (size_t)(f - w.host.functions.items), &found));
    return found.problem;
}

/* The index of the port; minus the problem where there is none. */
static int index_of(const char *host)
{
    enum attach_problem problem = find_also(host, NULL);

    return problem ? -(int)problem : (int)found.port->index;
}

START_TEST(its_node)
{
    expander_of_cell(1, 0, NULL);
    add_port(2, 1, NULL);
    expander_of_cell(3, 1, NULL);
    add_port(4, 3, NULL);
    ck_assert_int_eq(index_of("43:00.0"), 2);
    ck_assert_int_eq(found.fit, ATTACH_CELL);
    ck_assert_int_eq(found.cell, 0);
    ck_assert_int_eq(index_of("61:00.0"), 4);
    ck_assert_int_eq(found.cell, 1);
}
END_TEST

START_TEST(its_root_complex)
{
    expander_of_cell(1, 0, "ua-vtopo-pxb-0000-50-cell0");
    add_port(2, 1, NULL);
    expander_of_cell(3, 0, "ua-vtopo-pxb-0000-40");
    add_port(5, 3, NULL);
    add_port(4, 3, NULL);
    ck_assert_int_eq(index_of("44:00.0"), 4);
    ck_assert_int_eq(found.fit, ATTACH_ROOT);
    ck_assert_int_eq(index_of("51:00.0"), 2);
    ck_assert_int_eq(found.fit, ATTACH_ROOT);
}
END_TEST

START_TEST(its_own_port)
{
    expander_of_cell(1, 0, "ua-vtopo-pxb-0000-40");
    add_port(2, 1, "ua-vtopo-spare-0000-40-1");
    add_port(3, 1, "ua-vtopo-rp-0000-43-00-0-off");
    ck_assert_int_eq(index_of("43:00.0"), 3);
    ck_assert_int_eq(found.fit, ATTACH_OWN);
    ck_assert_int_eq(index_of("44:00.0"), 2);
}
END_TEST

START_TEST(spare_ports_before_those_of_other_cards)
{
    expander_of_cell(1, 0, "ua-vtopo-pxb-0000-40");
    add_port(2, 1, "ua-vtopo-rp-0000-43-00-0");
    ck_assert_int_eq(index_of("44:00.0"), 2);
    add_port(3, 1, "ua-vtopo-spare-0000-40-1");
    ck_assert_int_eq(index_of("44:00.0"), 3);
}
END_TEST

START_TEST(taken_ones)
{
    struct domain_qemu_device *qemu;

    expander_of_cell(1, 0, NULL);
    for (unsigned i = 2; i < 7; i++)
        add_port(i, 1, i == 5 ? "ua-five" : NULL);
    add_other(&w, "rng", "2:00.0");
    add_controller(&w, 7, CTRL_UPSTREAM, "3:00.0");
    qemu = vec_add(&w.domain.qemu_devices);
    ck_assert_ptr_nonnull(qemu);
    *qemu = (struct domain_qemu_device){.driver = strdup("edu"), .bus = strdup("pci.4")};
    qemu = vec_add(&w.domain.qemu_devices);
    ck_assert_ptr_nonnull(qemu);
    *qemu = (struct domain_qemu_device){.driver = strdup("edu"), .bus = strdup("ua-five")};
    ck_assert_int_eq(index_of("43:00.0"), 6);
    add_other(&w, "rng", "6:00.0");
    ck_assert_int_eq(index_of("43:00.0"), -ATTACH_NO_PORT);
}
END_TEST

START_TEST(taken_in_the_definition)
{
    struct domain definition;

    expander_of_cell(1, 0, NULL);
    add_port(2, 1, NULL);
    add_port(3, 1, NULL);
    add_other(&w, "rng", "2:00.0");
    ck_assert(domain_copy(&w.domain, &definition));
    w.domain.devices.items[0].address.at.bus = 0;
    ck_assert_int_eq(index_of("43:00.0"), 2);
    ck_assert_int_eq(find_also("43:00.0", &definition), ATTACH_FOUND);
    ck_assert_uint_eq(found.port->index, 3);
    domain_clear(&definition);
}
END_TEST

START_TEST(not_hot_pluggable)
{
    expander_of_cell(1, 0, NULL);
    add_port(2, 1, NULL)->hotplug = 0;
    ck_assert_int_eq(index_of("43:00.0"), -ATTACH_ALL_OFF);
    add_port(3, 1, NULL)->hotplug = 1;
    ck_assert_int_eq(index_of("43:00.0"), 3);
}
END_TEST

START_TEST(none)
{
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:02.0");
    ck_assert_int_eq(index_of("43:00.0"), -ATTACH_NO_EXPANDER);
    expander_of_cell(1, 1, NULL);
    add_port(3, 1, NULL);
    ck_assert_int_eq(index_of("43:00.0"), -ATTACH_NO_EXPANDER);
    for (size_t i = 0; i < w.domain.memnodes.count; i++)
        idset_free(&w.domain.memnodes.items[i].nodes);
    w.domain.memnodes.count = 0;
    ck_assert_int_eq(index_of("43:00.0"), -ATTACH_NO_CELL);
    ck_assert_int_eq(found.node, 0);
    function_of(&w, "43:00.0")->node = -1;
    ck_assert_int_eq(index_of("43:00.0"), -ATTACH_NO_NODE);
}
END_TEST

/* QEMU: "Bus does not support hotplugging". */
START_TEST(none_where_nothing_can_be_plugged_in)
{
    world_become_pc(&w);
    add_controller(&w, 1, CTRL_PCI_EXPANDER, "0:10.0")->node = 0;
    ck_assert_int_eq(index_of("43:00.0"), -ATTACH_NO_HOTPLUG);
    ck_assert_int_eq(found.cell, 0);
}
END_TEST

START_TEST(neighbours)
{
    size_t nic = (size_t)(function_of(&w, "44:00.0") - w.host.functions.items);

    add_hostdev(&w, "61:00.0", NULL);
    ck_assert_uint_eq(attach_find_neighbour(&w.host, &w.domain, nic), HOST_NONE);
    add_hostdev(&w, "43:00.0", NULL);
    ck_assert_uint_eq(attach_find_neighbour(&w.host, &w.domain, nic),
                      (size_t)(function_of(&w, "43:00.0") - w.host.functions.items));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("port");
    TCase *tcase = tcase_create("port");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, its_node);
    tcase_add_test(tcase, its_root_complex);
    tcase_add_test(tcase, its_own_port);
    tcase_add_test(tcase, spare_ports_before_those_of_other_cards);
    tcase_add_test(tcase, taken_ones);
    tcase_add_test(tcase, taken_in_the_definition);
    tcase_add_test(tcase, not_hot_pluggable);
    tcase_add_test(tcase, none);
    tcase_add_test(tcase, none_where_nothing_can_be_plugged_in);
    tcase_add_test(tcase, neighbours);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
