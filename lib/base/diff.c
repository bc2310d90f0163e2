/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff.c - a unified diff of two texts
 *
 * Takes:  two texts.
 * Gives:  what patch(1) needs to make the second of the first.
 * Not here: which lines differ (line_match.c).
 */
#include "base/diff.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/line_match.h"
#include "base/mem.h"

#include <string.h>

#define CONTEXT 3

/* Lines come with their line feed, which only a last one may lack. */
struct lines {
    VEC(struct text_line) list;
    char *changed; /* per line: not in the other text */
};

struct diff {
    struct lines a, b;
};

static bool split(const char *text, size_t length, struct lines *ret)
{
    const char *end = text + length;

    while (text < end) {
        const char *feed = memchr(text, '\n', (size_t)(end - text));
        struct text_line *line = vec_add(&ret->list);

        if (!line)
            return false;
        line->text = text;
        line->length = (size_t)((feed ? feed + 1 : end) - text);
        text += line->length;
    }
    ret->changed = calloc(ret->list.count + 1, 1);
    return ret->changed != NULL;
}

static bool compare(const struct diff *diff)
{
    const struct text_lines a = {diff->a.list.items, diff->a.list.count, diff->a.changed};
    const struct text_lines b = {diff->b.list.items, diff->b.list.count, diff->b.changed};

    return line_match(&a, &b);
}

static void print_line(struct buffer *out, char mark, const struct text_line *line)
{
    buffer_add_bytes(out, &mark, 1);
    buffer_add_bytes(out, line->text, line->length);
    if (line->text[line->length - 1] != '\n')
        buffer_add(out, "\n\\ No newline at end of file\n");
}

static void print_range(struct buffer *out, char mark, size_t begin, size_t end)
{
    buffer_printf(out, " %c%zu", mark, end > begin ? begin + 1 : begin);
    if (end - begin != 1)
        buffer_printf(out, ",%zu", end - begin);
}

/* Lines [a, a_end) and [b, b_end), which are the same but for the changed ones. */
static void print_hunk(struct buffer *out, const struct diff *diff, size_t a, size_t a_end,
                       size_t b, size_t b_end)
{
    buffer_add(out, "@@");
    print_range(out, '-', a, a_end);
    print_range(out, '+', b, b_end);
    buffer_add(out, " @@\n");
    while (a < a_end || b < b_end) {
        if (a < a_end && diff->a.changed[a]) {
            print_line(out, '-', &diff->a.list.items[a++]);
        } else if (b < b_end && diff->b.changed[b]) {
            print_line(out, '+', &diff->b.list.items[b++]);
        } else {
            print_line(out, ' ', &diff->a.list.items[a++]);
            b++;
        }
    }
}

static bool is_changed(const struct diff *diff, size_t a, size_t b)
{
    return diff->a.changed[a] || diff->b.changed[b]; /* 0 behind the last line */
}

/* From a changed place: behind the changes that are at most two contexts apart. */
static void find_end(const struct diff *diff, size_t *a, size_t *b)
{
    size_t x = *a, y = *b, run = 0;

    while (run <= (size_t)2 * CONTEXT && (x < diff->a.list.count || y < diff->b.list.count)) {
        if (!is_changed(diff, x, y)) {
            x++, y++, run++;
            continue;
        }
        run = 0;
        if (diff->a.changed[x])
            x++;
        else
            y++;
        *a = x;
        *b = y;
    }
}

static void print_hunks(struct buffer *out, const struct diff *diff)
{
    size_t a = 0, b = 0, lead, trail;

    while (a < diff->a.list.count || b < diff->b.list.count) {
        size_t a_end = a, b_end = b;

        if (!is_changed(diff, a, b)) {
            a++, b++;
            continue;
        }
        find_end(diff, &a_end, &b_end);
        lead = a < CONTEXT ? a : CONTEXT;
        trail = diff->a.list.count - a_end < CONTEXT ? diff->a.list.count - a_end : CONTEXT;
        print_hunk(out, diff, a - lead, a_end + trail, b - lead, b_end + trail);
        a = a_end;
        b = b_end;
    }
}

/* patch(1) takes blanks for a part of a name only if a tab follows. */
static void print_name(struct buffer *out, const char *mark, const char *name)
{
    bool blank = strchr(name, ' ') != NULL;

    buffer_add(out, mark);
    for (; *name; name++)
        buffer_add_bytes(out, (unsigned char)*name < 0x20 || *name == 0x7f ? "?" : name, 1);
    buffer_add(out, blank ? "\t\n" : "\n");
}

int diff_texts(const char *a, size_t a_length, const char *b, size_t b_length, const char *name_a,
               const char *name_b, char **ret_text, struct vtopo_error **reterr)
{
    struct diff diff = {0};
    struct buffer out = {0};
    char *text = NULL;

    if (split(a, a_length, &diff.a) && split(b, b_length, &diff.b) && compare(&diff)) {
        if (a_length != b_length || memcmp(a, b, a_length) != 0) {
            print_name(&out, "--- ", name_a);
            print_name(&out, "+++ ", name_b);
            print_hunks(&out, &diff);
        }
        text = buffer_steal(&out);
    }
    free(diff.a.list.items);
    free(diff.b.list.items);
    free(diff.a.changed);
    free(diff.b.changed);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}
