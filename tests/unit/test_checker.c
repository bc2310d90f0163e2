/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_checker.c - registers that are believed, lists in words, results */
#include "check_world.h"

#include "check/checker.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static bool unread[8];
static struct check_set set;
static struct checker checker;

static void setup_checker(void)
{
    setup();
    memset(unread, 0, sizeof(unread));
    set = (struct check_set){.host = &w.host};
    checker = (struct checker){.set = &set,
                               .host = &w.host,
                               .results = &results,
                               .questions = CHECK_ALL,
                               .unread = unread};
    add_config_space(&w, "41:00.0", 0x2810);
    add_extended_capability(&w, "41:00.0", 0x0f, 0x20, 0x8000);
}

static size_t at(const char *host)
{
    return (size_t)(function_of(&w, host) - w.host.functions.items);
}

START_TEST(registers_of_both_lists)
{
    struct check_register control = {.id = 0x10};
    struct check_register ats = {.id = 0x0f, .extended = true};

    ck_assert_int_eq(check_read(&checker, at("41:00.0"), 8, &control), PCICAP_FOUND);
    ck_assert_uint_eq(control.at, 0x40);
    ck_assert_uint_eq(control.offset, 0x48);
    ck_assert_uint_eq(control.value, 0x2810);
    ck_assert_int_eq(check_read(&checker, at("41:00.0"), 6, &ats), PCICAP_FOUND);
    ck_assert_uint_eq(ats.offset, 0x106);
    ck_assert_uint_eq(ats.value, 0x8000);
    ck_assert(!unread[at("41:00.0")]);
}
END_TEST

START_TEST(what_is_not_there_is_not_unread)
{
    struct check_register acs = {.id = 0x0d, .extended = true};

    ck_assert_int_eq(check_read(&checker, at("41:00.0"), 6, &acs), PCICAP_ABSENT);
    ck_assert(!unread[at("41:00.0")]);
}
END_TEST

/* All ones are what a device gives that sleeps or is gone: not a value with all bits set. */
START_TEST(all_ones_and_what_is_cut_off_are_unread)
{
    struct check_register ats = {.id = 0x0f, .extended = true};

    memset(&function_of(&w, "41:00.0")->config[0x106], 0xff, 2);
    ck_assert_int_eq(check_read(&checker, at("41:00.0"), 6, &ats), PCICAP_UNREADABLE);
    ck_assert(unread[at("41:00.0")]);
    unread[at("41:00.0")] = false;
    cut_config(&w, "41:00.0", 0x107); /* the register's first byte alone */
    ck_assert_int_eq(check_read(&checker, at("41:00.0"), 6, &ats), PCICAP_UNREADABLE);
    ck_assert(unread[at("41:00.0")]);
    unread[at("41:00.0")] = false;
    ck_assert_int_eq(check_read_register(function_of(&w, "41:00.0"), 6, &ats), PCICAP_UNREADABLE);
    ck_assert(!unread[at("41:00.0")]); /* without a checker nothing is remembered */
}
END_TEST

START_TEST(the_physical_function_of_a_virtual_one)
{
    ck_assert_uint_eq(check_physical(&checker, at("61:00.2")), at("61:00.0"));
    ck_assert_uint_eq(check_physical(&checker, at("61:00.0")), at("61:00.0"));
    function_of(&w, "61:00.2")->physfn = bdf_of("99:00.0"); /* not in this host description */
    ck_assert_uint_eq(check_physical(&checker, at("61:00.2")), at("61:00.2"));
}
END_TEST

START_TEST(a_result_has_its_subject_or_is_of_the_host)
{
    static const struct check_advice advice = {FINDING_CONFIG_UNREAD, "means", "should", "how"};
    struct check_register reg = {.name = "ATS Control", .value = 7};

    ck_assert(check_add(&checker, at("41:00.1"), &advice, &reg, strdup("off")));
    ck_assert(check_add(&checker, HOST_NONE, &advice, NULL, strdup("unknown")));
    ck_assert(!check_add(&checker, HOST_NONE, &advice, NULL, NULL)); /* no memory for its text */
    ck_assert_uint_eq(results.count, 2);
    ck_assert_ptr_eq(result_of(&results, FINDING_CONFIG_UNREAD, "41:00.1"), &results.items[0]);
    ck_assert(results.items[0].has_reg);
    ck_assert_uint_eq(results.items[0].reg.value, 7);
    ck_assert(results.items[1].of_host && !results.items[1].has_reg);
    ck_assert_str_eq(results.items[1].is, "unknown");
}
END_TEST

START_TEST(lists_in_words)
{
    static const struct {
        unsigned count;
        const char *text;
    } rows[] = {
        {1, "1"},
        {2, "1 and 2"},
        {3, "1, 2 and 3"},
        {8, "1, 2, 3, 4, 5, 6, 7 and 8"},
        {9, "1, 2, 3, 4, 5, 6, 7, 8 and 1 more"},
        {12, "1, 2, 3, 4, 5, 6, 7, 8 and 4 more"},
    };
    struct check_list list = {0};

    ck_assert_ptr_null(check_list_steal(&list));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *text;

        for (unsigned n = 1; n <= rows[i].count; n++) {
            char word[8];

            snprintf(word, sizeof(word), "%u", n);
            check_list_add(&list, word);
        }
        text = check_list_steal(&list);
        ck_assert_str_eq(text, rows[i].text);
        free(text);
        ck_assert_uint_eq(list.count, 0); /* the next list begins anew */
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checker");
    TCase *tcase = tcase_create("checker");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup_checker, teardown);
    tcase_add_test(tcase, registers_of_both_lists);
    tcase_add_test(tcase, what_is_not_there_is_not_unread);
    tcase_add_test(tcase, all_ones_and_what_is_cut_off_are_unread);
    tcase_add_test(tcase, the_physical_function_of_a_virtual_one);
    tcase_add_test(tcase, a_result_has_its_subject_or_is_of_the_host);
    tcase_add_test(tcase, lists_in_words);
    return run_suite(suite);
}
