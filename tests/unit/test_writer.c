/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_writer.c - JSON value by value; read back with jansson */
#include "json/writer.h"

#include "suite.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void expect(struct json_writer *writer, const char *expected)
{
    char *text = buffer_steal(&writer->out);
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

    ck_assert_str_eq(text, expected);
    ck_assert_msg(json != NULL, "not JSON: %s", text);
    json_decref(json);
    free(text);
}

START_TEST(test_layout)
{
    struct json_writer writer = {0};

    json_open(&writer, NULL, '{');
    json_number(&writer, "big", UINT64_C(9007199254740993));
    json_open(&writer, "none", '[');
    json_close(&writer, ']');
    json_open(&writer, "list", '[');
    json_text(&writer, NULL, "a");
    json_open(&writer, NULL, '{');
    json_flag(&writer, "yes", true);
    json_flag(&writer, "no", false);
    json_close(&writer, '}');
    json_nothing(&writer, NULL);
    json_close(&writer, ']');
    json_text(&writer, "null", NULL);
    json_close(&writer, '}');
    expect(&writer, "{\n"
                    "  \"big\": 9007199254740993,\n"
                    "  \"none\": [],\n"
                    "  \"list\": [\n"
                    "    \"a\",\n"
                    "    {\n"
                    "      \"yes\": true,\n"
                    "      \"no\": false\n"
                    "    },\n"
                    "    null\n"
                    "  ],\n"
                    "  \"null\": null\n"
                    "}\n");
}
END_TEST

START_TEST(test_empty)
{
    struct json_writer writer = {0};

    json_open(&writer, NULL, '{');
    json_close(&writer, '}');
    expect(&writer, "{}\n");
}
END_TEST

START_TEST(test_strings)
{
    struct json_writer writer = {0};

    json_open(&writer, NULL, '[');
    json_text(&writer, NULL, "\"\\/\n\t\x01\x1f\x7f \xc3\xa9");
    json_close(&writer, ']');
    expect(&writer, "[\n  \"\\\"\\\\/\\n\\u0009\\u0001\\u001f\\u007f \xc3\xa9\"\n]\n");
}
END_TEST

/* What a terminal or an editor would act on: escaped; its neighbours are not. */
START_TEST(test_control_characters)
{
    struct json_writer writer = {0};

    json_open(&writer, NULL, '[');
    json_text(&writer, NULL, "\x7f\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0");
    json_text(&writer, NULL, "\xd8\x9b\xd8\x9c\xd8\x9d");
    json_text(&writer, NULL, "\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90\xe2\x80\xa7");
    json_text(&writer, NULL, "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf");
    json_text(&writer, NULL, "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa\xf0\x90\x80\x80");
    json_close(&writer, ']');
    expect(&writer, "[\n"
                    "  \"\\u007f\\u0080\\u009b\\u009f\xc2\xa0\",\n"
                    "  \"\xd8\x9b\\u061c\xd8\x9d\",\n"
                    "  \"\xe2\x80\x8d\\u200e\\u200f\xe2\x80\x90\xe2\x80\xa7\",\n"
                    "  \"\\u2028\\u2029\\u202a\\u202e\xe2\x80\xaf\",\n"
                    "  \"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\xf0\x90\x80\x80\"\n"
                    "]\n");
}
END_TEST

/* Lists that people look through: a line for each object in a list. */
START_TEST(test_items)
{
    struct json_writer json = {.layout = JSON_ITEMS};
    char *text;

    json_open(&json, NULL, '{');
    json_open(&json, "none", '[');
    json_close(&json, ']');
    json_open(&json, "some", '[');
    for (uint64_t i = 0; i < 2; i++) {
        json_open(&json, NULL, '{');
        json_number(&json, "id", i);
        json_open(&json, "below", '[');
        if (i) {
            json_open(&json, NULL, '{');
            json_number_or_null(&json, "a", -1);
            json_number_or_null(&json, "b", 7);
            json_close(&json, '}');
        }
        json_close(&json, ']');
        json_open(&json, "numbers", '[');
        json_number(&json, NULL, 1);
        json_number(&json, NULL, 2);
        json_close(&json, ']');
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_close(&json, '}');
    text = buffer_steal(&json.out);
    ck_assert_str_eq(text, "{\n"
                           "  \"none\": [\n"
                           "  ],\n"
                           "  \"some\": [\n"
                           "    {\"id\": 0, \"below\": [], \"numbers\": [1, 2]},\n"
                           "    {\"id\": 1, \"below\": [\n"
                           "      {\"a\": null, \"b\": 7}], \"numbers\": [1, 2]}\n"
                           "  ]\n"
                           "}\n");
    free(text);
}
END_TEST

START_TEST(test_ascii)
{
    struct json_writer json = {.ascii = true};
    char *text;

    json_text(&json, NULL, "a\"\\\n\x7f\xc3\xa9z");
    text = buffer_steal(&json.out);
    ck_assert_str_eq(text, "\"a\\\"\\\\\\u000a\\u007f??z\"");
    free(text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_items, test_ascii,   test_layout,
                                  test_empty, test_strings, test_control_characters};
    Suite *suite = suite_create("writer");
    TCase *tcase = tcase_create("writer");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
