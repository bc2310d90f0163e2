/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_override_wish.c - properties that QEMU is given, and the aliases for that */
#include "clique_world.h"

#include "model/mark.h"
#include "plan/extra/override_wish.h"

START_TEST(devices_known_by_number_get_no_alias)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 4;
    add_wish(&w, "44:00.0")->clique = 4;
    say_override("hostdev0", "x-foo", "1");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-gpu=4 ua-vtopo-added=ua-gpu");
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ALIASES), 1);
    ck_assert(!device_of(&w, "43:00.0")->clique_given);
}
END_TEST

START_TEST(an_alias_that_is_taken_gets_a_number)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "45:00.0", NULL)->alias = strdup("hostdev7"); /* no user alias */
    add_other(&w, "disk vda", NULL)->alias = strdup("ua-vtopo-dev-0000-43-00-0");
    add_wish(&w, "43:00.0")->clique = 4;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0-2=4");
}
END_TEST

START_TEST(an_old_libvirt_gets_arguments)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 12;
    add_wish(&w, "44:00.0")->clique = 12;
    w.policy.libvirt_version = 8004999;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=12! ua-gpu=0xc!");
    w.policy.libvirt_version = 8005000;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=12 ua-gpu=12 ua-vtopo-added=ua-gpu");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("override_wish");
    TCase *tcase = tcase_create("override_wish");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_known_by_number_get_no_alias);
    tcase_add_test(tcase, an_alias_that_is_taken_gets_a_number);
    tcase_add_test(tcase, an_old_libvirt_gets_arguments);
    return run_suite(suite);
}
