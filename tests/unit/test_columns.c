/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_columns.c - two trees side by side */
#include "report/columns.h"

#include "build.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_columns)
{
    static const struct {
        const char *left, *right;
        unsigned left_depth, right_depth;
        bool joined;
    } lines[] = {
        {"a", "A", 0, 0, false}, {"b", NULL, 1, 0, false},     {"bb", "B", 2, 1, true},
        {"c", "C", 1, 1, true},  {NULL, "spare", 0, 1, false}, {"d", NULL, 0, 0, false},
        {"e", "E", 1, 1, true},
    };
    struct columns columns = {0};
    struct buffer out = {0};
    char *text;

    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct line *line = vec_add(&columns.lines);

        ck_assert_ptr_nonnull(line);
        line->left.text = lines[i].left ? strdup(lines[i].left) : NULL;
        line->left.depth = lines[i].left_depth;
        line->right.text = lines[i].right ? strdup(lines[i].right) : NULL;
        line->right.depth = lines[i].right_depth;
        line->joined = lines[i].joined;
    }
    columns_print(&columns, "L", "R", false, &out);
    columns_clear(&columns);
    text = buffer_steal(&out);
    ck_assert_str_eq(text, "L            R\n"
                           "a            A\n"
                           "├─ b         │\n"
                           "│  └─ bb ──> ├─ B\n"
                           "└─ c ──────> ├─ C\n"
                           "             ├─ spare\n"
                           "             │\n"
                           "d            │\n"
                           "└─ e ──────> └─ E\n");
    free(text);
}
END_TEST

/* A node goes on only up to one that is higher up, on its own side. */
START_TEST(test_branches_end)
{
    static const struct {
        const char *left, *right;
        unsigned left_depth, right_depth;
    } lines[] = {
        {"a", "A", 0, 0}, {"b", "B", 1, 1},  {"c", NULL, 2, 0},
        {"d", "C", 3, 2}, {NULL, "D", 0, 2}, {"e", "E", 1, 0},
    };
    struct columns columns = {0};
    struct buffer out = {0};
    char *text;

    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct line *line = vec_add(&columns.lines);

        ck_assert_ptr_nonnull(line);
        line->left.text = lines[i].left ? strdup(lines[i].left) : NULL;
        line->left.depth = lines[i].left_depth;
        line->right.text = lines[i].right ? strdup(lines[i].right) : NULL;
        line->right.depth = lines[i].right_depth;
    }
    columns_print(&columns, "L", "R", false, &out);
    columns_clear(&columns);
    text = buffer_steal(&out);
    ck_assert_str_eq(text, "L              R\n"
                           "a              A\n"
                           "├─ b           └─ B\n"
                           "│  └─ c           │\n"
                           "│     └─ d        ├─ C\n"
                           "│                 └─ D\n"
                           "│\n"
                           "└─ e           E\n");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("columns");
    TCase *tcase = tcase_create("columns");

    tcase_add_test(tcase, test_columns);
    tcase_add_test(tcase, test_branches_end);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
