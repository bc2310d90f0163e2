/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_error.c - making and reading errors */
#include "build.h"

#include <check.h>
#include <string.h>

START_TEST(an_error_says_code_and_sentence)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(error_set(&error, VTOPO_ERR_HOST, "no %s on line %d", "device", 7),
                     VTOPO_ERR_HOST);
    ck_assert_int_eq(vtopo_error_code(error), VTOPO_ERR_HOST);
    ck_assert_str_eq(vtopo_error_message(error), "no device on line 7");
    vtopo_error_free(error);
}
END_TEST

START_TEST(nobody_needs_to_want_the_reason)
{
    ck_assert_int_eq(error_set(NULL, VTOPO_ERR_FILE, "x"), VTOPO_ERR_FILE);
    ck_assert_int_eq(error_nomem(NULL), VTOPO_ERR_NOMEM);
    vtopo_error_free(NULL);
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
    struct vtopo_error *error = NULL;

    error_set(&error, VTOPO_ERR_FILE, "%s", "a\x1b[31mb\nc\td\x7f");
    ck_assert_str_eq(vtopo_error_message(error), "a?[31mb?c?d?");
    vtopo_error_free(error);
}
END_TEST

START_TEST(c1_controls_and_broken_utf8_do_not_either)
{
    struct vtopo_error *error = NULL;

    error_set(&error, VTOPO_ERR_FILE, "%s",
              "a\xc2\x9b"
              "31mb\xff\xc3");
    ck_assert_str_eq(vtopo_error_message(error), "a??31mb??");
    vtopo_error_free(error);
}
END_TEST

START_TEST(names_in_utf8_stay)
{
    struct vtopo_error *error = NULL;

    error_set(&error, VTOPO_ERR_FILE, "%s", "Gast-\xc3\x9c \xe2\x82\xac");
    ck_assert_str_eq(vtopo_error_message(error), "Gast-\xc3\x9c \xe2\x82\xac");
    vtopo_error_free(error);
}
END_TEST

START_TEST(out_of_memory_needs_no_memory)
{
    struct vtopo_error *error = NULL, *again = NULL;

    ck_assert_int_eq(error_nomem(&error), VTOPO_ERR_NOMEM);
    ck_assert_int_eq(error_nomem(&again), VTOPO_ERR_NOMEM);
    ck_assert_int_eq(vtopo_error_code(error), VTOPO_ERR_NOMEM);
    ck_assert_str_eq(vtopo_error_message(error), vtopo_strerror(VTOPO_ERR_NOMEM));
    vtopo_error_free(error);
    vtopo_error_free(again);
}
END_TEST

START_TEST(every_code_has_words_of_its_own)
{
    static const int codes[] = {
        0,
        VTOPO_ERR_USAGE,
        VTOPO_ERR_DOMAIN,
        VTOPO_ERR_HOST,
        VTOPO_ERR_REFUSED,
        VTOPO_ERR_FILE,
        VTOPO_ERR_NOMEM,
        VTOPO_ERR_BUG,
        12345,
    };
    size_t count = sizeof(codes) / sizeof(*codes);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(vtopo_strerror(codes[i]), vtopo_strerror(codes[j]));
    }
    ck_assert_str_eq(vtopo_strerror(1), vtopo_strerror(codes[count - 1]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *tcase = tcase_create("error");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, an_error_says_code_and_sentence);
    tcase_add_test(tcase, nobody_needs_to_want_the_reason);
    tcase_add_test(tcase, control_characters_do_not_reach_the_terminal);
    tcase_add_test(tcase, c1_controls_and_broken_utf8_do_not_either);
    tcase_add_test(tcase, names_in_utf8_stay);
    tcase_add_test(tcase, out_of_memory_needs_no_memory);
    tcase_add_test(tcase, every_code_has_words_of_its_own);
    return run_suite(suite);
}
