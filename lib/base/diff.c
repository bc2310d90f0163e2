/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff.c - a unified diff of two texts
 *
 * Takes:  two texts.
 * Gives:  what patch(1) needs to make the second of the first.
 * Rule:   E. Myers' greedy algorithm ("An O(ND) difference algorithm and its variations", 1986)
 *         on the lines between the common beginning and end.  It needs memory for the square of
 *         the number of differing lines, so beyond a limit all lines between are replaced.
 */
#include "base/diff.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/mem.h"

#include <stdint.h>
#include <string.h>

#define CONTEXT 3
#define DIFFERENCES_MAX 4096 /* 32 MiB of notes */

struct line {
    const char *text;
    size_t length; /* with its line feed, which only a last line may lack */
};

struct lines {
    VEC(struct line) list;
    char *changed; /* per line: not in the other text */
};

struct diff {
    struct lines a, b;
    size_t begin;        /* lines that are the same at the beginning */
    size_t a_end, b_end; /* behind the last lines that may differ */
};

static bool split(const char *text, size_t length, struct lines *ret)
{
    const char *end = text + length;

    while (text < end) {
        const char *feed = memchr(text, '\n', (size_t)(end - text));
        struct line *line = vec_add(&ret->list);

        if (!line)
            return false;
        line->text = text;
        line->length = (size_t)((feed ? feed + 1 : end) - text);
        text += line->length;
    }
    ret->changed = calloc(ret->list.count + 1, 1);
    return ret->changed != NULL;
}

static bool same(const struct diff *diff, size_t a, size_t b)
{
    const struct line *x = &diff->a.list.items[a], *y = &diff->b.list.items[b];

    return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

static void trim(struct diff *diff)
{
    diff->a_end = diff->a.list.count;
    diff->b_end = diff->b.list.count;
    while (diff->begin < diff->a_end && diff->begin < diff->b_end &&
           same(diff, diff->begin, diff->begin))
        diff->begin++;
    while (diff->a_end > diff->begin && diff->b_end > diff->begin &&
           same(diff, diff->a_end - 1, diff->b_end - 1)) {
        diff->a_end--;
        diff->b_end--;
    }
}

/*
 * Row d of the notes: for each diagonal k = x - y of -d, -d+2 ... d how far x gets with d
 * differences.  Rows follow each other: row d begins at d * (d + 1) / 2.
 */
struct notes {
    int32_t *x;
    size_t rows; /* there is room for */
};

static int32_t *note(const struct notes *notes, int32_t d, int32_t k)
{
    return &notes->x[(size_t)d * ((size_t)d + 1) / 2 + (size_t)(k + d) / 2];
}

static bool make_room(struct notes *notes, int32_t d)
{
    size_t rows = notes->rows ? notes->rows * 2 : 64;
    int32_t *grown;

    if ((size_t)d < notes->rows)
        return true;
    grown = realloc(notes->x, rows * (rows + 1) / 2 * sizeof(*grown));
    if (!grown)
        return false;
    notes->x = grown;
    notes->rows = rows;
    return true;
}

/* Does the best way to diagonal k with d differences come from diagonal k + 1, by a line of b? */
static bool comes_down(const struct notes *notes, int32_t d, int32_t k)
{
    return k == -d || (k != d && *note(notes, d - 1, k - 1) < *note(notes, d - 1, k + 1));
}

/* One row; true when both texts are at their end. */
static bool walk(const struct diff *diff, const struct notes *notes, int32_t d)
{
    int32_t n = (int32_t)(diff->a_end - diff->begin), m = (int32_t)(diff->b_end - diff->begin);

    for (int32_t k = -d; k <= d; k += 2) {
        int32_t x = 0;

        if (d)
            x = comes_down(notes, d, k) ? *note(notes, d - 1, k + 1)
                                        : *note(notes, d - 1, k - 1) + 1;
        while (x < n && x - k < m &&
               same(diff, diff->begin + (size_t)x, diff->begin + (size_t)(x - k)))
            x++;
        *note(notes, d, k) = x;
        if (x >= n && x - k >= m)
            return true;
    }
    return false;
}

/* From the end of both texts back to the beginning. */
static void mark_changes(struct diff *diff, const struct notes *notes, int32_t d)
{
    int32_t k = (int32_t)(diff->a_end - diff->begin) - (int32_t)(diff->b_end - diff->begin);

    for (; d > 0; d--) {
        bool down = comes_down(notes, d, k);
        int32_t x;

        k += down ? 1 : -1;
        x = *note(notes, d - 1, k);
        if (down)
            diff->b.changed[diff->begin + (size_t)(x - k)] = 1;
        else
            diff->a.changed[diff->begin + (size_t)x] = 1;
    }
}

static void mark_all(struct diff *diff)
{
    memset(diff->a.changed + diff->begin, 1, diff->a_end - diff->begin);
    memset(diff->b.changed + diff->begin, 1, diff->b_end - diff->begin);
}

static bool compare(struct diff *diff)
{
    struct notes notes = {0};
    int32_t d = 0;
    bool found = false, room = true;

    trim(diff);
    if (diff->begin == diff->a_end || diff->begin == diff->b_end) {
        mark_all(diff);
        return true;
    }
    for (; !found && d < DIFFERENCES_MAX; d++) {
        room = make_room(&notes, d);
        if (!room)
            break;
        found = walk(diff, &notes, d);
    }
    if (found)
        mark_changes(diff, &notes, d - 1);
    else
        mark_all(diff);
    free(notes.x);
    return room;
}

static void print_line(struct buffer *out, char mark, const struct line *line)
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
        text = buffer_take(&out);
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
