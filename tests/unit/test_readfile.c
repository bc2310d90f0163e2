/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_readfile.c - whole files of limited size
 */
#include "base/readfile.h"

#include "build.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/vtopo-readfile-XXXXXX";

static void make_file(const char *bytes, size_t size)
{
    int fd;

    strcpy(path + strlen(path) - 6, "XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

static void remove_file(void)
{
    ck_assert_int_eq(unlink(path), 0);
}

START_TEST(files_of_every_size_are_read_whole)
{
    static const size_t sizes[] = {0, 1, 65534, 65535, 65536, 65537, 300000};
    char *bytes = malloc(300000);

    for (size_t i = 0; i < 300000; i++)
        bytes[i] = (char)(i % 251);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        char *text = NULL;
        size_t length = 1;

        make_file(bytes, sizes[i]);
        ck_assert_int_eq(read_file(path, 300000, VTOPO_ERR_FILE, &text, &length, NULL), 0);
        ck_assert_uint_eq(length, sizes[i]);
        ck_assert_int_eq(memcmp(text, bytes, length), 0);
        ck_assert_int_eq(text[length], '\0');
        free(text);
        remove_file();
    }
    free(bytes);
}
END_TEST

START_TEST(one_byte_too_many_is_an_error)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;
    size_t length;

    make_file("12345", 5);
    ck_assert_int_eq(read_file(path, 5, VTOPO_ERR_HOST, &text, &length, NULL), 0);
    free(text);
    text = NULL;
    ck_assert_int_eq(read_file(path, 4, VTOPO_ERR_HOST, &text, &length, &error), VTOPO_ERR_HOST);
    ck_assert_ptr_null(text);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "is larger than 4 bytes"));
    vtopo_error_free(error);
    remove_file();
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error_of_the_caller_s_code)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;
    size_t length;

    ck_assert_int_eq(read_file("/nowhere/at/all", 10, VTOPO_ERR_FILE, &text, &length, &error),
                     VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(error),
                     "cannot open '/nowhere/at/all': No such file or directory");
    vtopo_error_free(error);
    error = NULL;
    ck_assert_int_eq(read_file("/tmp", 10, VTOPO_ERR_FILE, &text, &length, &error), VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(error), "cannot read '/tmp': Is a directory");
    vtopo_error_free(error);
}
END_TEST

START_TEST(a_pipe_is_read_to_its_end)
{
    char *text = NULL;
    size_t length;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "ab\0c", 4), 4);
    close(ends[1]);
    ck_assert_int_eq(read_open_file(ends[0], "-", 10, VTOPO_ERR_FILE, &text, &length, NULL), 0);
    ck_assert_uint_eq(length, 4);
    ck_assert_int_eq(memcmp(text, "ab\0c", 5), 0);
    free(text);
    close(ends[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("readfile");
    TCase *tcase = tcase_create("readfile");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, files_of_every_size_are_read_whole);
    tcase_add_test(tcase, one_byte_too_many_is_an_error);
    tcase_add_test(tcase, what_cannot_be_read_is_an_error_of_the_caller_s_code);
    tcase_add_test(tcase, a_pipe_is_read_to_its_end);
    return run_suite(suite);
}
