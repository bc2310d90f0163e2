/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_buffer.c - a text that grows, and whole files */
#include "base/buffer.h"
#include "base/readfile.h"

#include "suite.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(test_empty)
{
    struct buffer buffer = {0};
    char *text = buffer_steal(&buffer);

    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(test_adding)
{
    struct buffer buffer = {0};
    char *text;

    buffer_add(&buffer, "a");
    buffer_printf(&buffer, "%d-%s", 17, "x");
    buffer_add_bytes(&buffer, "bcd", 2);
    buffer_add_times(&buffer, "=", 3);
    buffer_add_times(&buffer, "=", 0);
    ck_assert_uint_eq(buffer.length, 10);
    buffer_add_times(&buffer, "ab", 2);
    buffer_add_number(&buffer, 0);
    buffer_add_number(&buffer, UINT64_MAX);
    text = buffer_steal(&buffer);
    ck_assert_str_eq(text, "a17-xbc===abab018446744073709551615");
    ck_assert_ptr_null(buffer.text);
    ck_assert_uint_eq(buffer.length, 0);
    free(text);
}
END_TEST

/* Around every doubling of the memory: 256, 512... */
START_TEST(test_growing)
{
    struct buffer buffer = {0};
    char *text;

    for (size_t i = 0; i < 3000; i++) {
        ck_assert_uint_eq(buffer.length, i);
        if (i % 2)
            buffer_printf(&buffer, "%c", (int)('a' + i % 26));
        else
            buffer_add_bytes(&buffer, (char[]){(char)('a' + i % 26)}, 1);
    }
    text = buffer_steal(&buffer);
    ck_assert_uint_eq(strlen(text), 3000);
    for (size_t i = 0; i < 3000; i++)
        ck_assert_int_eq(text[i], (int)('a' + i % 26));
    free(text);
}
END_TEST

/* What is printed may be longer than the room that there is. */
START_TEST(test_long_prints)
{
    struct buffer buffer = {0};
    char *text;

    for (int width = 1; width < 2000; width += 37)
        buffer_printf(&buffer, "%*d", width, 7);
    ck_assert_uint_eq(buffer.length, 55 * 1 + 37 * (55 * 54 / 2));
    text = buffer_steal(&buffer);
    ck_assert_uint_eq(strlen(text), 55 * 1 + 37 * (55 * 54 / 2));
    free(text);
}
END_TEST

START_TEST(test_failure_is_remembered)
{
    struct buffer buffer = {0};

    buffer_add(&buffer, "a");
    buffer_add_bytes(&buffer, "b", SIZE_MAX / 2);
    ck_assert(buffer.failed);
    buffer_add(&buffer, "c");
    ck_assert_ptr_null(buffer_steal(&buffer));
    ck_assert(!buffer.failed);
    buffer_add(&buffer, "a");
    buffer_add_times(&buffer, "ab", SIZE_MAX / 2);
    ck_assert(buffer.failed);
    buffer_printf(&buffer, "%d", 1);
    buffer_add_number(&buffer, 1);
    ck_assert_ptr_null(buffer_steal(&buffer));
}
END_TEST

START_TEST(test_columns_and_lines)
{
    struct buffer buffer = {0};
    char *text;

    buffer_end_line(&buffer);
    buffer_add(&buffer, "ab");
    buffer_pad(&buffer, 1, 5);
    buffer_add(&buffer, "c");
    buffer_pad(&buffer, 1, 3);
    buffer_add(&buffer, "d  ");
    buffer_end_line(&buffer);
    text = buffer_steal(&buffer);
    ck_assert_str_eq(text, "\nab   cd\n");
    free(text);
}
END_TEST

START_TEST(test_read_file)
{
    char path[] = "/tmp/vtopo-test-buffer-XXXXXX";
    int fd = mkstemp(path);
    char *text = NULL;
    size_t length = 0;
    struct vtopo_error *error = NULL;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "ab\0d", 4), 4);
    close(fd);
    ck_assert_int_eq(read_file(path, 4, VTOPO_ERR_HOST, &text, &length, &error), 0);
    ck_assert_uint_eq(length, 4);
    ck_assert_mem_eq(text, "ab\0d", 5);
    free(text);
    ck_assert_int_eq(read_file(path, 3, VTOPO_ERR_HOST, &text, &length, &error), VTOPO_ERR_HOST);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "is larger than 3 bytes"));
    vtopo_error_free(error);
    unlink(path);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_empty,       test_columns_and_lines,     test_adding,    test_growing,
        test_long_prints, test_failure_is_remembered, test_read_file,
    };
    Suite *suite = suite_create("buffer");
    TCase *tcase = tcase_create("buffer");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
