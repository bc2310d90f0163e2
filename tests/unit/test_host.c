/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_host.c - looking things up in a host, and putting one in order */
#include "base/error.h"
#include "model/host.h"

#include "suite.h"

#include <check.h>
#include <string.h>

static const struct bdf root = {0, 0x3a, 0, 0};
static const struct bdf port = {0, 0x3a, 0, 0};
static const struct bdf gpu = {0, 0x3b, 0, 0};

static struct host_function *add(struct vtopo_host *host, struct bdf bdf, enum port_kind kind)
{
    struct host_function *function = vec_add(&host->functions);

    ck_assert_ptr_nonnull(function);
    *function = (struct host_function){
        .bdf = bdf, .root = root, .port = kind, .node = -1, .iommu_group = -1};
    return function;
}

static void add_node(struct vtopo_host *host, unsigned id)
{
    struct host_node *node = vec_add(&host->nodes);

    ck_assert_ptr_nonnull(node);
    node->id = id;
}

static void expect_error(struct vtopo_host *host, const struct bdf *const *parents,
                         const char *message)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(host_finish(host, parents, &error), VTOPO_ERR_HOST);
    ck_assert_str_eq(vtopo_error_message(error), message);
    vtopo_error_free(error);
    host_clear(host);
}

START_TEST(functions_are_sorted_and_find_their_parents)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {&port, NULL};

    add(&host, gpu, PORT_NONE)->vendor = 0x10de;
    add(&host, port, PORT_ROOT)->vendor = 0x8086;
    ck_assert_int_eq(host_finish(&host, parents, NULL), 0);
    ck_assert_uint_eq(host_find(&host, &port), 0);
    ck_assert_uint_eq(host_find(&host, &gpu), 1);
    ck_assert_uint_eq(host.functions.items[0].vendor, 0x8086);
    ck_assert(host.functions.items[0].parent == HOST_NONE);
    ck_assert_uint_eq(host.functions.items[1].parent, 0);
    ck_assert(host_find(&host, &(struct bdf){1, 0x3b, 0, 0}) == HOST_NONE);
    host_clear(&host);
}
END_TEST

START_TEST(an_empty_host_is_fine)
{
    struct vtopo_host host = {0};

    ck_assert_int_eq(host_finish(&host, NULL, NULL), 0);
    ck_assert(host_find(&host, &gpu) == HOST_NONE);
    ck_assert(host_find_node(&host, 0) == HOST_NONE);
    ck_assert_ptr_null(host_find_cpu(&host, 0));
    ck_assert_ptr_null(host_find_mdev(&host, "x"));
    ck_assert_ptr_null(host_find_vdpa(&host, "/dev/vhost-vdpa-0"));
    host_clear(&host);
}
END_TEST

START_TEST(a_function_twice)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {NULL, NULL};

    add(&host, gpu, PORT_NONE);
    add(&host, gpu, PORT_NONE);
    expect_error(&host, parents, "function 0000:3b:00.0 is there twice");
}
END_TEST

START_TEST(a_parent_that_is_missing)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {&port};

    add(&host, gpu, PORT_NONE);
    expect_error(&host, parents, "function 0000:3b:00.0 is below 0000:3a:00.0, which is not there");
}
END_TEST

START_TEST(a_parent_that_is_no_bridge)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {&port, NULL};

    add(&host, gpu, PORT_NONE);
    add(&host, port, PORT_NONE);
    expect_error(&host, parents,
                 "function 0000:3b:00.0 is below 0000:3a:00.0, which is not a bridge");
}
END_TEST

START_TEST(bridges_in_a_loop)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {&gpu, &port};

    add(&host, port, PORT_ROOT);
    add(&host, gpu, PORT_UPSTREAM);
    expect_error(&host, parents, "the bridges above function 0000:3a:00.0 form a loop");
}
END_TEST

START_TEST(root_complexes_that_differ)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {&port, NULL};

    add(&host, gpu, PORT_NONE)->root.bus = 0x5d;
    add(&host, port, PORT_ROOT);
    expect_error(&host, parents,
                 "function 0000:3b:00.0 and the bridge 0000:3a:00.0 above it are in different root "
                 "complexes");
}
END_TEST

START_TEST(a_node_that_the_host_lacks)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {NULL};

    add_node(&host, 0);
    add(&host, gpu, PORT_NONE)->node = 2;
    expect_error(&host, parents,
                 "function 0000:3b:00.0 is on node 2, which the host does not have");
}
END_TEST

START_TEST(node_zero_of_a_host_without_nodes)
{
    struct vtopo_host host = {0};
    const struct bdf *parents[] = {NULL};

    add(&host, gpu, PORT_NONE)->node = 0;
    ck_assert_int_eq(host_finish(&host, parents, NULL), 0);
    host_clear(&host);
}
END_TEST

START_TEST(the_node_that_a_function_counts_as_on)
{
    struct vtopo_host host = {0};
    struct host_function function = {.node = -1};

    ck_assert_int_eq(host_node_of(&host, &function), 0);
    add_node(&host, 3);
    ck_assert_int_eq(host_node_of(&host, &function), 3);
    add_node(&host, 5);
    ck_assert_int_eq(host_node_of(&host, &function), -1);
    function.node = 5;
    ck_assert_int_eq(host_node_of(&host, &function), 5);
    host_clear(&host);
}
END_TEST

START_TEST(bare_nodes_do_not_count)
{
    struct vtopo_host host = {0};
    struct host_function function = {.node = -1};

    for (unsigned id = 0; id < 3; id++)
        add_node(&host, id);
    host.nodes.items[1].initiator = host.nodes.items[2].initiator = true;
    ck_assert(!host_node_is_bare(&host.nodes.items[0]) && host_node_is_bare(&host.nodes.items[1]));
    ck_assert_int_eq(host_node_of(&host, &function), 0);
    host.nodes.items[2].memory_kib = 1;
    ck_assert(!host_node_is_bare(&host.nodes.items[2]));
    ck_assert_int_eq(host_node_of(&host, &function), -1);
    host.nodes.items[2].memory_kib = 0;
    host.nodes.items[0].initiator = true; /* there is nothing else */
    ck_assert_int_eq(host_node_of(&host, &function), -1);
    host_clear(&host);
}
END_TEST

START_TEST(vdpa_devices_go_by_their_character_device)
{
    struct vtopo_host host = {0};
    struct host_vdpa *vdpa = vec_add(&host.vdpas);

    vdpa->name = strdup("vdpa2");
    vdpa->device = strdup("vhost-vdpa-1");
    ck_assert_ptr_eq(host_find_vdpa(&host, "/dev/vhost-vdpa-1"), vdpa);
    ck_assert_ptr_null(host_find_vdpa(&host, "/dev/vhost-vdpa-12"));
    ck_assert_ptr_null(host_find_vdpa(&host, "vhost-vdpa-1"));
    ck_assert_ptr_null(host_find_vdpa(&host, "vdpa2"));
    host_clear(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host");
    TCase *tests = tcase_create("host");

    suite_add_tcase(suite, tests);
    tcase_add_test(tests, functions_are_sorted_and_find_their_parents);
    tcase_add_test(tests, an_empty_host_is_fine);
    tcase_add_test(tests, a_function_twice);
    tcase_add_test(tests, a_parent_that_is_missing);
    tcase_add_test(tests, a_parent_that_is_no_bridge);
    tcase_add_test(tests, bridges_in_a_loop);
    tcase_add_test(tests, root_complexes_that_differ);
    tcase_add_test(tests, a_node_that_the_host_lacks);
    tcase_add_test(tests, node_zero_of_a_host_without_nodes);
    tcase_add_test(tests, the_node_that_a_function_counts_as_on);
    tcase_add_test(tests, bare_nodes_do_not_count);
    tcase_add_test(tests, vdpa_devices_go_by_their_character_device);
    return run_suite(suite);
}
