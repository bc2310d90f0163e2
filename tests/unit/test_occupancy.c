/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_occupancy.c - which indexes, slots and chassis a domain uses (its rules through a plan:
 * test_number.c) */
#include "plan/ground/occupancy.h"

#include "build.h"

#include <check.h>

static bool nothing[256];
static const struct fates no_fates = {.moves = nothing};

START_TEST(an_empty_domain_has_its_fixed_slots)
{
    struct world w;
    struct occupancy o;

    world_init(&w);
    o = occupancy_of(&w.domain, &no_fates, false);
    ck_assert(o.complete);
    ck_assert(o.slot[0x00] && o.slot[0x01] && o.slot[0x1a] && o.slot[0x1b] && o.slot[0x1d] &&
              o.slot[0x1f]);
    ck_assert(!o.slot[0x02] && !o.slot[0x1e]);
    ck_assert(o.index[0] && o.there[0] && o.at[0] && !o.index[1]);
    ck_assert_uint_eq(o.highest, 0);
    world_clear(&w);
}
END_TEST

START_TEST(ports_use_index_and_chassis)
{
    struct world w;
    struct occupancy o;

    world_init(&w);
    add_controller(&w, 3, CTRL_ROOT_PORT, "0:2.0")->chassis = 9;
    add_controller(&w, 4, CTRL_ROOT_PORT, "0:3.0")->told_chassis = 11;
    o = occupancy_of(&w.domain, &no_fates, false);
    ck_assert(o.complete && o.index[3] && o.index[4] && !o.index[2]);
    ck_assert(o.chassis[9] && !o.chassis[3] && o.chassis[4] && o.chassis[11]);
    ck_assert(o.slot[2] && o.slot[3] && !o.slot[4]);
    ck_assert(!o.occupied[3] && o.occupied[0]);
    ck_assert_uint_eq(o.highest, 4);
    world_clear(&w);
}
END_TEST

START_TEST(what_has_no_address_is_counted)
{
    struct world w;
    struct occupancy o;

    world_init(&w);
    add_controller(&w, 1, CTRL_ROOT_PORT, NULL);
    add_controller(&w, 2, CTRL_EXPANDER, NULL);
    o = occupancy_of(&w.domain, &no_fates, true);
    ck_assert(!o.complete && o.fewest);
    ck_assert_uint_eq(o.ports, 1);
    ck_assert_uint_eq(o.expanders, 1);
    ck_assert_uint_eq(o.on_port, 0);
    world_clear(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("occupancy");
    TCase *tcase = tcase_create("occupancy");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, an_empty_domain_has_its_fixed_slots);
    tcase_add_test(tcase, ports_use_index_and_chassis);
    tcase_add_test(tcase, what_has_no_address_is_counted);
    return run_suite(suite);
}
