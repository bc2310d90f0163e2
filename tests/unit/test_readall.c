/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_readall.c - files, pipes that come in pieces, limits, failures */
#include "base/readall.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is read of @count bytes that a child writes in pieces, to a pipe that does not block. */
static char *read_pipe(size_t count, size_t piece, size_t limit, size_t *ret_length)
{
    char *text = NULL;
    int ends[2], why;
    pid_t child;

    ck_assert(!pipe2(ends, O_CLOEXEC));
    child = fork();
    if (child == 0) {
        char bytes[1000];

        memset(bytes, 'x', sizeof(bytes));
        for (size_t i = 0; i < count; i += piece) {
            usleep(1000);
            if (write(ends[1], bytes, piece) != (ssize_t)piece)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    ck_assert(!fcntl(ends[0], F_SETFL, O_NONBLOCK));
    why = read_all(ends[0], limit, &text, ret_length);
    close(ends[0]);
    ck_assert_int_eq(why, 0);
    waitpid(child, NULL, 0);
    return text;
}

START_TEST(what_comes_in_pieces_is_read_whole)
{
    size_t length = 0;
    char *text = read_pipe(100000, 1000, 1000000, &length);

    ck_assert_uint_eq(length, 100000);
    ck_assert_uint_eq(strlen(text), 100000);
    free(text);
    text = read_pipe(0, 1, 10, &length);
    ck_assert_uint_eq(length, 0);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(one_byte_more_than_the_limit_is_read)
{
    size_t length = 0;
    char *text = read_pipe(10, 10, 10, &length);

    ck_assert_uint_eq(length, 10);
    free(text);
    text = read_pipe(20, 20, 10, &length);
    ck_assert_uint_eq(length, 11);
    ck_assert_str_eq(text, "xxxxxxxxxxx");
    free(text);
    text = read_pipe(1, 1, 0, &length);
    ck_assert_uint_eq(length, 1);
    free(text);
}
END_TEST

START_TEST(a_failure_is_an_errno)
{
    size_t length = 7;
    char *text = NULL;
    int folder = open("/", O_RDONLY | O_CLOEXEC);

    ck_assert_int_eq(read_all(-1, 10, &text, &length), EBADF);
    ck_assert_int_eq(read_all(folder, 10, &text, &length), EISDIR);
    close(folder);
    ck_assert_ptr_null(text);
    ck_assert_uint_eq(length, 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("readall");
    TCase *tcase = tcase_create("readall");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_comes_in_pieces_is_read_whole);
    tcase_add_test(tcase, one_byte_more_than_the_limit_is_read);
    tcase_add_test(tcase, a_failure_is_an_errno);
    return run_suite(suite);
}
