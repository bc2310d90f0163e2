/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_guest_plan.c - what a guest is told of itself */
#include "plan/guest_plan.h"

#include "json/plan_read.h"

#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* Two GPUs behind one switch of node 0, a third one alone on node 1. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x2330},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x2330},
        {"c0:01.0", NULL, PORT_ROOT, 1},
        {"c1:00.0", "c0:01.0", PORT_NONE, 1, GPU, .vendor = 0x10de, .device = 0x2331},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static char *guest_plan(void)
{
    char *text = NULL;

    plan_or_fail(&w);
    ck_assert(guest_plan_has_devices(w.plan));
    ck_assert_ptr_null(guest_plan_unknown(w.plan));
    ck_assert_int_eq(guest_plan_format(w.plan, &text, NULL), 0);
    return text;
}

static void set_link(const char *name, unsigned speed)
{
    struct bdf bdf = bdf_of(name);

    w.host.functions.items[host_find(&w.host, &bdf)].link_max = (struct host_link){speed, 16};
}

START_TEST(devices_ports_and_who_shares_them)
{
    char *text;

    add_hostdev(&w, "c1:00.0", NULL); /* guest addresses count, not the order in the XML */
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "43:00.0", NULL);
    set_link("43:00.0", 320);
    text = guest_plan();
    ck_assert_str_eq(
        text,
        "{\n  \"format\": \"vtopo-guest-plan\",\n  \"version\": 1,\n  \"devices\": [\n"
        "    {\"bdf\": \"0000:e3:00.0\", \"vendor_device\": \"10de:2330\", \"cell\": 0, \"ports\": "
        "[\"0000:e0:00.0\", \"0000:e1:00.0\", \"0000:e2:00.0\"], \"link\": \"32.0 GT/s x16\"},\n"
        "    {\"bdf\": \"0000:e4:00.0\", \"vendor_device\": \"10de:2330\", \"cell\": 0, \"ports\": "
        "[\"0000:e0:00.0\", \"0000:e1:00.0\", \"0000:e2:01.0\"], \"link\": null},\n"
        "    {\"bdf\": \"0000:f1:00.0\", \"vendor_device\": \"10de:2331\", \"cell\": 1, \"ports\": "
        "[\"0000:f0:00.0\"], \"link\": null}\n  ],\n  \"ports\": [],\n  \"switches\": [\n"
        "    {\"bdf\": \"0000:e1:00.0\", \"devices\": [0, 1]}\n  ],\n  \"root_complexes\": [\n"
        "    {\"bus\": \"0000:e0\", \"cell\": 0, \"devices\": [0, 1]},\n"
        "    {\"bus\": \"0000:f0\", \"cell\": 1, \"devices\": [2]}\n  ]\n}\n");
    free(text);
}
END_TEST

/* It is a tenant's. */
START_TEST(nothing_of_the_host_is_in_it)
{
    static const char *const secret[] = {"43:00.0", "44:00.0", "c1:00.0\"",
                                         "40:",     "41:",     "hostdev"};
    char *text;

    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "c1:00.0", NULL);
    text = guest_plan();
    for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++)
        ck_assert_msg(!strstr(text, secret[i]), "%s", secret[i]);
    free(text);
}
END_TEST

START_TEST(ports_that_say_the_hosts_links_are_in_it)
{
    char *text;

    add_hostdev(&w, "c1:00.0", NULL);
    set_link("c1:00.0", 320);
    set_link("c0:01.0", 320);
    w.policy.links = LINKS_HOST;
    w.policy.qemu_version = 10000000;
    text = guest_plan();
    ck_assert_ptr_nonnull(strstr(text, "\"ports\": [\n    {\"bdf\": \"0000:f0:00.0\", "
                                       "\"link\": \"32.0 GT/s x16\"}\n  ]"));
    free(text);
}
END_TEST

START_TEST(what_stays_is_somebody_elses)
{
    char *text;

    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_wish(&w, "44:00.0")->keep = 1;
    text = guest_plan();
    ck_assert_ptr_nonnull(strstr(text, "\"devices\": [\n    {"));
    ck_assert_ptr_null(strstr(strstr(text, "vendor_device") + 1, "vendor_device"));
    free(text);
    add_wish(&w, "43:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert(!guest_plan_has_devices(w.plan));
}
END_TEST

START_TEST(addresses_that_are_not_known_are_named)
{
    add_hostdev(&w, "43:00.0", NULL);
    plan_or_fail(&w);
    w.plan->devices.items[0].after_known = false;
    ck_assert_str_eq(guest_plan_unknown(w.plan), "hostdev 43:00.0");
    w.plan->devices.items[0].after_known = true;
    ck_assert_ptr_null(guest_plan_unknown(w.plan));
    w.plan->controllers.items[w.plan->cards.items[0].port].guest = (struct bdf){0};
    ck_assert_str_eq(guest_plan_unknown(w.plan), "hostdev 43:00.0");
}
END_TEST

/* The guest understands what it is told. */
START_TEST(it_is_read_as_it_is_written)
{
    struct expectation list = {0};
    char *text;

    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "c1:00.0", NULL);
    set_link("c1:00.0", 320);
    text = guest_plan();
    ck_assert_int_eq(plan_read(text, strlen(text), "plan.json", &list, NULL), 0);
    ck_assert_uint_eq(list.count, 3);
    for (size_t i = 0; i < list.count; i++) {
        const struct expected *e = &list.items[i];

        ck_assert(e->has_bdf && e->has_ids && e->has_ports);
        ck_assert_int_eq(e->node, i == 2);
        ck_assert_uint_eq(e->port_count, i == 2 ? 1 : 3);
    }
    ck_assert_str_eq(list.items[2].name, "10de:2331");
    ck_assert_uint_eq(list.items[2].device, 0x2331);
    ck_assert_uint_eq(list.items[2].link.speed, 320);
    ck_assert_str_eq(BDF_TEXT(&list.items[0].ports[2]), "0000:e2:00.0");
    expectation_clear(&list);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest_plan");
    TCase *tcase = tcase_create("guest_plan");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_ports_and_who_shares_them);
    tcase_add_test(tcase, nothing_of_the_host_is_in_it);
    tcase_add_test(tcase, ports_that_say_the_hosts_links_are_in_it);
    tcase_add_test(tcase, what_stays_is_somebody_elses);
    tcase_add_test(tcase, addresses_that_are_not_known_are_named);
    tcase_add_test(tcase, it_is_read_as_it_is_written);
    return run_suite(suite);
}
