/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_finding_groups.c - what is the same for several subjects is one finding */
#include "model/finding_groups.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct findings findings;

static void add(enum finding_id id, const char *subject, const char *text)
{
    ck_assert(finding_add(&findings, id, subject, "%s", text));
}

static void add_detail(const char *subject, const char *detail)
{
    ck_assert(finding_add_detail(&findings, FINDING_DRIVER, subject, "is bound to ", detail,
                                 "; see driverctl"));
}

static void assert_finding(size_t at, const char *subject, const char *text)
{
    ck_assert_uint_lt(at, findings.count);
    ck_assert_str_eq(findings.items[at].subject, subject);
    ck_assert_str_eq(findings.items[at].text, text);
}

static void teardown(void)
{
    findings_clear(&findings);
}

START_TEST(the_same_of_several_is_one_in_the_place_of_the_first)
{
    add(FINDING_STAYS_BY_POLICY, "A", "stays");
    add(FINDING_TRANSIENT, "B", "gets a port");
    add(FINDING_STAYS_BY_POLICY, "C", "stays");
    add(FINDING_STAYS_BY_POLICY, "B", "stays");
    ck_assert(findings_group(&findings));
    ck_assert_uint_eq(findings.count, 2);
    assert_finding(0, "A", "stays; the same for 2 others: C, B");
    ck_assert_str_eq(findings.items[0].text + findings.items[0].list, "C, B");
    ck_assert_uint_eq(finding_subject_count(&findings.items[0]), 3);
    ck_assert_str_eq(finding_subject_at(&findings.items[0], 0), "A");
    ck_assert_str_eq(finding_subject_at(&findings.items[0], 2), "B");
    assert_finding(1, "B", "gets a port");
    ck_assert_uint_eq(finding_subject_count(&findings.items[1]), 1);
    ck_assert_str_eq(finding_subject_at(&findings.items[1], 0), "B");
}
END_TEST

START_TEST(one_other_is_no_list)
{
    add(FINDING_STAYS_BY_POLICY, "A", "stays");
    add(FINDING_STAYS_BY_POLICY, "C", "stays");
    ck_assert(findings_group(&findings));
    assert_finding(0, "A", "stays; the same for C");
    ck_assert_uint_eq(findings.items[0].list, 0);
}
END_TEST

START_TEST(other_ids_and_other_texts_are_other_causes)
{
    add(FINDING_STAYS_BY_POLICY, "A", "stays");
    add(FINDING_PLACED_WRONG, "B", "stays");
    add(FINDING_STAYS_BY_POLICY, "C", "stays there");
    ck_assert(findings_group(&findings));
    ck_assert_uint_eq(findings.count, 3);
}
END_TEST

/* A command with the address in it is the same command. */
START_TEST(its_own_name_makes_no_difference)
{
    add(FINDING_DRIVER, "0000:41:00.0", "driverctl 0000:41:00.0 vfio-pci");
    add(FINDING_DRIVER, "0000:42:00.0", "driverctl 0000:42:00.0 vfio-pci");
    add(FINDING_DRIVER, "0000:43:00.0", "driverctl 0000:41:00.0 vfio-pci");
    ck_assert(findings_group(&findings));
    ck_assert_uint_eq(findings.count, 2);
    assert_finding(0, "0000:41:00.0", "driverctl 0000:41:00.0 vfio-pci; the same for 0000:42:00.0");
}
END_TEST

START_TEST(details_are_told_where_they_differ)
{
    add_detail("A", "nvidia");
    add_detail("B", "nouveau");
    add_detail("C", "nvidia");
    ck_assert(findings_group(&findings));
    ck_assert_uint_eq(findings.count, 1);
    assert_finding(0, "A",
                   "is bound to nvidia; see driverctl; the same for 2 others: B (nouveau), C");
}
END_TEST

/* Of a subject with two details both are told, and one that comes twice is told once. */
START_TEST(each_detail_of_a_subject_is_told_once)
{
    add_detail("A", "nvidia");
    add_detail("B", "nouveau");
    add_detail("B", "nouveau");
    add_detail("B", "nvidia");
    ck_assert(findings_group(&findings));
    assert_finding(0, "A",
                   "is bound to nvidia; see driverctl; the same for 2 others: B (nouveau), B");
}
END_TEST

START_TEST(what_is_of_all_is_not_joined)
{
    static const char *const subjects[] = {"domain", "host"};

    for (size_t i = 0; i < 4; i++)
        add(FINDING_BUDGET_UNSURE, subjects[i / 2], "may not fit");
    add(FINDING_NO_CELLS, "A", "paste\n<numa>");
    add(FINDING_NO_CELLS, "B", "paste\n<numa>");
    ck_assert(finding_add_list(&findings, FINDING_RANGES, "A", "see", "x"));
    ck_assert(finding_add_list(&findings, FINDING_RANGES, "B", "see", "x"));
    ck_assert(findings_group(&findings));
    ck_assert_uint_eq(findings.count, 8);
}
END_TEST

START_TEST(what_is_said_twice_of_one_is_said_once)
{
    add(FINDING_STAYS_BY_POLICY, "A", "stays");
    add(FINDING_STAYS_BY_POLICY, "A", "stays");
    ck_assert(findings_group(&findings));
    ck_assert_uint_eq(findings.count, 1);
    assert_finding(0, "A", "stays");
    ck_assert_uint_eq(finding_subject_count(&findings.items[0]), 1);
}
END_TEST

/* For who prints each in its own words. */
START_TEST(groups_are_told_without_joining)
{
    static const size_t wanted[] = {0, 1, 0, 3, 1};
    size_t firsts[5];

    add_detail("B", "nvidia");
    add(FINDING_STAYS_BY_POLICY, "A", "stays");
    add_detail("A", "nouveau");
    add(FINDING_BUDGET_UNSURE, "host", "may not fit");
    add(FINDING_STAYS_BY_POLICY, "C", "stays");
    ck_assert(findings_find_groups(&findings, firsts));
    ck_assert_mem_eq(firsts, wanted, sizeof(wanted));
    ck_assert_uint_eq(findings.count, 5);
    assert_finding(2, "A", "is bound to nouveau; see driverctl");
}
END_TEST

START_TEST(none)
{
    ck_assert(findings_group(&findings));
    ck_assert_uint_eq(findings.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("finding_groups");
    TCase *tcase = tcase_create("finding_groups");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, the_same_of_several_is_one_in_the_place_of_the_first);
    tcase_add_test(tcase, one_other_is_no_list);
    tcase_add_test(tcase, other_ids_and_other_texts_are_other_causes);
    tcase_add_test(tcase, its_own_name_makes_no_difference);
    tcase_add_test(tcase, details_are_told_where_they_differ);
    tcase_add_test(tcase, each_detail_of_a_subject_is_told_once);
    tcase_add_test(tcase, what_is_of_all_is_not_joined);
    tcase_add_test(tcase, what_is_said_twice_of_one_is_said_once);
    tcase_add_test(tcase, groups_are_told_without_joining);
    tcase_add_test(tcase, none);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
