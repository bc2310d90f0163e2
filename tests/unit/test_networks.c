/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_networks.c - interfaces on networks */
#include "devices_world.h"

#include <time.h>

START_TEST(an_interface_on_a_network_stays_with_a_finding)
{
    add_named(&w, DEVICE_INTERFACE_NETWORK, "pool", "00:05.0");
    add_named(&w, DEVICE_INTERFACE_NETWORK, "pool", "00:06.0");
    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_NETWORK_POOL), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NETWORK_POOL), "\"pool\" stay"));
    ck_assert_int_eq(w.plan->devices.items[0].fate, FATE_STAYS);
}
END_TEST

START_TEST(many_networks_are_counted)
{
    char name[32];
    clock_t start;

    for (unsigned i = 0; i < 50000; i++) {
        snprintf(name, sizeof(name), "net%05u", 49999 - i);
        add_named(&w, DEVICE_INTERFACE_NETWORK, name, "00:05.0");
    }
    add_hostdev(&w, "41:00.0", NULL);
    start = clock();
    plan_or_fail(&w);
    ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC, 3);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_NETWORK_POOL), "network \"net00000\", \"net00001\""));
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_NETWORK_POOL), "\"net00007\" and 49992 more stay"));
}
END_TEST

START_TEST(eight_networks_are_named)
{
    static const char *const names[] = {"b", "a", "c", "d", "e", "f", "g", "h", "i"};

    for (size_t i = 0; i < 8; i++)
        add_named(&w, DEVICE_INTERFACE_NETWORK, names[i], "00:05.0");
    add_named(&w, DEVICE_INTERFACE_NETWORK, "h", "00:05.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_NETWORK_POOL),
               "network \"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\" stay"));
    add_named(&w, DEVICE_INTERFACE_NETWORK, names[8], "00:05.0");
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NETWORK_POOL), "\"h\" and 1 more stay"));
}
END_TEST

START_TEST(without_networks_nothing_is_said)
{
    add_named(&w, DEVICE_OTHER, "bridge", "00:05.0");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_NETWORK_POOL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("networks");
    TCase *tcase = tcase_create("networks");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_interface_on_a_network_stays_with_a_finding);
    tcase_add_test(tcase, many_networks_are_counted);
    tcase_add_test(tcase, eight_networks_are_named);
    tcase_add_test(tcase, without_networks_nothing_is_said);
    return run_suite(suite);
}
