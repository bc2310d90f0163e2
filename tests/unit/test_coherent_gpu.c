/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_coherent_gpu.c - GPUs with coherent memory, and the nodes for it */
#include "model/coherent_gpu.h"

#include "build.h"
#include "model/high_memory.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

/* Two nodes with processors, and one for memory of devices near each. */
static void setup(void)
{
    static const unsigned distances[4][4] = {
        {10, 40, 80, 120}, {40, 10, 120, 80}, {80, 120, 10, 255}, {120, 80, 255, 10}};

    world_init(&w);
    add_node(&w, 0, "0-3");
    add_node(&w, 1, "4-7");
    add_node(&w, 2, "")->initiator = true;
    add_node(&w, 3, "")->initiator = true;
    for (size_t i = 0; i < 4; i++) {
        struct host_node *node = &w.host.nodes.items[i];

        free(node->distances);
        node->distances = malloc(sizeof(distances[i]));
        ck_assert_ptr_nonnull(node->distances);
        memcpy(node->distances, distances[i], sizeof(distances[i]));
    }
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(ids)
{
    static const uint16_t devices[] = {0x2342, 0x2345, 0x2348, 0x2941, 0x31c2};
    struct host_function function = {.vendor = 0x10de};

    for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
        function.device = devices[i];
        ck_assert(function_is_coherent_gpu(&function));
    }
    function.device = 0x2330; /* H100 */
    ck_assert(!function_is_coherent_gpu(&function));
    function = (struct host_function){.vendor = 0x1002, .device = 0x2342};
    ck_assert(!function_is_coherent_gpu(&function));
}
END_TEST

START_TEST(bars_that_only_a_guest_sees)
{
    struct host_function function = {.vendor = 0x10de, .device = 0x2342};

    function.bars[0] = (struct host_bar){16 << 20, .wide = true, .prefetch = true};
    ck_assert_uint_eq(coherent_gpu_bars(&function).memory, UINT64_C(128) << 30);
    ck_assert_uint_eq(coherent_gpu_bars(&function).reserved, UINT64_C(1) << 30);
    ck_assert_uint_eq(host_high_memory(&function), (UINT64_C(129) << 30) + (16 << 20));
    function.device = 0x31c2;
    ck_assert_uint_eq(coherent_gpu_bars(&function).memory, UINT64_C(512) << 30);
    ck_assert_uint_eq(coherent_gpu_bars(&function).reserved, 0);
    function.device = 0x2330;
    ck_assert_uint_eq(coherent_gpu_bars(&function).memory, 0);
    ck_assert_uint_eq(host_high_memory(&function), 16 << 20);
}
END_TEST

static bool serves(unsigned at, int of)
{
    return host_node_serves(&w.host, &w.host.nodes.items[at], of);
}

START_TEST(the_nearest_node_with_processors)
{
    ck_assert(serves(2, 0) && !serves(2, 1));
    ck_assert(serves(3, 1) && !serves(3, 0));
    ck_assert(!serves(3, -1) && !serves(3, 2));
}
END_TEST

START_TEST(the_first_where_distances_do_not_tell)
{
    for (size_t i = 0; i < 4; i++) {
        free(w.host.nodes.items[i].distances);
        w.host.nodes.items[i].distances = NULL;
    }
    ck_assert(serves(2, 0) && serves(3, 0) && !serves(3, 1));
}
END_TEST

START_TEST(only_initiators_without_processors)
{
    w.host.nodes.items[2].initiator = false;
    w.host.nodes.items[1].initiator = true;
    ck_assert(!serves(2, 0) && !serves(1, 1));
    w.host.nodes.items[3].memory_kib = 1; /* the host's driver has added it */
    ck_assert(serves(3, 1));
}
END_TEST

START_TEST(a_host_without_processors)
{
    idset_free(&w.host.nodes.items[0].cpus);
    idset_free(&w.host.nodes.items[1].cpus);
    ck_assert(!serves(2, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("coherent_gpu");
    TCase *tcase = tcase_create("coherent_gpu");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ids);
    tcase_add_test(tcase, bars_that_only_a_guest_sees);
    tcase_add_test(tcase, the_nearest_node_with_processors);
    tcase_add_test(tcase, the_first_where_distances_do_not_tell);
    tcase_add_test(tcase, only_initiators_without_processors);
    tcase_add_test(tcase, a_host_without_processors);
    return run_suite(suite);
}
