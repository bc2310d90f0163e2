/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_linux_windows.c - what Linux wants for ports on expanders beyond what firmware gives */
#include "mmio_tree_text.h"
#include "suite.h"

#include "plan/budget/linux_windows.h"

#include <check.h>
#include <stdlib.h>

#define G 1024 /* MiB */

static struct mmio_tree tree;

static void teardown(void)
{
    mmio_tree_clear(&tree);
}

/* MiB of all ports together that have not enough. */
static const struct {
    const char *tree;
    uint64_t wanted;
} rows[] = {
    {"", 0},
    {"/", 0},
    {"/,", 0},
    {"/65536", 0},
    {"/65536:32", 96 * G}, /* as a guest with Linux 6.1 has it */
    {"65536:32", 0},       /* pcie.0 has all that is left */
    {"/32:65536", 96 * G},
    {"/131072:16:1", 192 * G},
    {"/65536:32768", 0}, /* the smaller one fills it */
    {"/65536:16384", 96 * G},
    {"/65536:40960", 0}, /* 40 GiB is aligned to 64 */
    /* Windows are aligned to 1 MiB. */
    {"/1:1", 0},
    {"/2:1", 0},
    {"/4:1", 6},
    {"/8:1", 12},
    {"/32:32", 0},
    {"/32:32:1", 80},
    /* Each port on an expander is for itself. */
    {"/65536:32,65536:32", 192 * G},
    {"/65536:32,32", 96 * G},
    {"/65536:32/65536:32/65536", 192 * G},
    /* Below a switch firmware's gaps are room, where there are some. */
    {"/[65536]", 0},
    {"/[65536:32]", 96 * G},
    {"/[65536:32,32]", 112 * G},
    {"/[65536:32,65536:32]", 0},
    {"/[65536:32,65536:32,32]", 208 * G},
    {"/[65536:32,65536:32,65536:32]", 0},
    {"/[65536:32,65536:32,65536:32,32]", 0},
    {"[65536:32,32]/32", 0},
};

START_TEST(what_ports_lack)
{
    autofree uint64_t *wanted = NULL;
    uint64_t sum = 0;

    mmio_tree_read(&tree, rows[_i].tree);
    wanted = calloc(tree.nodes.count + 1, sizeof(*wanted));
    ck_assert(linux_windows_find(&tree, wanted));
    for (size_t i = 0; i < tree.nodes.count; i++)
        sum += wanted[i];
    ck_assert_msg(sum == rows[_i].wanted * MIB, "%s: %llu MiB", rows[_i].tree,
                  (unsigned long long)(sum / MIB));
}
END_TEST

/* What files say of BARs may be anything. */
START_TEST(absurd_sizes)
{
    uint64_t wanted[8];

    mmio_tree_read(&tree, "//");
    ck_assert_uint_ne(mmio_tree_add(&tree, &(struct mmio_node){.kind = MMIO_PORT, .above = 1}),
                      SIZE_MAX);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_ne(
            mmio_tree_add(
                &tree, &(struct mmio_node){.kind = MMIO_BAR, .above = 3, .size = UINT64_MAX >> i}),
            SIZE_MAX);
    ck_assert(linux_windows_find(&tree, wanted));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("linux_windows");
    TCase *tcase = tcase_create("linux_windows");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, what_ports_lack, 0, (int)(sizeof(rows) / sizeof(*rows)));
    tcase_add_test(tcase, absurd_sizes);
    return run_suite(suite);
}
