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
    ck_assert_str_eq(links(), "rp 160x8");
}
END_TEST

START_TEST(one_end_is_enough_and_none_is_told)
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
    tcase_add_test(tcase, one_end_is_enough_and_none_is_told);
    tcase_add_test(tcase, a_width_that_qemu_does_not_have_is_unknown);
    tcase_add_test(tcase, spare_ports_stand_for_nothing);
    return run_suite(suite);
}
