/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_link_text.c - links, sizes, BARs and kinds of ports as text and back
 */
#include "model/link_text.h"

#include "build.h"

#include <check.h>
#include <string.h>

START_TEST(links_are_written_and_read)
{
    static const struct {
        const char *text;
        struct host_link link;
    } cases[] = {
        {"16.0 GT/s x16", {160, 16}}, {"2.5 GT/s x1", {25, 1}}, {"? x8", {0, 8}},
        {"8.0 GT/s x?", {80, 0}},     {"? x?", {0, 0}},         {"9999.9 GT/s x254", {99999, 254}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct host_link link;

        ck_assert_str_eq(link_format(&cases[i].link, (char[LINK_TEXT_SIZE]){0}), cases[i].text);
        ck_assert_msg(link_parse(cases[i].text, &link), "%s", cases[i].text);
        ck_assert_uint_eq(link.speed, cases[i].link.speed);
        ck_assert_uint_eq(link.width, cases[i].link.width);
    }
}
END_TEST

START_TEST(a_whole_speed_is_read_too)
{
    struct host_link link;

    ck_assert(link_parse("8 GT/s x4", &link));
    ck_assert_uint_eq(link.speed, 80);
}
END_TEST

START_TEST(what_is_no_link_is_refused)
{
    static const char *const wrong[] = {
        "",           "16x16",          "16.0 GT/s",  "16.0 GT/s x", "16.0 GT/s x16 ",
        "-1 GT/s x1", "16. GT/s x1",    "8.0GT/s x1", "? x0",        "? x255",
        "? x016",     "10000 GT/s x16", "?x1",        "8.0 GT/s x?1"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        ck_assert_msg(!link_parse(wrong[i], &(struct host_link){0}), "%s", wrong[i]);
}
END_TEST

START_TEST(sizes_are_written_and_read)
{
    static const struct {
        const char *text;
        uint64_t size;
    } cases[] = {
        {"1", 1},
        {"1023", 1023},
        {"1K", 1024},
        {"1025", 1025},
        {"16M", 16u << 20},
        {"64G", 64ULL << 30},
        {"15E", 15ULL << 60},
        {"18446744073709551615", UINT64_MAX},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t size;

        ck_assert_str_eq(size_format(cases[i].size, (char[SIZE_TEXT_SIZE]){0}), cases[i].text);
        ck_assert_msg(size_parse(cases[i].text, &size), "%s", cases[i].text);
        ck_assert_uint_eq(size, cases[i].size);
    }
    ck_assert_str_eq(size_format(0, (char[SIZE_TEXT_SIZE]){0}), "0");
}
END_TEST

START_TEST(what_is_no_size_is_refused)
{
    static const char *const wrong[] = {
        "",    "0",  "01", "M",  " 1",   "1 ",   "16E",
        "1KK", "-1", "1k", "1B", "1.5G", "16K ", "18446744073709551616"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        ck_assert_msg(!size_parse(wrong[i], &(uint64_t){0}), "%s", wrong[i]);
}
END_TEST

START_TEST(bars_are_written_and_read)
{
    static const struct {
        const char *text;
        struct host_bar bar;
    } cases[] = {
        {"mem 16M", {16u << 20, .io = false}},
        {"mem64 16M", {16u << 20, .wide = true}},
        {"mem prefetch 16M", {16u << 20, .prefetch = true}},
        {"mem64 prefetch 64G", {64ULL << 30, .wide = true, .prefetch = true}},
        {"io 128", {128, .io = true}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct host_bar *right = &cases[i].bar;
        struct host_bar bar;

        ck_assert_str_eq(bar_format(right, (char[BAR_TEXT_SIZE]){0}), cases[i].text);
        ck_assert_msg(bar_parse(cases[i].text, &bar), "%s", cases[i].text);
        ck_assert_uint_eq(bar.size, right->size);
        ck_assert(bar.io == right->io && bar.wide == right->wide);
        ck_assert(bar.prefetch == right->prefetch);
    }
    ck_assert(!bar_parse("16M", &(struct host_bar){0}));
    ck_assert(!bar_parse("mem", &(struct host_bar){0}));
    ck_assert(!bar_parse("mem 16M ", &(struct host_bar){0}));
}
END_TEST

START_TEST(kinds_of_ports_are_words)
{
    for (enum port_kind kind = PORT_ROOT; kind <= PORT_BRIDGE; kind++) {
        enum port_kind again;

        ck_assert(port_kind_parse(port_kind_format(kind), &again));
        ck_assert_int_eq(again, kind);
    }
    ck_assert_str_eq(port_kind_format(PORT_DOWNSTREAM), "downstream");
    ck_assert_ptr_null(port_kind_format(PORT_NONE));
    ck_assert(!port_kind_parse("Root", &(enum port_kind){0}));
    ck_assert(!port_kind_parse("", &(enum port_kind){0}));
}
END_TEST

/* As hwloc and lspci count: 250 MB/s a lane at 2.5 GT/s, 15.75 GB/s of 16 lanes at 8 GT/s. */
START_TEST(what_links_carry)
{
    static const struct {
        struct host_link link;
        const char *text;
    } rows[] = {
        {{25, 1}, "0.25 GB/s"},
        {{50, 1}, "0.50 GB/s"},
        {{80, 1}, "0.98 GB/s"},
        {{25, 4}, "1.0 GB/s"},
        {{80, 4}, "3.9 GB/s"},
        {{80, 16}, "15.8 GB/s"},
        {{160, 16}, "31.5 GB/s"},
        {{320, 16}, "63.0 GB/s"},
        {{640, 16}, "121.0 GB/s"},
        {{160, 32}, "63.0 GB/s"},
        {{0, 16}, ""},
        {{160, 0}, ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        ck_assert_str_eq(link_rate_format(&rows[i].link, (char[LINK_RATE_SIZE]){0}), rows[i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link_text");
    TCase *tcase = tcase_create("link_text");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, links_are_written_and_read);
    tcase_add_test(tcase, a_whole_speed_is_read_too);
    tcase_add_test(tcase, what_is_no_link_is_refused);
    tcase_add_test(tcase, sizes_are_written_and_read);
    tcase_add_test(tcase, what_is_no_size_is_refused);
    tcase_add_test(tcase, bars_are_written_and_read);
    tcase_add_test(tcase, kinds_of_ports_are_words);
    tcase_add_test(tcase, what_links_carry);
    return run_suite(suite);
}
