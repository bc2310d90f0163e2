/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_qemu_options.c - QEMU's option syntax and its JSON */
#include "domxml/qemu_options.h"

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static char *shown;

/* "driver=e1000 id=a": names and values in their order; numbers of JSON with "#". */
static const char *show(const char *text)
{
    struct qemu_options options;

    ck_assert(qemu_options_parse(text, "driver", &options));
    free(shown);
    shown = strdup("");
    for (size_t i = 0; i < options.all.count; i++)
        text_append(&shown, "%s%s=%s%s", i ? " " : "", options.all.items[i].name,
                    options.all.items[i].number ? "#" : "", options.all.items[i].value);
    qemu_options_clear(&options);
    return shown;
}

START_TEST(lists)
{
    static const struct {
        const char *text, *options;
    } cases[] = {
        {"", ""},
        {"e1000", "driver=e1000"},
        {"e1000,id=a,bus=pcie.0", "driver=e1000 id=a bus=pcie.0"},
        {"driver=e1000,id=a", "driver=e1000 id=a"},
        {"id=a,driver=e1000", "id=a driver=e1000"},
        {"e1000,multifunction", "driver=e1000 multifunction=on"},
        {"e1000,nomultifunction", "driver=e1000 multifunction=off"},
        {"e1000,id=a,,b,bus=c", "driver=e1000 id=a,b bus=c"},
        {"a,,b", "driver=a,b"},
        {"x,id=,bus=y", "driver=x id= bus=y"},
        {"x,id=a=b", "driver=x id=a=b"},
        {"x,", "driver=x"},
        {",,", "driver=,"},
        {"x,id=a,,", "driver=x id=a,"},
        {"x,=y", "driver=x =y"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ck_assert_str_eq(show(cases[i].text), cases[i].options);
}
END_TEST

START_TEST(objects)
{
    static const struct {
        const char *text, *options;
    } cases[] = {
        {"{}", ""},
        {"{ \"driver\" : \"e1000\", \"id\":\"a\" } ", "driver=e1000 id=a"},
        {"{'driver':'e1000'}", "driver=e1000"},
        {"{\"addr\":28,\"n\":-1.5e3}", "addr=#28 n=#-1.5e3"},
        {"{\"a\":true,\"b\":false,\"c\":null}", "a=on b=off c=#"},
        {"{\"l\":[1,{\"x\":\"]\"}],\"o\":{\"p\":{}},\"driver\":\"x\"}", "driver=x"},
        {"{\"a\":\"\\\"\\\\\\u0041\\u00e4\\u20ac\"}", "a=\"\\A\303\244\342\202\254"},
        {"{\"a\":\"b\",}", ""},
        {"{\"a\":\"b\"", ""},
        {"{\"a\":\"b\"} x", ""},
        {"{\"a\" \"b\"}", ""},
        {"{\"a\":}", ""},
        {"{\"a\":1", ""},
        {"{\"a\":\"\\q\"}", ""},
        {"{\"a\":\"\\u00\"}", ""},
        {"{\"a\":\"\\u0000\"}", ""},
        {"{\"a\":\"b", ""},
        {"{\"a\":[[", ""},
        {"{1:2}", ""},
        {"{", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ck_assert_str_eq(show(cases[i].text), cases[i].options);
}
END_TEST

START_TEST(nesting_is_bounded)
{
    char text[8192] = "{\"a\":";

    memset(text + 5, '[', 2000);
    memset(text + 2005, ']', 2000);
    strcpy(text + 4005, ",\"b\":\"c\"}");
    ck_assert_str_eq(show(text), "");
    memset(text + 5, '[', 1000);
    memset(text + 1005, ']', 1000);
    strcpy(text + 2005, ",\"b\":\"c\"}");
    ck_assert_str_eq(show(text), "b=c");
}
END_TEST

START_TEST(the_last_of_two_counts)
{
    struct qemu_options options;

    ck_assert(qemu_options_parse("x,id=a,n=0x10,id=b,big=256,word=a,minus=-1", NULL, &options));
    ck_assert_str_eq(qemu_options_value(&options, "id"), "b");
    ck_assert_str_eq(qemu_options_value(&options, "x"), "on"); /* no name is implied */
    ck_assert_ptr_null(qemu_options_value(&options, "y"));
    ck_assert_int_eq(qemu_options_number(&options, "n", 255), 16);
    ck_assert_int_eq(qemu_options_number(&options, "big", 255), -1);
    ck_assert_int_eq(qemu_options_number(&options, "word", 255), -1);
    ck_assert_int_eq(qemu_options_number(&options, "minus", 255), -1);
    ck_assert_int_eq(qemu_options_number(&options, "y", 255), -1);
    qemu_options_clear(&options);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("qemu_options");
    TCase *tcase = tcase_create("all");
    int failed;

    tcase_add_test(tcase, lists);
    tcase_add_test(tcase, objects);
    tcase_add_test(tcase, nesting_is_bounded);
    tcase_add_test(tcase, the_last_of_two_counts);
    suite_add_tcase(suite, tcase);
    failed = run_suite(suite);
    free(shown);
    return failed;
}
