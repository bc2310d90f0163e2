/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bus.c - the bus numbers of the expanders */
#include "roots_world.h"

START_TEST(ranges_are_wide_enough_ascend_and_start_at_multiples_of_16)
{
    assign(4, 4);
    plan_or_fail(&w);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(expander(&w, i)->buses, 5);
        ck_assert_uint_eq(expander(&w, i)->bus_nr, 192 + 16 * i);
    }
    ck_assert_ptr_null(finding_of(&w, FINDING_RANGES));
}
END_TEST

START_TEST(switches_and_spare_ports_count)
{
    w.policy.spare_ports = 12;
    assign(2, 4);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->buses, 17);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 192);
    ck_assert_uint_eq(expander(&w, 1)->bus_nr, 224);
}
END_TEST

START_TEST(the_last_range_ends_at_255)
{
    w.policy.spare_ports = 14;
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->buses, 16);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 240);
}
END_TEST

START_TEST(pcie0_keeps_what_it_needs)
{
    for (unsigned i = 1; i <= 47; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.%x", 2 + i / 8, i % 8);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
    assign(50, 4);
    w.policy.mirror = MIRROR_NUMA; /* 201 numbers below the expander, 48 on pcie.0 */
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 48);
    add_controller(&w, 48, CTRL_ROOT_PORT, "00:10.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 55); /* 49 are needed: no multiple of 16 is left */
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_RANGES));
    for (unsigned i = 49; i <= 54; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, i % 2 ? "00:11.0" : "00:12.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 55);
    ck_assert_uint_eq(budget_of(&w, "bus numbers")->used, 256);
    add_other(&w, "disk vda", NULL); /* in an empty port; but libvirt may add 8 devices unasked */
    refused("bus numbers: 264 needed, 256 available");
}
END_TEST

START_TEST(ranges_of_others_are_left_alone)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 250;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0");
    add_controller(&w, 4, CTRL_EXPANDER, "00:06.0")->bus_nr = 225;
    assign(2, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 1)->bus_nr, 240); /* 240-241; 250-252 is of others */
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 208); /* 224-225 would meet 225 */
    ck_assert_ptr_null(finding_of(&w, FINDING_BUS_RANGE_BROKEN));
}
END_TEST

START_TEST(libvirts_choice_for_others_is_written_down)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 2, CTRL_EXPANDER, "00:06.0")->bus_nr = 100;
    add_controller(&w, 3, CTRL_EXPANDER, "00:07.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->bus_fixes.count, 2);
    ck_assert_uint_eq(w.plan->bus_fixes.items[0].index, 1);
    ck_assert_uint_eq(w.plan->bus_fixes.items[0].bus_nr, 98);
    ck_assert_uint_eq(w.plan->bus_fixes.items[1].index, 3);
    ck_assert_uint_eq(w.plan->bus_fixes.items[1].bus_nr, 96);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_FIXED), 2);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

START_TEST(the_first_choice_of_libvirt_is_254)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->bus_fixes.items[0].bus_nr, 254);
}
END_TEST

START_TEST(no_choice_of_libvirt_is_left)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 2;
    add_controller(&w, 2, CTRL_EXPANDER, "00:06.0");
    assign(1, 1);
    refused("libvirt finds no bus number below 2 for the expander with index 2; other bus numbers");
}
END_TEST

START_TEST(broken_ranges_of_others_are_reported)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 254;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0"); /* 254, 255, 256 */
    add_controller(&w, 4, CTRL_EXPANDER, "00:06.0")->bus_nr = 2;
    assign(1, 1);
    plan_or_fail(&w); /* pcie.0 needs 0 only: nothing else is broken */
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 1);
    add_controller(&w, 5, CTRL_ROOT_PORT, "00:07.0");
    add_controller(&w, 6, CTRL_ROOT_PORT, "00:08.0");
    plan_or_fail(&w); /* 0, 1 and 2 */
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 2);
}
END_TEST

START_TEST(others_that_leave_no_room_are_refused)
{
    for (unsigned i = 0; i < 12; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", 2 + i);
        add_controller(&w, 1 + i, CTRL_EXPANDER, place)->bus_nr = (int)(20 + 20 * i);
    }
    w.policy.mirror = MIRROR_NUMA;
    assign(5, 4); /* 21 numbers in a row */
    refused("unbroken for each");
}
END_TEST

/* --- boundaries --- */

/* An expander of others without a place of its own among the slots, with @ports root ports. */
static void add_others(unsigned index, int bus_nr, unsigned ports)
{
    add_controller(&w, index, CTRL_EXPANDER, "00:05.0")->bus_nr = bus_nr;
    for (unsigned i = 0; i < ports; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%02x:%02x.0", index, i);
        add_controller(&w, index + 1 + i, CTRL_ROOT_PORT, place);
    }
}

/* Two expanders of others, the first with a port (two numbers), and how many of them are broken;
 * pcie.0 needs 0 and 1. */
static const struct {
    int first, second;
    size_t broken;
} neighbours[] = {
    {100, 102, 0}, {100, 101, 1}, {102, 101, 0}, {101, 101, 1}, {254, 2, 0},
    {255, 2, 1},   {2, 4, 0},     {4, 1, 1},     {1, 254, 1},   {2, 255, 0},
};

START_TEST(ranges_of_others_may_touch)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_others(2, neighbours[_i].first, 1);
    add_others(4, neighbours[_i].second, 0);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), neighbours[_i].broken);
}
END_TEST

/* What pcie.0 will need is not known yet. */
START_TEST(of_an_incomplete_domain_only_what_overlaps_is_broken)
{
    add_others(2, 4, 0);
    add_other(&w, "disk vda", NULL);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 0);
    add_others(3, 4, 0);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 1);
}
END_TEST

START_TEST(the_last_choice_of_libvirt_is_1)
{
    add_others(1, 3, 0);
    add_controller(&w, 2, CTRL_EXPANDER, "00:06.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->bus_fixes.count, 1);
    ck_assert_uint_eq(w.plan->bus_fixes.items[0].bus_nr, 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 0);
}
END_TEST

/* Numbers below @end that others leave in pairs, but for @hole_from to @hole_to. */
static void use_all_but_pairs(int end, int hole_from, int hole_to)
{
    unsigned index = 1;

    for (int bus = 3; bus < end; bus += 3) {
        if (bus < hole_from || bus > hole_to)
            add_others(index++, bus, 0);
    }
}

START_TEST(a_hole_of_just_the_right_size_is_found)
{
    assign(1, 2); /* three numbers */
    use_all_but_pairs(256, 120, 120);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 120); /* of 118 to 122 the highest */
    ck_assert_uint_eq(expander(&w, 0)->bus_nr_packed, 120);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_RANGES)); /* 112 to 114 are not free */
}
END_TEST

START_TEST(the_highest_hole_ends_at_255)
{
    assign(1, 2);
    use_all_but_pairs(253, 0, 0);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 253);
}
END_TEST

START_TEST(the_lowest_hole_begins_behind_pcie0)
{
    assign(1, 2);
    add_others(1, 255, 0);
    for (unsigned i = 0; i < 84; i++)
        add_others(2 + i, (int)(4 + 3 * i), 0); /* 1, 2 and 3 are free */
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 1);
    add_controller(&w, 100, CTRL_ROOT_PORT, "00:02.0");
    add_other(&w, "disk vda", "00:03.0");
    refused("bus numbers: ");
}
END_TEST

/* The second expander has a place, and below it there are not even as many numbers as the first one
 * needs. */
START_TEST(less_room_than_one_needs_is_refused)
{
    for (unsigned port = 0; port < 4; port++) {
        char host[32];

        snprintf(host, sizeof(host), "0000:%02x:00.0", 0x41 + port);
        add_hostdev(&w, host, NULL);
    }
    add_hostdev(&w, "0001:41:00.0", NULL);
    for (unsigned i = 0; i < 252; i++) {
        if (i % 2)
            add_others(1 + i / 2, (int)(4 + i), 0); /* pairs begin at 1, 2 and 3 */
    }
    /* One expander for both needs six. */
    refused("bus numbers: 6 needed, unbroken for each of the new expanders (1)");
}
END_TEST

START_TEST(two_ranges_share_a_hole_that_is_just_wide_enough)
{
    assign(2, 1); /* two numbers each */
    for (unsigned i = 0; i < 100; i++)
        add_others(1 + i, (int)(6 + 2 * i), 0); /* to 204 */
    for (unsigned i = 0; i < 25; i++)
        add_others(101 + i, (int)(206 + 2 * i), 0); /* to 254 */
    add_others(126, 1, 0);
    plan_or_fail(&w); /* 2 to 5 */
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 2);
    ck_assert_uint_eq(expander(&w, 1)->bus_nr, 4);
    add_others(127, 5, 0);
    plan_or_fail(&w); /* one for both, 2 to 4 */
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0) rp(0001:41:00.0)}");
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 2);
    add_others(128, 4, 0);
    refused("bus numbers: 3 needed, unbroken for each of the new expanders (1)");
}
END_TEST

static struct domain_qemu_device *add_qemu_device(const char *driver, int bus_nr)
{
    struct domain_qemu_device *d = vec_add(&w.domain.qemu_devices);

    ck_assert_ptr_nonnull(d);
    *d = (struct domain_qemu_device){.driver = strdup(driver),
                                     .bus = strdup("pcie.0"),
                                     .slot = 9,
                                     .function = 0,
                                     .bus_nr = bus_nr,
                                     .chassis = -1};
    return d;
}

/* Only an expander has bus numbers, and only one that says where they begin. */
START_TEST(expanders_of_the_command_line_have_their_numbers)
{
    assign(1, 1);
    add_qemu_device("pxb-pcie", 254);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr_packed, 252);
    w.domain.qemu_devices.items[0].bus_nr = 255;
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr_packed, 253);
    w.domain.qemu_devices.items[0].bus_nr = -1;
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr_packed, 254);
    add_qemu_device("edu", 254);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr_packed, 254);
}
END_TEST

/* Bus numbers that are in the way are those of whoever has some. */
START_TEST(whose_bus_numbers_are_in_the_way)
{
    assign(1, 2);
    for (int bus = 3; bus < 256; bus += 3)
        add_qemu_device("pxb-pcie", bus);
    refused("; another bus_nr for the expanders of <qemu:commandline> can make room");
    add_others(1, 2, 0);
    refused("; other bus numbers for the domain's own expanders can make room");
}
END_TEST

/* Where one expander for each cell is all that the mirror asks for, a coarser one is no advice. */
START_TEST(a_coarser_mirror_is_no_advice_where_there_is_none)
{
    for (unsigned i = 1; i <= 254; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, "00:02.0");
    assign(2, 2);
    w.policy.mirror = MIRROR_ROOT;
    refused("bus numbers");
    ck_assert_ptr_null(strstr(vtopo_error_message(w.error), "mirror"));
    w.policy.mirror = MIRROR_NUMA;
    refused("bus numbers");
    ck_assert_ptr_null(strstr(vtopo_error_message(w.error), "mirror"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bus");
    TCase *tcase = tcase_create("bus");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ranges_are_wide_enough_ascend_and_start_at_multiples_of_16);
    tcase_add_test(tcase, switches_and_spare_ports_count);
    tcase_add_test(tcase, the_last_range_ends_at_255);
    tcase_add_test(tcase, pcie0_keeps_what_it_needs);
    tcase_add_test(tcase, ranges_of_others_are_left_alone);
    tcase_add_test(tcase, libvirts_choice_for_others_is_written_down);
    tcase_add_test(tcase, the_first_choice_of_libvirt_is_254);
    tcase_add_test(tcase, no_choice_of_libvirt_is_left);
    tcase_add_test(tcase, broken_ranges_of_others_are_reported);
    tcase_add_test(tcase, others_that_leave_no_room_are_refused);
    tcase_add_loop_test(tcase, ranges_of_others_may_touch, 0,
                        sizeof(neighbours) / sizeof(*neighbours));
    tcase_add_test(tcase, of_an_incomplete_domain_only_what_overlaps_is_broken);
    tcase_add_test(tcase, the_last_choice_of_libvirt_is_1);
    tcase_add_test(tcase, a_hole_of_just_the_right_size_is_found);
    tcase_add_test(tcase, the_highest_hole_ends_at_255);
    tcase_add_test(tcase, the_lowest_hole_begins_behind_pcie0);
    tcase_add_test(tcase, less_room_than_one_needs_is_refused);
    tcase_add_test(tcase, two_ranges_share_a_hole_that_is_just_wide_enough);
    tcase_add_test(tcase, expanders_of_the_command_line_have_their_numbers);
    tcase_add_test(tcase, whose_bus_numbers_are_in_the_way);
    tcase_add_test(tcase, a_coarser_mirror_is_no_advice_where_there_is_none);
    return run_suite(suite);
}
