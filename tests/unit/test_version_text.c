/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_version_text.c - versions as text and back */
#include "model/version_text.h"

#include "suite.h"

#include <check.h>
#include <stddef.h>

START_TEST(versions_are_read_and_written)
{
    static const struct {
        const char *text;
        unsigned version;
        const char *written;
    } rows[] = {
        {"8.0", 8000000, "8.0.0"},
        {"7.2.22", 7002022, "7.2.22"},
        {"0.0.1", 1, "0.0.1"},
        {"999.999.999", VERSION_MAX, "999.999.999"},
        {"2025.02", 2025002000, "2025.2.0"},
        {"202411", 2024011000, "2024.11.0"},
        {"2099.12.999", 2099012999, "2099.12.999"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        unsigned version;

        ck_assert_msg(version_parse(rows[i].text, &version), "%s", rows[i].text);
        ck_assert_uint_eq(version, rows[i].version);
        ck_assert_str_eq(VERSION_TEXT(version), rows[i].written);
    }
}
END_TEST

START_TEST(what_is_no_version_is_refused)
{
    static const char *const wrong[] = {"",       "8",     "8.",    "0.0",      ".1",     "1.2.3.4",
                                        "1000.0", "8.0 ",  " 8.0",  "8.-1",     "8.0.",   "8.0.x",
                                        "8,0",    "+8.0",  "0x8.0", "8.0.1000", "2100.0", "210001",
                                        "2025",   "20241", "1999.1"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        ck_assert_msg(!version_parse(wrong[i], &(unsigned){0}), "%s", wrong[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("version_text");
    TCase *tcase = tcase_create("version_text");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, versions_are_read_and_written);
    tcase_add_test(tcase, what_is_no_version_is_refused);
    return run_suite(suite);
}
