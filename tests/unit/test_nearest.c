/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_nearest.c - the known word that is nearest to a misspelt one
 */
#include "base/nearest.h"

#include "build.h"

#include <check.h>
#include <string.h>

static const char *const words[] = {"mirror", "strict", "clique", "links", "spare-ports", "mmio"};
#define COUNT (sizeof(words) / sizeof(*words))

START_TEST(a_letter_changed_put_in_or_left_out_is_near)
{
    ck_assert_str_eq(nearest_word("mirror", words, COUNT), "mirror");
    ck_assert_str_eq(nearest_word("mirorr", words, COUNT), "mirror");
    ck_assert_str_eq(nearest_word("mirro", words, COUNT), "mirror");
    ck_assert_str_eq(nearest_word("cliques", words, COUNT), "clique");
    ck_assert_str_eq(nearest_word("Strict", words, COUNT), "strict");
    ck_assert_str_eq(nearest_word("spare_ports", words, COUNT), "spare-ports");
    ck_assert_str_eq(nearest_word("mmo", words, COUNT), "mmio");
}
END_TEST

START_TEST(of_equally_near_ones_it_is_the_first)
{
    static const char *const pair[] = {"ab", "ac"};

    ck_assert_str_eq(nearest_word("ad", pair, 2), "ab");
    ck_assert_str_eq(nearest_word("", words, COUNT), "mmio");
}
END_TEST

START_TEST(there_may_be_none)
{
    char text[400];

    memset(text, 'm', sizeof(text));
    text[255] = '\0';
    ck_assert_ptr_null(nearest_word("mirror", words, 0));
    ck_assert_ptr_nonnull(nearest_word(text, words, COUNT));
    text[255] = 'm';
    text[256] = '\0';
    ck_assert_ptr_null(nearest_word(text, words, COUNT));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nearest");
    TCase *tcase = tcase_create("nearest");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_letter_changed_put_in_or_left_out_is_near);
    tcase_add_test(tcase, of_equally_near_ones_it_is_the_first);
    tcase_add_test(tcase, there_may_be_none);
    return run_suite(suite);
}
