/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_digest.c - digests against values of the definition, worked out with numbers of any size */
#include "base/digest.h"

#include "suite.h"

#include <check.h>
#include <string.h>

START_TEST(known_texts)
{
    static const struct {
        const char *text, *digest;
    } rows[] = {
        {"", "6c62272e07bb014262b821756295c58d"},
        {"a", "d228cb696f1a8caf78912b704e4a8964"},
        {"foobar", "343e1662793c64bf6f0d3597ba446f18"},
    };
    char digest[DIGEST_LENGTH + 1], text[1001];

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        ck_assert_str_eq(digest_of(rows[i].text, digest), rows[i].digest);
    memset(text, 'x', 1000);
    text[1000] = '\0';
    ck_assert_str_eq(digest_of(text, digest), "00e2531c2570995111249bb059f17d2d");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("digest");
    TCase *all = tcase_create("all");

    tcase_add_test(all, known_texts);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
