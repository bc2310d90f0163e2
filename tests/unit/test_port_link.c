/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_port_link.c - which link of the host a guest port stands for */
#include "links_world.h"

#include "plan/ground/port_link.h"

START_TEST(each_port_says_its_own_link)
{
    assign_all();
    set_link("41:00.0", 160, 16);
    set_link("51:00.0", 320, 8);
    set_link("52:01.0", 160, 8);
    set_link("57:00.0", 80, 4);
    ck_assert_str_eq(links(),
                     "rp 160x16 rp 320x8 up 320x8 dp 320x16 dp 160x8 up 160x8 dp 320x16 dp 80x4");
}
END_TEST

/* One guest switch for the tree: a link that stands for several is the narrowest. */
START_TEST(flattened_switches_say_the_narrowest)
{
    w.policy.mirror = MIRROR_SWITCH;
    assign_all();
    set_link("54:00.0", 160, 8);
    ck_assert_str_eq(links(), "rp 320x16 rp 320x16 up 320x16 dp 320x16 dp 160x8 dp 160x8");
}
END_TEST

START_TEST(a_card_alone_says_the_narrowest_up_to_the_root)
{
    add_hostdev(&w, "56:00.0", NULL);
    set_link("50:01.0", 80, 16);
    ck_assert_str_eq(links(), "rp 80x16");
    set_link("54:00.0", 320, 2);
    ck_assert_str_eq(links(), "rp 320x2");
}
END_TEST

START_TEST(a_virtual_function_has_the_link_of_its_physical_one)
{
    add_hostdev(&w, "57:00.2", NULL);
    set_link("57:00.2", 0, 0);
    set_link("57:00.0", 160, 8);
    /* One that says x0, as many do, is read as x16: so of half the speed it counts the same. */
    ck_assert_str_eq(links(), "rp 80x8");
    set_link("57:00.2", 160, 8);
    ck_assert_str_eq(links(), "rp 160x8");
}
END_TEST

START_TEST(one_end_is_enough_and_none_is_reported)
{
    add_hostdev(&w, "41:00.0", NULL);
    set_link("41:00.0", 0, 0);
    ck_assert_str_eq(links(), "rp 320x16");
    ck_assert_ptr_null(finding_of(&w, FINDING_LINKS_UNKNOWN));
    set_link("40:01.0", 0, 16);
    ck_assert_str_eq(links(), "rp 0x0");
    ck_assert_uint_eq(w.plan->overrides.count, 0);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_LINKS_UNKNOWN), "0000:41:00.0"));
}
END_TEST

START_TEST(a_width_that_qemu_does_not_have_is_unknown)
{
    add_hostdev(&w, "41:00.0", NULL);
    set_link("41:00.0", 320, 7);
    ck_assert_str_eq(links(), "rp 0x0");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_LINKS_UNKNOWN));
}
END_TEST

START_TEST(spare_ports_stand_for_nothing)
{
    w.policy.spare_ports = 1;
    add_hostdev(&w, "41:00.0", NULL);
    ck_assert_str_eq(links(), "rp 320x16 rp 0x0");
    ck_assert_ptr_null(finding_of(&w, FINDING_LINKS_UNKNOWN));
}
END_TEST

/* By bandwidth: the faster one may have fewer lanes. What the card says is read together with it.
 */
START_TEST(the_narrowest_is_that_of_least_bandwidth)
{
    add_hostdev(&w, "56:00.0", NULL);
    set_link("54:00.0", 160, 16);
    set_link("51:00.0", 320, 4);
    ck_assert_str_eq(links(), "rp 320x4");
    set_link("51:00.0", 320, 8); /* as much as the other one, which is nearer to the card */
    ck_assert_str_eq(links(), "rp 160x16");
    set_link("51:00.0", 320, 12);
    ck_assert_str_eq(links(), "rp 160x16");
    set_link("56:00.0", 160, 8); /* 12 GB/s, and with x16 at 5 GT/s 3 GB/s, where it is to be 6 */
    set_link("54:00.0", 50, 16);
    ck_assert_str_eq(links(), "rp 80x16");
    set_link("56:00.0", 50, 16); /* x4 at 2.5 GT/s is x4 at 2.5 GT/s with any card */
    set_link("54:00.0", 25, 4);
    ck_assert_str_eq(links(), "rp 25x4");
}
END_TEST

/* Of 54's two cards one link says all that is true outside of it: then they may say more. */
START_TEST(what_is_narrow_outside_is_no_reason_to_be_narrow_inside)
{
    w.policy.mirror = MIRROR_SWITCH;
    assign_all();
    set_link("54:00.0", 160, 8);
    set_link("51:00.0", 160, 8);
    set_link("53:00.0", 160, 8);
    set_link("41:00.0", 160, 8);
    ck_assert_str_eq(links(), "rp 160x8 rp 160x8 up 160x8 dp 160x8 dp 320x16 dp 320x16");
    ck_assert_ptr_null(finding_of(&w, FINDING_LINKS_LESS));
    w.policy.mirror = MIRROR_EXACT;
    ck_assert_str_eq(links(),
                     "rp 160x8 rp 160x8 up 160x8 dp 160x8 dp 160x8 up 160x8 dp 320x16 dp 320x16");
}
END_TEST

START_TEST(pairs_that_come_out_less_are_named)
{
    w.policy.mirror = MIRROR_SWITCH;
    assign_all();
    set_link("54:00.0", 160, 8);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_LINKS_LESS),
                                 "between 0000:56:00.0 and 0000:57:00.0: one guest switch"));
    w.policy.mirror = MIRROR_EXACT;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_LINKS_LESS));
}
END_TEST

START_TEST(what_is_behind_a_conventional_bridge_has_no_link)
{
    add_hostdev(&w, "56:00.0", NULL);
    set_link("56:00.0", 25, 1);
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_LINKS_BRIDGED));
    function_of(&w, "56:00.0")->bars[0].size = 1 << 20;
    w.domain.needs.has_usb = w.domain.needs.has_balloon = true;
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    w.domain.devices.items[0].address = (struct address){ADDRESS_PCI, {0, 1, 0, 0}, -1};
    add_wish(&w, "56:00.0")->attach_pci = 1;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_LINKS_BRIDGED), "width of 0000:56:00.0, "));
}
END_TEST

/* x12 at 2.5 GT/s, which a card of x4 cannot count at any speed. */
START_TEST(what_no_link_can_count_comes_out_less)
{
    add_hostdev(&w, "56:00.0", NULL);
    set_link("56:00.0", 320, 4);
    set_link("54:00.0", 25, 12);
    ck_assert_str_eq(links(), "rp 50x12");
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_LINKS_LESS), "ports for 0000:56:00.0 count"));
}
END_TEST

START_TEST(one_unknown_link_on_the_way_is_one_too_many)
{
    add_hostdev(&w, "56:00.0", NULL);
    set_link("50:01.0", 0, 0);
    set_link("51:00.0", 0, 0);
    ck_assert_str_eq(links(), "rp 0x0");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("port_link");
    TCase *tcase = tcase_create("port_link");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, each_port_says_its_own_link);
    tcase_add_test(tcase, flattened_switches_say_the_narrowest);
    tcase_add_test(tcase, a_card_alone_says_the_narrowest_up_to_the_root);
    tcase_add_test(tcase, a_virtual_function_has_the_link_of_its_physical_one);
    tcase_add_test(tcase, one_end_is_enough_and_none_is_reported);
    tcase_add_test(tcase, a_width_that_qemu_does_not_have_is_unknown);
    tcase_add_test(tcase, spare_ports_stand_for_nothing);
    tcase_add_test(tcase, the_narrowest_is_that_of_least_bandwidth);
    tcase_add_test(tcase, what_is_narrow_outside_is_no_reason_to_be_narrow_inside);
    tcase_add_test(tcase, pairs_that_come_out_less_are_named);
    tcase_add_test(tcase, what_is_behind_a_conventional_bridge_has_no_link);
    tcase_add_test(tcase, what_no_link_can_count_comes_out_less);
    tcase_add_test(tcase, one_unknown_link_on_the_way_is_one_too_many);
    return run_suite(suite);
}
