/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_bdf.c - reading, writing and ordering PCI addresses */
#include "build.h"

#include <check.h>
#include <string.h>

START_TEST(the_usual_texts_are_read)
{
    static const struct {
        const char *text;
        struct bdf bdf;
    } cases[] = {
        {"0000:41:00.0", {0, 0x41, 0, 0}},
        {"41:00.0", {0, 0x41, 0, 0}},
        {"0001:ff:1f.7", {1, 0xff, 0x1f, 7}},
        {"10000:E1:00.0", {0x10000, 0xe1, 0, 0}},
        {"ffffffff:00:1f.7", {0xffffffff, 0, 0x1f, 7}},
        {"1:2:3.4", {1, 2, 3, 4}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bdf bdf;

        ck_assert_msg(bdf_parse(cases[i].text, &bdf), "refused: %s", cases[i].text);
        ck_assert_msg(bdf_equal(&bdf, &cases[i].bdf), "%s read as %s", cases[i].text,
                      BDF_TEXT(&bdf));
    }
}
END_TEST

START_TEST(anything_else_is_refused)
{
    static const char *const texts[] = {
        "",
        ":",
        "41:00",
        "41:00.",
        "41:00.8",
        "41:20.0",
        "41:00.0 ",
        " 41:00.0",
        "41:00.00",
        "141:00.0",
        "0000:141:00.0",
        "123456789:41:00.0",
        "0000:41:00.0:",
        "g1:00.0",
        "0x41:00.0",
        "+1:00.0",
        "41.00:0",
        ":41:00.0",
        "0000::00.0",
        "41:00.-1",
        "a:b:c:d",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct bdf bdf = {1, 2, 3, 4};

        ck_assert_msg(!bdf_parse(texts[i], &bdf), "accepted: \"%s\"", texts[i]);
        ck_assert_uint_eq(bdf.domain, 1); /* untouched */
    }
}
END_TEST

START_TEST(what_is_written_can_be_read)
{
    static const struct bdf bdfs[] = {
        {0, 0, 0, 0},
        {0, 0x41, 3, 1},
        {0x10000, 0xff, 0x1f, 7},
        {0xffffffff, 0xff, 0x1f, 7},
    };
    static const char *const texts[] = {
        "0000:00:00.0",
        "0000:41:03.1",
        "10000:ff:1f.7",
        "ffffffff:ff:1f.7",
    };

    for (size_t i = 0; i < sizeof(bdfs) / sizeof(*bdfs); i++) {
        struct bdf again;

        ck_assert_str_eq(BDF_TEXT(&bdfs[i]), texts[i]);
        ck_assert(bdf_parse(texts[i], &again));
        ck_assert(bdf_equal(&again, &bdfs[i]));
    }
}
END_TEST

START_TEST(the_order_is_domain_bus_slot_function)
{
    static const char *const ascending[] = {
        "0000:00:00.0", "0000:00:00.7", "0000:00:01.0",  "0000:01:00.0",
        "0000:ff:1f.7", "0001:00:00.0", "10000:00:00.0", "ffffffff:00:00.0",
    };

    for (size_t i = 0; i < sizeof(ascending) / sizeof(*ascending); i++) {
        for (size_t j = 0; j < sizeof(ascending) / sizeof(*ascending); j++) {
            struct bdf a = bdf_of(ascending[i]), b = bdf_of(ascending[j]);
            int order = bdf_compare(&a, &b);

            ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
            ck_assert_int_eq(bdf_equal(&a, &b), i == j);
        }
    }
}
END_TEST

START_TEST(a_slot_is_all_but_the_function)
{
    struct bdf a = bdf_of("41:02.0"), b = bdf_of("41:02.5");
    static const char *const others[] = {"41:03.0", "42:02.0", "0001:41:02.0"};

    ck_assert(bdf_same_slot(&a, &b));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        b = bdf_of(others[i]);
        ck_assert(!bdf_same_slot(&a, &b));
    }
}
END_TEST

START_TEST(all_zero_stands_for_none)
{
    static const struct bdf bdfs[] = {{0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};

    for (size_t i = 0; i < sizeof(bdfs) / sizeof(*bdfs); i++)
        ck_assert_int_eq(bdf_is_set(&bdfs[i]), i > 0);
}
END_TEST

START_TEST(names_are_read_as_the_kernel_writes_them)
{
    static const char *const good[] = {"0000:41:00.0", "0001:ff:1f.7", "10000:e1:00.0",
                                       "ffffffff:00:1f.7"};
    static const char *const wrong[] = {"",
                                        "41:00.0",
                                        "0000:41:00.",
                                        "0000:41:20.0",
                                        "0000:41:00.8",
                                        "0000:4A:00.0",
                                        "000A:4a:00.0",
                                        "00000:41:00.0",
                                        "100000000:41:00.0",
                                        "0000-41:00.0",
                                        "0000:41-00.0",
                                        "0000:41:00:0",
                                        "0000:4g:00.0",
                                        " 000:41:00.0"};
    struct bdf bdf;

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        ck_assert_msg(bdf_parse_name(good[i], strlen(good[i]), &bdf), "%s", good[i]);
        ck_assert_str_eq(BDF_TEXT(&bdf), good[i]);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        ck_assert_msg(!bdf_parse_name(wrong[i], strlen(wrong[i]), &bdf), "%s", wrong[i]);
    ck_assert(bdf_parse_name("0000:41:00.0/0000:42:00.0", strlen("0000:41:00.0"), &bdf));
    ck_assert(!bdf_parse_name("0000:41:00.0", 11, &bdf));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bdf");
    TCase *tcase = tcase_create("bdf");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_usual_texts_are_read);
    tcase_add_test(tcase, anything_else_is_refused);
    tcase_add_test(tcase, what_is_written_can_be_read);
    tcase_add_test(tcase, the_order_is_domain_bus_slot_function);
    tcase_add_test(tcase, all_zero_stands_for_none);
    tcase_add_test(tcase, names_are_read_as_the_kernel_writes_them);
    tcase_add_test(tcase, a_slot_is_all_but_the_function);
    return run_suite(suite);
}
