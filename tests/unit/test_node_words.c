/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_node_words.c - NUMA nodes in words, where many are bare */
#include "report/node_words.h"

#include "build.h"

#include <check.h>
#include <stdlib.h>

static struct world w;
static struct buffer out;

/* Nodes 0 and 1 with processors, @bare nodes behind them for devices, half of them near each. */
static void make(unsigned bare)
{
    unsigned count = 2 + bare;

    world_init(&w);
    add_node(&w, 0, "0-3");
    add_node(&w, 1, "4-7");
    for (unsigned i = 0; i < bare; i++) {
        struct host_node *node = add_node(&w, 2 + i, "");

        node->initiator = true;
        node->memory_kib = 0;
    }
    for (unsigned a = 0; a < count; a++) {
        unsigned *row = calloc(count, sizeof(*row));

        ck_assert_ptr_nonnull(row);
        for (unsigned b = 0; b < count; b++) {
            unsigned near_a = a < 2 ? a : (a - 2) * 2 / bare;
            unsigned near_b = b < 2 ? b : (b - 2) * 2 / bare;

            row[b] = a == b ? 10 : a < 2 && b < 2 ? 40 : near_a == near_b ? 80 : 120;
        }
        free(w.host.nodes.items[a].distances);
        w.host.nodes.items[a].distances = row;
    }
}

static void expect(size_t at, const char *text)
{
    buffer_clear(&out);
    buffer_add(&out, "");
    node_distances(&w.host, at, &out);
    ck_assert_str_eq(out.text ? out.text : "", text);
}

static void done(void)
{
    buffer_clear(&out);
    world_clear(&w);
}

START_TEST(runs_of_bare_nodes)
{
    make(4);
    ck_assert_uint_eq(node_run(&w.host, 0), 1);
    ck_assert_uint_eq(node_run(&w.host, 2), 2);
    ck_assert_uint_eq(node_run(&w.host, 4), 2);
    expect(0, ", distances 10 40, 80 to 2-3, 120 to 4-5");
    expect(2, ", distances 80 120");
    done();
}
END_TEST

START_TEST(numbers_that_do_not_follow)
{
    make(2);
    w.host.nodes.items[3].id = 9;
    w.host.nodes.items[3].distances[0] = 80;
    w.host.nodes.items[3].distances[1] = 120;
    ck_assert_uint_eq(node_run(&w.host, 2), 1);
    expect(1, ", distances 40 10, 120 to 2, 80 to 9");
    done();
}
END_TEST

START_TEST(nodes_with_memory_have_a_line_each)
{
    make(2);
    w.host.nodes.items[2].memory_kib = w.host.nodes.items[3].memory_kib = 1;
    ck_assert_uint_eq(node_run(&w.host, 2), 1);
    expect(0, ", distances 10 40 80 120");
    done();
}
END_TEST

START_TEST(distances_that_are_not_known)
{
    make(2);
    free(w.host.nodes.items[3].distances);
    w.host.nodes.items[3].distances = NULL;
    ck_assert_uint_eq(node_run(&w.host, 2), 1);
    expect(3, "");
    done();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("node_words");
    TCase *tcase = tcase_create("node_words");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, runs_of_bare_nodes);
    tcase_add_test(tcase, numbers_that_do_not_follow);
    tcase_add_test(tcase, nodes_with_memory_have_a_line_each);
    tcase_add_test(tcase, distances_that_are_not_known);
    return run_suite(suite);
}
