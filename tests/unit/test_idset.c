/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_idset.c - sets of CPU and node numbers */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct idset set_of(const char *text)
{
    struct idset set;

    ck_assert_msg(idset_parse(text, &set) == IDSET_OK, "refused: \"%s\"", text);
    return set;
}

START_TEST(lists_are_read_and_written)
{
    static const struct {
        const char *text, *written;
        size_t size;
    } cases[] = {
        {"", "", 0},
        {"0", "0", 1},
        {"0-3,8", "0-3,8", 5},
        {"8,0-3", "0-3,8", 5},
        {"0,1,2", "0-2", 3},
        {"0-3,^2", "0-1,3", 3},
        {"0-3,^2,2", "0-3", 4},
        {"^7", "", 0},
        {" 0 - 3 , 8\n", "0-3,8", 5},
        {"63,64,65", "63-65", 3},
        {"16383", "16383", 1},
        {"007", "7", 1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct idset set = set_of(cases[i].text);
        char *text = idset_format(&set);

        ck_assert_str_eq(text, cases[i].written);
        ck_assert_uint_eq(idset_size(&set), cases[i].size);
        ck_assert_int_eq(idset_empty(&set), !cases[i].size);
        free(text);
        idset_free(&set);
    }
}
END_TEST

START_TEST(what_is_no_list_is_malformed)
{
    static const char *const texts[] = {
        ",",     "0,",  ",0",    "0,,1",    "a",
        "-1",    "0-",  "3-1",   "0--1",    "^",
        "^0-1",  "0 1", "16384", "0-16384", "99999999999999999999999",
        "0-3-5", "0;1", "0x1",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct idset set;

        ck_assert_msg(idset_parse(texts[i], &set) == IDSET_MALFORMED, "accepted: \"%s\"", texts[i]);
        ck_assert_ptr_null(set.words);
    }
}
END_TEST

START_TEST(every_number_of_a_set_is_visited_once)
{
    static const size_t members[] = {0, 1, 63, 64, 127, 128, 300, IDSET_LIMIT - 1};
    struct idset set = {0};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
        ck_assert(idset_add(&set, members[i]));
    for (size_t id = idset_next(&set, 0); id < IDSET_LIMIT; id = idset_next(&set, id + 1))
        ck_assert_uint_eq(id, members[n++]);
    ck_assert_uint_eq(n, sizeof(members) / sizeof(*members));
    ck_assert(!idset_has(&set, 2));
    ck_assert(!idset_has(&set, IDSET_LIMIT));
    ck_assert(!idset_add(&set, IDSET_LIMIT));
    ck_assert_uint_eq(idset_next(&set, 129), 300);
    idset_free(&set);
    ck_assert(idset_empty(&set));
    ck_assert_uint_eq(idset_next(&set, 0), IDSET_LIMIT);
}
END_TEST

START_TEST(common_counts_what_is_in_both)
{
    struct idset a = set_of("0-3,100"), b = set_of("2-9"), none = {0};

    ck_assert_uint_eq(idset_common(&a, &b), 2);
    ck_assert_uint_eq(idset_common(&b, &a), 2);
    ck_assert_uint_eq(idset_common(&a, &a), 5);
    ck_assert_uint_eq(idset_common(&a, &none), 0);
    idset_free(&a);
    idset_free(&b);
}
END_TEST

START_TEST(sets_of_sets)
{
    struct idset set = set_of("1,3"), other = set_of("3,200-201"), none = {0};
    char *text;

    ck_assert(idset_add_all(&set, &other) && idset_add_all(&set, &none));
    text = idset_format(&set);
    ck_assert_str_eq(text, "1,3,200-201");
    free(text);
    idset_remove(&other, 200);
    idset_remove_all(&set, &other);
    text = idset_format(&set);
    ck_assert_str_eq(text, "1,200");
    free(text);
    idset_free(&other);
    other = set_of("1-9");
    idset_keep(&set, &other);
    text = idset_format(&set);
    ck_assert_str_eq(text, "1");
    free(text);
    idset_remove_all(&set, &none);
    idset_keep(&set, &none);
    ck_assert(idset_empty(&set));
    idset_free(&set);
    idset_free(&other);
}
END_TEST

START_TEST(a_copy_is_its_own)
{
    struct idset a = set_of("1,200"), b, none = {0};

    ck_assert(idset_copy(&a, &b));
    ck_assert(idset_add(&a, 5));
    ck_assert(idset_has(&b, 200) && !idset_has(&b, 5));
    idset_free(&a);
    ck_assert(idset_has(&b, 1));
    idset_free(&b);
    ck_assert(idset_copy(&none, &b));
    ck_assert_ptr_null(b.words);
}
END_TEST

/* 8192 ranges of one number each, every one as long as it can be. */
START_TEST(the_longest_text_has_room)
{
    struct idset set = {0}, again;
    char *text;

    for (size_t id = 1; id < IDSET_LIMIT; id += 2)
        ck_assert(idset_add(&set, id));
    text = idset_format(&set);
    again = set_of(text);
    ck_assert_uint_eq(idset_size(&again), IDSET_LIMIT / 2);
    ck_assert_uint_eq(idset_common(&again, &set), IDSET_LIMIT / 2);
    free(text);
    idset_free(&set);
    idset_free(&again);
}
END_TEST

/* All ranges of a few words, so that each begins and ends at every place of a word. */
START_TEST(ranges_are_filled_to_their_ends)
{
    for (size_t first = 0; first < 200; first++) {
        for (size_t last = first; last < 200; last++) {
            struct idset set;
            char text[64];

            snprintf(text, sizeof(text), "%zu-%zu", first, last);
            set = set_of(text);
            ck_assert_uint_eq(idset_size(&set), last - first + 1);
            ck_assert_uint_eq(idset_next(&set, 0), first);
            ck_assert(idset_has(&set, last));
            ck_assert(!idset_has(&set, last + 1));
            idset_free(&set);
        }
    }
}
END_TEST

/* 10 MB of the widest range; bit by bit this took 12 s. */
START_TEST(a_long_text_is_read_at_once)
{
    static const char element[] = "0-16383,";
    size_t count = 1250000, length = sizeof(element) - 1;
    char *text = malloc(count * length + 1);
    struct timespec before, after;
    struct idset set;

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, element, length);
    text[count * length - 1] = '\0';
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    set = set_of(text);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    ck_assert_uint_eq(idset_size(&set), IDSET_LIMIT);
    ck_assert_int_lt(after.tv_sec - before.tv_sec, 3);
    idset_free(&set);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idset");
    TCase *tcase = tcase_create("idset");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, lists_are_read_and_written);
    tcase_add_test(tcase, what_is_no_list_is_malformed);
    tcase_add_test(tcase, every_number_of_a_set_is_visited_once);
    tcase_add_test(tcase, common_counts_what_is_in_both);
    tcase_add_test(tcase, sets_of_sets);
    tcase_add_test(tcase, a_copy_is_its_own);
    tcase_add_test(tcase, the_longest_text_has_room);
    tcase_add_test(tcase, ranges_are_filled_to_their_ends);
    tcase_add_test(tcase, a_long_text_is_read_at_once);
    return run_suite(suite);
}
