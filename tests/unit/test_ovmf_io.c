/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ovmf_io.c - when OVMF gives up: each row was seen in a booted guest (QEMU 7.2, OVMF 2022.11)
 */
#include "build.h"

#include "plan/budget/ovmf_io.h"

#include <check.h>

#define BRIDGES 4

static const struct {
    struct io_bridge bridges[BRIDGES];
    size_t count;
    bool fits;
} seen[] = {
    {{{0, 9}, {1, 0}}, 2, true},
    {{{0, 10}, {1, 0}}, 2, true},
    {{{0, 11}, {1, 0}}, 2, false},
    {{{0, 5}, {4, 0}}, 2, true},
    {{{0, 5}, {6, 0}}, 2, true},
    {{{0, 0}, {9, 0}}, 2, true},
    {{{0, 0}, {10, 0}}, 2, false},
    {{{0, 9}, {2, 0}}, 2, true},
    /* The last bridge got its share and another did not. */
    {{{0, 9}, {2, 0}, {1, 0}}, 3, false},
    {{{0, 9}, {1, 0}, {2, 0}}, 3, true},
    {{{0, 10}, {2, 0}, {2, 0}}, 3, true},
    {{{0, 10}, {4, 0}, {4, 0}}, 3, true},
    {{{0, 8}, {3, 0}, {1, 0}, {3, 0}}, 4, true},
    {{{0, 8}, {3, 0}, {1, 0}, {1, 0}}, 4, false},
    /* Twenty hot-pluggable ports on pcie.0, and nothing with I/O BARs below the expander. */
    {{{0, 20}, {0, 0}}, 2, true},
    /* Hot-pluggable ports below expanders, too. */
    {{{0, 17}, {0, 4}}, 2, false},
};

START_TEST(as_seen_in_guests)
{
    ck_assert_int_eq(ovmf_io_fits(10, seen[_i].bridges, seen[_i].count), seen[_i].fits);
}
END_TEST

START_TEST(the_machine_needs_one_itself)
{
    static const struct io_bridge bridges[] = {{1, 2}, {3, 4}};

    ck_assert_uint_eq(ovmf_io_needed(bridges, 2), 11);
    ck_assert_uint_eq(ovmf_io_needed(bridges, 1), 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ovmf_io");
    TCase *tcase = tcase_create("ovmf_io");

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, as_seen_in_guests, 0, sizeof(seen) / sizeof(*seen));
    tcase_add_test(tcase, the_machine_needs_one_itself);
    return run_suite(suite);
}
