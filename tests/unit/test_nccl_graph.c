/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_nccl_graph.c - the tree that NCCL makes of the host, and of the guest */
#include "nccl_world.h"

#include <stdio.h>

static struct world w;
static struct nccl_graph graph;

static void setup(void)
{
    nccl_world_init(&w);
}

static void teardown(void)
{
    nccl_graph_clear(&graph);
    world_clear(&w);
}

static void make_host(void)
{
    nccl_graph_clear(&graph);
    ck_assert(nccl_graph_of_host(w.plan, &graph));
}

static void make_guest(const struct host_link *ports)
{
    nccl_graph_clear(&graph);
    ck_assert(nccl_graph_of_guest(w.plan, ports, &graph));
}

/* "c0 ffff:41:00.0 320x16": the cell ("c-": none), the switches from the top down, the device's
 * link. */
static const char *way(const char *host)
{
    static char text[256];
    size_t at = place_of(&w, &graph, host), start = sizeof(text) / 2;
    struct host_link link = graph.nodes.items[at].link;

    snprintf(text + start, start, " %ux%u", link.speed, link.width);
    for (at = graph.nodes.items[at].parent; graph.nodes.items[at].parent != NCCL_NONE;
         at = graph.nodes.items[at].parent) {
        const char *bus_id = BDF_TEXT(&graph.nodes.items[at].bus_id);

        start -= strlen(bus_id) + 1;
        text[start] = ' ';
        memcpy(text + start + 1, bus_id, strlen(bus_id));
    }
    text[--start] = graph.nodes.items[at].cell < 0 ? '-' : (char)('0' + graph.nodes.items[at].cell);
    text[--start] = 'c';
    return text + start;
}

START_TEST(the_host_has_all_its_levels)
{
    plan_or_fail(&w);
    make_host();
    ck_assert_str_eq(way("43:00.0"), "c0 ffff:41:00.0 320x16");
    ck_assert_str_eq(way("47:00.0"), "c0 ffff:41:00.0 ffff:45:00.0 320x16");
    ck_assert_str_eq(way("48:00.0"), "c0 ffff:41:00.0 ffff:45:00.0 320x16");
    ck_assert_str_eq(way("50:00.1"), "c0 320x16");
    ck_assert_str_eq(way("61:00.0"), "c1 320x16");
    ck_assert_uint_eq(graph.nodes.count, 2 + 2 + 7);
}
END_TEST

START_TEST(a_link_is_the_lesser_of_device_and_port)
{
    function_at(&w, "43:00.0")->link_max = (struct host_link){320, 8};
    function_at(&w, "42:00.0")->link_max = (struct host_link){160, 16};
    function_at(&w, "61:00.0")->link_max = (struct host_link){0, 16};
    function_at(&w, "60:01.0")->link_max = (struct host_link){80, 0};
    plan_or_fail(&w);
    make_host();
    ck_assert_str_eq(way("43:00.0"), "c0 ffff:41:00.0 160x8");
    ck_assert_str_eq(way("61:00.0"), "c1 80x16");
}
END_TEST

START_TEST(a_virtual_function_has_the_link_of_its_physical_one)
{
    function_at(&w, "62:00.0")->link_max = (struct host_link){160, 8};
    plan_or_fail(&w);
    make_host();
    ck_assert_str_eq(way("62:00.1"), "c1 160x8");
}
END_TEST

START_TEST(further_domains_of_the_host_have_their_own)
{
    static const struct row rows[] = {
        {"0000:40:01.0", NULL, PORT_ROOT, 0},
        {"0000:41:00.0", "0000:40:01.0", PORT_UPSTREAM, 0},
        {"0000:42:00.0", "0000:41:00.0", PORT_DOWNSTREAM, 0},
        {"0000:43:00.0", "0000:42:00.0", PORT_NONE, 0, GPU},
        {"10000:40:01.0", NULL, PORT_ROOT, 0},
        {"10000:41:00.0", "10000:40:01.0", PORT_UPSTREAM, 0},
        {"10000:42:00.0", "10000:41:00.0", PORT_DOWNSTREAM, 0},
        {"10000:43:00.0", "10000:42:00.0", PORT_NONE, 0, GPU},
    };

    world_clear(&w);
    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "0000:43:00.0", NULL);
    add_hostdev(&w, "10000:43:00.0", NULL);
    plan_or_fail(&w);
    make_host();
    ck_assert_str_eq(way("0000:43:00.0"), "c0 ffff:41:00.0 0x0");
    ck_assert_str_eq(way("10000:43:00.0"), "c0 fffe:41:00.0 0x0");
}
END_TEST

/* Node 1 has no cell: the guest's device has no node, and the file puts it on the nearest cell. */
START_TEST(without_a_cell_the_nearest_is_taken)
{
    world_clear(&w);
    world_init(&w);
    add_nodes(&w, 3, 4);
    add_cells(&w, 3, 4);
    bind_memory(&w, 0, "2");
    bind_memory(&w, 1, "0");
    {
        static const struct row rows[] = {
            {"60:01.0", NULL, PORT_ROOT, 1},
            {"61:00.0", "60:01.0", PORT_NONE, 1, GPU},
        };

        ADD_FUNCTIONS(&w, rows);
    }
    w.host.nodes.items[1].distances[0] = 15; /* nearer than node 2 */
    add_hostdev(&w, "61:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "61:00.0")->cell, -1);
    make_host();
    ck_assert_str_eq(way("61:00.0"), "c1 0x0");
    make_guest(NULL);
    ck_assert_str_eq(way("61:00.0"), "c- 160x0");
}
END_TEST

START_TEST(the_guest_has_what_was_built)
{
    w.policy.mirror = MIRROR_EXACT;
    plan_or_fail(&w);
    make_guest(NULL);
    /* expander, root port, upstream port of each level: NCCL climbs two steps at a time */
    ck_assert_str_eq(way("43:00.0"), "c0 0000:e1:00.0 320x0");
    ck_assert_str_eq(way("48:00.0"), "c0 0000:e1:00.0 0000:e4:00.0 320x0");
    ck_assert_str_eq(way("50:00.0"), "c0 160x16");
    ck_assert_str_eq(way("61:00.0"), "c1 160x16");
}
END_TEST

START_TEST(stock_ports_say_little)
{
    size_t at;

    w.policy.mirror = MIRROR_EXACT;
    plan_or_fail(&w);
    make_guest(NULL);
    at = graph.nodes.items[place_of(&w, &graph, "48:00.0")].parent;
    /* the lower one: x3130 below xio3130, which says nothing, so least is x0 */
    ck_assert_uint_eq(graph.nodes.items[at].link.speed, 25);
    ck_assert_uint_eq(graph.nodes.items[at].link.width, 0);
    at = graph.nodes.items[at].parent;
    ck_assert_uint_eq(graph.nodes.items[at].link.speed, 25);
    ck_assert_uint_eq(graph.nodes.items[at].link.width, 1);
}
END_TEST

START_TEST(own_ports_say_what_they_are)
{
    struct domain_controller own = {.model = CTRL_UPSTREAM};
    struct host_link link = nccl_own_port(&own);

    ck_assert(link.speed == 25 && link.width == 1);
    own.generic = true;
    link = nccl_own_port(&own);
    ck_assert(link.speed == 640 && link.width == 32);
    own.width = 16;
    link = nccl_own_port(&own);
    ck_assert(link.speed == 640 && link.width == 16);
    own = (struct domain_controller){.model = CTRL_ROOT_PORT, .speed = 320};
    link = nccl_own_port(&own);
    ck_assert(link.speed == 320 && link.width == 32);
}
END_TEST

START_TEST(ports_may_say_what_the_host_has)
{
    struct host_link *ports;

    plan_or_fail(&w);
    ports = calloc(w.plan->controllers.count, sizeof(*ports));
    ck_assert_ptr_nonnull(ports);
    for (size_t i = 0; i < w.plan->controllers.count; i++)
        ports[i] = GEN5_X16;
    make_guest(ports);
    free(ports);
    ck_assert_str_eq(way("61:00.0"), "c1 320x16");
    ck_assert_uint_eq(
        graph.nodes.items[graph.nodes.items[place_of(&w, &graph, "43:00.0")].parent].link.speed,
        320);
}
END_TEST

/* On the root bus a device has no link; below a switch of others it has that one above it. */
START_TEST(devices_that_stay_are_seen_where_they_are)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_UPSTREAM, "01:00.0");
    add_controller(&w, 3, CTRL_DOWNSTREAM, "02:00.0");
    w.domain.devices.items[0].address = (struct address){ADDRESS_PCI, {0, 3, 0, 0}, -1};
    w.domain.devices.items[5].address = (struct address){ADDRESS_PCI, {0, 0, 9, 0}, -1};
    add_wish(&w, "61:00.0")->keep = 1;
    plan_or_fail(&w);
    make_guest(NULL);
    ck_assert_str_eq(way("43:00.0"), "c- 8000:02:00.0 320x0");
    ck_assert_str_eq(way("61:00.0"), "c- 0x0");
    make_host();
    ck_assert_str_eq(way("61:00.0"), "c1 320x16");
}
END_TEST

/* The link of the device that was added last. */
static struct host_link last_link(void)
{
    return graph.nodes.items[nccl_find_device(&graph, w.plan->devices.count - 1)].link;
}

START_TEST(what_qemu_makes_itself_says_x1)
{
    add_vdpa(&w, "vdpa0", "62:00.0");
    add_named(&w, DEVICE_INTERFACE_VDPA, "/dev/vhost-vdpa0", NULL);
    plan_or_fail(&w);
    make_guest(NULL);
    ck_assert_uint_eq(last_link().speed, 25);
    ck_assert_uint_eq(last_link().width, 1);
    make_host();
    ck_assert_uint_eq(last_link().speed, 320);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nccl_graph");
    TCase *tcase = tcase_create("nccl_graph");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_host_has_all_its_levels);
    tcase_add_test(tcase, a_link_is_the_lesser_of_device_and_port);
    tcase_add_test(tcase, a_virtual_function_has_the_link_of_its_physical_one);
    tcase_add_test(tcase, further_domains_of_the_host_have_their_own);
    tcase_add_test(tcase, without_a_cell_the_nearest_is_taken);
    tcase_add_test(tcase, the_guest_has_what_was_built);
    tcase_add_test(tcase, stock_ports_say_little);
    tcase_add_test(tcase, own_ports_say_what_they_are);
    tcase_add_test(tcase, ports_may_say_what_the_host_has);
    tcase_add_test(tcase, devices_that_stay_are_seen_where_they_are);
    tcase_add_test(tcase, what_qemu_makes_itself_says_x1);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
