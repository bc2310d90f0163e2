/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_findings.c - the public register of findings is the one inside */
#include "vtopo/findings.h"

#include "model/finding.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct {
    enum vtopo_finding_id id;
    int number, strict;
    enum severity severity;
    const char *title;
} reg[] = {
#define FINDING(number, name, severity, strict, title)                                             \
    {VTOPO_FINDING_##name, number, strict, severity, title},
#include "model/findings.def"
#undef FINDING
};
/* clang-format on */

START_TEST(every_finding_is_what_the_register_says)
{
    for (size_t i = 0; i < sizeof(reg) / sizeof(*reg); i++) {
        enum vtopo_finding_id id = 0;
        char name[16];

        ck_assert_int_eq(reg[i].id, reg[i].number);
        snprintf(name, sizeof(name), "VTOPO-%04d", reg[i].number);
        ck_assert_str_eq(vtopo_finding_name(reg[i].id), name);
        ck_assert(vtopo_finding_parse(name, &id));
        ck_assert_int_eq(id, reg[i].id);
        ck_assert_str_eq(vtopo_finding_title(id), reg[i].title);
        ck_assert_int_eq(vtopo_finding_severity(id), reg[i].severity);
        ck_assert_int_eq(vtopo_finding_is_strict(id), reg[i].strict);
    }
}
END_TEST

static void check_sentences(const char *name, const char *text)
{
    size_t length = strlen(text);

    ck_assert_msg(length > 5 && strchr(".)?", text[length - 1]), "%s: no sentence: \"%s\"", name,
                  text);
    ck_assert_msg(!strchr(text, '\n') && !strstr(text, "  "), "%s: one paragraph: \"%s\"", name,
                  text);
}

START_TEST(every_finding_is_explained)
{
    for (size_t i = 0; i < sizeof(reg) / sizeof(*reg); i++) {
        const char *name = vtopo_finding_name(reg[i].id);

        check_sentences(name, vtopo_finding_meaning(reg[i].id));
        check_sentences(name, vtopo_finding_cause(reg[i].id));
        check_sentences(name, vtopo_finding_remedy(reg[i].id));
    }
}
END_TEST

START_TEST(what_is_not_in_the_register)
{
    static const char *const names[] = {"", "VTOPO-0000", "VTOPO-9999", "VTOPO-1", "vtopo-0001"};
    enum vtopo_finding_id unknown = (enum vtopo_finding_id)9999, id = VTOPO_FINDING_MACHINE;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        ck_assert(!vtopo_finding_parse(names[i], &id));
    ck_assert_int_eq(id, VTOPO_FINDING_MACHINE);
    ck_assert_str_eq(vtopo_finding_name(unknown), "VTOPO-0000");
    ck_assert_str_eq(vtopo_finding_title(unknown), "unknown finding");
    ck_assert_str_eq(vtopo_finding_meaning(unknown), "");
    ck_assert_str_eq(vtopo_finding_cause(unknown), "");
    ck_assert_str_eq(vtopo_finding_remedy(unknown), "");
    ck_assert_int_eq(vtopo_finding_severity(unknown), VTOPO_WARNING);
    ck_assert(!vtopo_finding_is_strict(unknown));
}
END_TEST

START_TEST(names_of_severities)
{
    ck_assert_str_eq(vtopo_severity_name(VTOPO_INFO), "info");
    ck_assert_str_eq(vtopo_severity_name(VTOPO_WARNING), "warning");
    ck_assert_str_eq(vtopo_severity_name(VTOPO_REFUSAL), "refusal");
    ck_assert_str_eq(vtopo_severity_name((enum vtopo_severity)99), "warning");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("findings");
    TCase *tcase = tcase_create("findings");

    tcase_add_test(tcase, every_finding_is_what_the_register_says);
    tcase_add_test(tcase, every_finding_is_explained);
    tcase_add_test(tcase, what_is_not_in_the_register);
    tcase_add_test(tcase, names_of_severities);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
