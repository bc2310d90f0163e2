/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_index.c - which index a controller gets, and which gaps are filled */
#include "model/mark.h"
#include "roots_world.h"

START_TEST(indexes_are_the_lowest_free_ones_parents_first)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "00:02.1");
    assign(2, 2);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "4:00.0 5:00.0 7:00.0 8:00.0");
    ck_assert_uint_eq(expander(&w, 0)->index, 2);
    ck_assert_uint_eq(expander(&w, 1)->index, 6);
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        ck_assert_uint_gt(c->index, c->parent_index);
        if (c->parent != PLAN_NONE)
            ck_assert_uint_eq(w.plan->controllers.items[c->parent].index, c->parent_index);
    }
}
END_TEST

/* Devices without an address get the lowest ports from libvirt: those stay free. */
START_TEST(indexes_are_above_the_ports_that_libvirt_needs)
{
    add_controller(&w, 0, CTRL_PCIE_ROOT, NULL);
    add_controller(&w, 1, CTRL_ROOT_PORT, NULL);
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.0");
    add_other(&w, "disk vda", "02:00.0"); /* not free */
    add_other(&w, "disk vdb", NULL);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->index, 3);
    add_other(&w, "interface tap0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->index, 4); /* libvirt makes root port 3 */
    add_controller(&w, 4, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 5, CTRL_ROOT_PORT, "04:00.0");
    add_other(&w, "rng virtio", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->index, 6); /* 5 is an empty port, too, for libvirt */
}
END_TEST

START_TEST(too_many_others_are_refused_all_the_same)
{
    for (unsigned i = 0; i < 252; i++)
        add_other(&w, "disk", NULL);
    assign(1, 4);
    refused("does not fit");
}
END_TEST

START_TEST(an_index_that_only_an_address_names_is_taken)
{
    add_other(&w, "disk vda", "01:00.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "3:00.0");
    ck_assert_str_eq(layout(&w),
                     "cell0{rp(41:00.0)} pcie.0{filler}"); /* libvirt would add it anyway */
    ck_assert_uint_eq(w.plan->controllers.items[2].index, 1);
}
END_TEST

START_TEST(indexes_above_200)
{
    for (unsigned i = 1; i <= 250; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%02x:00.0", i - 1);
        add_controller(&w, i, i % 2 ? CTRL_ROOT_PORT : CTRL_PCIE_TO_PCI,
                       i == 1 ? "00:02.0" : place);
    }
    assign(1, 4);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "252:00.0 253:00.0 254:00.0 255:00.0");
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 251);
    add_hostdev(&w, "0001:41:00.0", NULL);
    refused("controller indexes: 6 needed, 5 available"); /* with one expander for both root
                                                             complexes */
}
END_TEST

START_TEST(no_index_left_is_refused)
{
    for (unsigned i = 1; i <= 254; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, NULL);
    assign(1, 1);
    refused("controller indexes: 2 needed, 1 available");
}
END_TEST

START_TEST(gaps_of_a_complete_domain_are_filled_behind_all_others)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.1");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "3:00.0");
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)} pcie.0{filler filler filler}");
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x1c);
    for (size_t i = 2; i < 5; i++) {
        const struct plan_controller *filler = &w.plan->controllers.items[i];

        ck_assert_uint_eq(filler->index, i + 2);
        ck_assert(mark_is_of_controller(filler->alias));
        ck_assert_uint_eq(filler->slot,
                          0x1e); /* in one slot, so that few ports of others are behind them */
        ck_assert_uint_eq(filler->function, i - 2);
    }
}
END_TEST

START_TEST(the_highest_index_may_be_a_gap_too)
{
    add_other(&w, "disk vda", "04:00.0");
    assign(1, 1); /* indexes 1 and 2 */
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)} pcie.0{filler filler}");
    ck_assert_uint_eq(w.plan->controllers.items[3].index, 4);
}
END_TEST

START_TEST(gaps_of_an_incomplete_domain_are_left_to_libvirt)
{
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.1");
    add_other(&w, "disk vda", NULL);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)}");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_ADDRESSES_ABSENT));
}
END_TEST

/* --- what libvirt adds below our indexes --- */

static void check_announced(const char *expected)
{
    autofree char *text = NULL;

    plan_or_fail(&w);
    text_append(&text, "%s", "");
    for (size_t i = 0; i < w.plan->announced.count; i++)
        text_append(&text, "%s%u", i ? " " : "", w.plan->announced.items[i]);
    ck_assert_str_eq(text, expected);
}

START_TEST(libvirts_controllers_below_ours_are_announced)
{
    w.domain.controllers.count = 0; /* no pcie-root */
    assign(1, 1);
    check_announced("0");
    for (unsigned i = 0; i < 3; i++)
        add_other(&w, "disk", NULL);
    check_announced("0 1 2 3");
    ck_assert_uint_eq(expander(&w, 0)->index, 4);
    add_other(&w, "disk", "02:00.0"); /* makes a port of 2, as the others do */
    check_announced("0 1 2 3 4");
    add_controller(&w, 0, CTRL_PCIE_ROOT, NULL);
    check_announced("1 2 3 4");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.0");
    check_announced("1 3 4");
}
END_TEST

/* With one of its own behind them the domain says itself where ours are. */
START_TEST(what_has_a_higher_controller_behind_it_is_not_announced)
{
    w.domain.controllers.count = 0;
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.0");
    add_other(&w, "disk", NULL);
    assign(1, 1);
    check_announced("");
    ck_assert_str_eq(places(&w), "3:00.0");
    for (unsigned i = 0; i < 6; i++)
        add_other(&w, "disk", NULL);
    check_announced(""); /* 8 and 9 are ours */
    ck_assert_str_eq(places(&w), "9:00.0");
    add_other(&w, "disk", NULL);
    check_announced("0 1 2 3 4 5 6 8");
    w.domain.controllers.items[0].address = (struct address){0};
    check_announced("8"); /* 7 shall be the first that gets an address */
}
END_TEST

START_TEST(of_a_complete_domain_nothing_is_announced)
{
    add_other(&w, "disk", "03:00.0");
    assign(1, 1);
    check_announced("");
}
END_TEST

START_TEST(where_nothing_is_built_nothing_is_filled)
{
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.1");
    add_controller(&w, 8, CTRL_EXPANDER, "00:03.0");
    assign(1, 1);
    add_wish(&w, "41:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "");
    ck_assert_uint_eq(w.plan->bus_fixes.count, 0);
    ck_assert(w.plan->realised);
}
END_TEST

/* --- boundaries --- */

/* Ports of others at all indexes from @first to @last, one on the other. */
static void occupy(unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%02x:00.0", i == first ? 0 : i - 1);
        add_controller(&w, i, CTRL_PCIE_TO_PCI, place);
    }
}

START_TEST(index_1_is_the_first)
{
    occupy(3, 200);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->index, 1);
    ck_assert_str_eq(places(&w), "2:00.0");
}
END_TEST

START_TEST(as_many_as_there_are_indexes)
{
    occupy(3, 255);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "2:00.0");
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 254); /* and all bus numbers are used, too */
    add_hostdev(&w, "0000:42:00.0", NULL);
    refused("controller indexes: 3 needed, 2 available");
}
END_TEST

START_TEST(a_filler_is_a_plain_port)
{
    add_other(&w, "disk vda", "03:00.0");
    assign(1, 1);
    for (unsigned ovmf = 0; ovmf < 2; ovmf++) {
        const struct plan_controller *filler;

        w.domain.firmware = ovmf ? FIRMWARE_OVMF : FIRMWARE_SEABIOS;
        plan_or_fail(&w);
        ck_assert_uint_eq(w.plan->controllers.count, 3);
        filler = &w.plan->controllers.items[2];
        ck_assert_uint_eq(filler->index, 3);
        ck_assert_int_eq(filler->model, CTRL_ROOT_PORT);
        ck_assert_uint_eq(filler->parent, PLAN_NONE);
        ck_assert(filler->filler && !filler->spare && !filler->hotplug_on);
        ck_assert_int_eq(filler->hotplug_off, ovmf);
        ck_assert_int_eq(filler->cell, -1);
        ck_assert_int_eq(filler->node, -1);
    }
}
END_TEST

/* libvirt would make a port for index 4 in any case, and before those of others perhaps. */
START_TEST(what_only_an_address_names_is_filled_where_something_is_taken_out)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    assign(1, 1);
    w.policy.spare_ports = 1;
    rewrite(&w); /* the spare port is 4 */
    add_other(&w, "interface", "04:00.0");
    add_wish(&w, "41:00.0")->keep = 1;
    w.policy.devices.items[0].bdf = bdf_of("0000:41:00.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->undo.controllers.count, 3);
    ck_assert_str_eq(layout(&w), "pcie.0{filler filler filler}");
    ck_assert_uint_eq(w.plan->controllers.items[0].index, 2);
    ck_assert_uint_eq(w.plan->controllers.items[2].index, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("index");
    TCase *tcase = tcase_create("index");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, indexes_are_the_lowest_free_ones_parents_first);
    tcase_add_test(tcase, indexes_are_above_the_ports_that_libvirt_needs);
    tcase_add_test(tcase, too_many_others_are_refused_all_the_same);
    tcase_add_test(tcase, an_index_that_only_an_address_names_is_taken);
    tcase_add_test(tcase, indexes_above_200);
    tcase_add_test(tcase, no_index_left_is_refused);
    tcase_add_test(tcase, gaps_of_a_complete_domain_are_filled_behind_all_others);
    tcase_add_test(tcase, the_highest_index_may_be_a_gap_too);
    tcase_add_test(tcase, gaps_of_an_incomplete_domain_are_left_to_libvirt);
    tcase_add_test(tcase, libvirts_controllers_below_ours_are_announced);
    tcase_add_test(tcase, what_has_a_higher_controller_behind_it_is_not_announced);
    tcase_add_test(tcase, of_a_complete_domain_nothing_is_announced);
    tcase_add_test(tcase, where_nothing_is_built_nothing_is_filled);
    tcase_add_test(tcase, index_1_is_the_first);
    tcase_add_test(tcase, as_many_as_there_are_indexes);
    tcase_add_test(tcase, a_filler_is_a_plain_port);
    tcase_add_test(tcase, what_only_an_address_names_is_filled_where_something_is_taken_out);
    return run_suite(suite);
}
