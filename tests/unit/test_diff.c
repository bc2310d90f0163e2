/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_diff.c - unified diffs: exact texts, and what the real patch(1) makes of them */
#include "base/diff.h"

#include "base/mem.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *diff_of(const char *a, const char *b)
{
    char *text = NULL;

    ck_assert_int_eq(diff_texts(a, strlen(a), b, strlen(b), "a", "b", &text, NULL), 0);
    return text;
}

static void check_diff(const char *a, const char *b, const char *expected)
{
    autofree char *text = diff_of(a, b);

    ck_assert_str_eq(text, expected);
}

START_TEST(exact_texts)
{
    check_diff("", "", "");
    check_diff("x\ny", "x\ny", "");
    check_diff("", "x\n", "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    check_diff("x\ny\n", "", "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n");
    check_diff("x\n", "y\n", "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n");
    check_diff("x\r\n", "x\n", "--- a\n+++ b\n@@ -1 +1 @@\n-x\r\n+x\n");
    check_diff("x", "x\n", "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
    check_diff("a\nx", "b\nx",
               "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\n+b\n x\n\\ No newline at end of file\n");
    check_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n5\n6\n7\n8\n9\n",
               "--- a\n+++ b\n@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n");
    check_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n",
               "--- a\n+++ b\n@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n");
    check_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
               "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n"
               "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n");
}
END_TEST

START_TEST(shortest)
{
    check_diff("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
               "--- a\n+++ b\n@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n");
}
END_TEST

START_TEST(names)
{
    autofree char *text = NULL;

    ck_assert_int_eq(diff_texts("x\n", 2, "", 0, "my domain", "stdin\nrm -rf", &text, NULL), 0);
    ck_assert_str_eq(text, "--- my domain\t\n+++ stdin?rm -rf\t\n@@ -1 +0,0 @@\n-x\n");
}
END_TEST

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static char *read_file(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(path, "r");
    size_t n;

    ck_assert(text && file);
    n = fread(text, 1, (1 << 20) - 1, file);
    ck_assert_uint_lt(n, (1 << 20) - 1);
    fclose(file);
    return text;
}

static void run(const char *const argv[])
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    ck_assert(child > 0 && waitpid(child, &status, 0) == child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: status %d", argv[0],
                  WEXITSTATUS(status));
}

/* The real patch(1) makes @b of @a. */
static void check_patch(const char *a, const char *b)
{
    char directory[] = "/tmp/vtopo-diff-XXXXXX";
    autofree char *text = diff_of(a, b), *got = NULL;

    if (!*text) {
        ck_assert_str_eq(a, b);
        return;
    }
    ck_assert(mkdtemp(directory) && chdir(directory) == 0);
    write_file("a", a);
    write_file("p", text);
    run((const char *const[]){"patch", "-s", "-p0", "--binary", "-i", "p", "-o", "got", "a", NULL});
    got = read_file("got");
    ck_assert_msg(strcmp(got, b) == 0, "a: %s\nb: %s\ngot: %s\ndiff:\n%s", a, b, got, text);
    run((const char *const[]){"rm", "-r", directory, NULL});
}

/* A fixed sequence: the same texts in every run. */
static unsigned draw(unsigned *state, unsigned below)
{
    *state = *state * 1103515245u + 12345u;
    return *state / 65536u % below;
}

static char *random_text(unsigned *state, size_t lines)
{
    char *text = malloc(lines * 4 + 1), *at = text;

    *at = '\0';
    for (size_t i = 0; i < lines; i++)
        at += sprintf(at, "%c%s", 'a' + (int)draw(state, 4), draw(state, 5) ? "\n" : "\r\n");
    if (at > text && draw(state, 3) == 0)
        at[-1] = '\0';
    return text;
}

START_TEST(real_patch)
{
    unsigned state = 7;

    for (int i = 0; i < 60; i++) {
        autofree char *a = random_text(&state, 1 + draw(&state, 30));
        autofree char *b = random_text(&state, draw(&state, 30));

        if (*b) /* patch(1) removes a file that becomes empty */
            check_patch(a, b);
    }
}
END_TEST

/* Beyond the limit of differences the diff is longer but right. */
START_TEST(many_differences)
{
    size_t lines = 9000;
    autofree char *a = malloc(lines * 8 + 1), *b = malloc(lines * 8 + 1);
    char *x = a, *y = b;

    for (size_t i = 0; i < lines; i++) {
        x += sprintf(x, "a%05zu\n", i);
        y += sprintf(y, "%c%05zu\n", i % 2 ? 'a' : 'b', i);
    }
    check_patch(a, b);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {exact_texts, shortest, names, real_patch, many_differences};
    Suite *suite = suite_create("diff");
    TCase *tcase = tcase_create("diff");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
