/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_finding.c - the register of findings and the list of them */
#include "model/finding.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct {
    int number;
    const char *name, *title;
    int strict;
    enum severity severity;
} reg[] = {
#define FINDING(number, name, severity, strict, title) {number, #name, title, strict, severity},
#include "model/findings.def"
#undef FINDING
};
/* clang-format on */
#define REGISTERED (sizeof(reg) / sizeof(*reg))

START_TEST(test_numbers_are_unique_and_ascend)
{
    for (size_t i = 1; i < REGISTERED; i++)
        ck_assert_int_lt(reg[i - 1].number, reg[i].number);
    ck_assert_int_ge(reg[0].number, 1);
    ck_assert_int_le(reg[REGISTERED - 1].number, 9999);
}
END_TEST

START_TEST(test_names_and_titles_differ)
{
    for (size_t i = 0; i < REGISTERED; i++) {
        ck_assert_str_ne(reg[i].title, "");
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(reg[i].name, reg[j].name);
            ck_assert_str_ne(reg[i].title, reg[j].title);
        }
    }
}
END_TEST

START_TEST(test_getters_give_what_the_register_says)
{
    for (size_t i = 0; i < REGISTERED; i++) {
        enum finding_id id = (enum finding_id)reg[i].number;

        ck_assert_str_eq(finding_title(id), reg[i].title);
        ck_assert_int_eq(finding_severity(id), reg[i].severity);
        ck_assert_int_eq(finding_is_strict(id), reg[i].strict);
    }
}
END_TEST

START_TEST(test_codes_have_four_digits)
{
    ck_assert_str_eq(finding_code(FINDING_RUNNING), "VTOPO-0001");
    ck_assert_str_eq(finding_code(FINDING_NODE_WITHOUT_CELL), "VTOPO-0010");
}
END_TEST

START_TEST(test_strict_never_refuses_for_information)
{
    for (size_t i = 0; i < REGISTERED; i++) {
        if (reg[i].severity == SEVERITY_INFO)
            ck_assert_msg(!reg[i].strict, "%s is information but strict", reg[i].name);
    }
}
END_TEST

START_TEST(test_added_findings_keep_their_order)
{
    struct findings findings = {0};

    for (unsigned i = 0; i < 20; i++)
        ck_assert(finding_add(&findings, FINDING_STAYS_BY_POLICY, "0000:41:00.0", "number %u", i));
    ck_assert_uint_eq(findings.count, 20);
    ck_assert_str_eq(findings.items[0].text, "number 0");
    ck_assert_str_eq(findings.items[19].text, "number 19");
    ck_assert_str_eq(findings.items[19].subject, "0000:41:00.0");
    ck_assert_int_eq(findings.items[19].severity, SEVERITY_INFO);
    findings_clear(&findings);
    ck_assert_uint_eq(findings.count, 0);
    findings_clear(&findings);
}
END_TEST

START_TEST(test_texts_cannot_drive_a_terminal)
{
    struct findings findings = {0};

    ck_assert(finding_add(&findings, FINDING_RUNNING, "a\033[2Jb", "one\ntwo\r\x7f %s",
                          "\xc2\x9b"
                          "1m \xc3\xa9"));
    ck_assert_str_eq(findings.items[0].subject, "a?[2Jb");
    ck_assert_str_eq(findings.items[0].text, "one?two?? ??1m \xc3\xa9");
    findings_clear(&findings);
}
END_TEST

/* What is ready to paste has lines; no other finding can be made to look like two. */
START_TEST(test_only_the_advice_has_lines)
{
    struct findings findings = {0};

    ck_assert(finding_add(&findings, FINDING_NO_CELLS, "domain", "one\n<numa>\n\033"));
    ck_assert_str_eq(findings.items[0].text, "one\n<numa>\n?");
    findings_clear(&findings);
}
END_TEST

START_TEST(test_texts_are_utf8)
{
    static const struct {
        const char *given, *expected;
    } cases[] = {
        {"\xc3\xa9 \xe2\x94\x80 \xf0\x9f\x90\x8d", "\xc3\xa9 \xe2\x94\x80 \xf0\x9f\x90\x8d"},
        {"\xff\x80z", "??z"},
        {"\xc3", "?"},
        {"\xe2\x94", "??"},
        {"\xc0\xaf", "??"},
        {"\xe0\x80\xaf", "???"},
        {"\xed\xa0\x80", "???"},
        {"\xf4\x90\x80\x80", "????"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct findings findings = {0};

        ck_assert(finding_add(&findings, FINDING_RUNNING, "domain", "%s", cases[i].given));
        ck_assert_str_eq(findings.items[0].text, cases[i].expected);
        findings_clear(&findings);
    }
}
END_TEST

START_TEST(test_a_list_is_behind_the_sentence)
{
    struct findings findings = {0};

    ck_assert(finding_add_list(&findings, FINDING_INTERFACE_NAMES, "domain", "names change",
                               "a becomes b, c becomes\nd"));
    ck_assert_str_eq(findings.items[0].text, "names change: a becomes b, c becomes?d");
    ck_assert_str_eq(findings.items[0].text + findings.items[0].list, "a becomes b, c becomes?d");
    ck_assert(finding_add(&findings, FINDING_INTERFACE_NAMES, "domain", "one: two"));
    ck_assert_uint_eq(findings.items[1].list, 0);
    findings_clear(&findings);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_numbers_are_unique_and_ascend,
        test_names_and_titles_differ,
        test_getters_give_what_the_register_says,
        test_codes_have_four_digits,
        test_strict_never_refuses_for_information,
        test_added_findings_keep_their_order,
        test_texts_cannot_drive_a_terminal,
        test_texts_are_utf8,
        test_only_the_advice_has_lines,
        test_a_list_is_behind_the_sentence,
    };
    Suite *suite = suite_create("finding");
    TCase *tcase = tcase_create("finding");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
