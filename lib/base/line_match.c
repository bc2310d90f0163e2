/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line_match.c - see line_match.h
 *
 * Takes:  the lines of two texts.
 * Gives:  the smallest set of lines to take out and to put in, if that is at most EXACT_MAX lines.
 * Rule:   E. Myers' greedy algorithm ("An O(ND) difference algorithm and its variations", 1986)
 *         between the common beginning and end. It takes the square of the number of differing
 *         lines, so where there are many the texts are first cut at lines that are in both exactly
 *         once and in the same order (B. Cohen's patience diff), and each piece is compared for
 *         itself; a piece that differs in more than PIECE_MAX lines is replaced as a whole.
 * Not here: how a diff looks (diff.c).
 */
#include "base/line_match.h"

#include "base/mem.h"
#include "base/search.h"

#include <stdint.h>
#include <string.h>

#define EXACT_MAX 128
#define PIECE_MAX 4096
#define DOUBTFUL_MAX 64

/* Lines that are the same, in either text. */
struct line_class {
    struct text_line line; /* text NULL: the place is free */
    size_t counts[2], last[2];
};

struct matcher {
    const struct text_lines *texts[2];
    size_t *classes[2]; /* per line: its class */
    struct line_class *table;
    size_t mask; /* of places in the table */
};

/* Lines [begin, end) of either text. */
struct piece {
    size_t begin[2], end[2];
};

static uint64_t hash_line(const struct text_line *line)
{
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

    for (size_t i = 0; i < line->length; i++)
        hash = (hash ^ (unsigned char)line->text[i]) * 0x100000001b3;
    return hash ^ hash >> 32;
}

static bool is_same_line(const struct text_line *x, const struct text_line *y)
{
    return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

static size_t find_class(const struct matcher *m, const struct text_line *line)
{
    size_t at = (size_t)hash_line(line) & m->mask;

    while (m->table[at].line.text && !is_same_line(&m->table[at].line, line))
        at = (at + 1) & m->mask;
    m->table[at].line = *line;
    return at;
}

static void classify(const struct matcher *m, const struct piece *piece, int side)
{
    for (size_t i = piece->begin[side]; i < piece->end[side]; i++) {
        struct line_class *class;

        m->classes[side][i] = find_class(m, &m->texts[side]->items[i]);
        class = &m->table[m->classes[side][i]];
        class->counts[side]++;
        class->last[side] = i;
    }
}

static bool classify_all(struct matcher *m, const struct piece *piece)
{
    size_t count = piece->end[0] - piece->begin[0] + piece->end[1] - piece->begin[1], size = 16;

    while (size < count * 2)
        size *= 2;
    m->mask = size - 1;
    m->table = calloc(size, sizeof(*m->table));
    m->classes[0] = calloc(m->texts[0]->count + 1, sizeof(size_t));
    m->classes[1] = calloc(m->texts[1]->count + 1, sizeof(size_t));
    if (!m->table || !m->classes[0] || !m->classes[1])
        return false;
    classify(m, piece, 0);
    classify(m, piece, 1);
    return true;
}

/* So many lines differ at least. */
static size_t least_differences(const struct matcher *m)
{
    size_t differences = 0;

    for (size_t i = 0; i <= m->mask; i++) {
        size_t a = m->table[i].counts[0], b = m->table[i].counts[1];

        differences += a > b ? a - b : b - a;
    }
    return differences;
}

static void mark_all(const struct matcher *m, const struct piece *piece)
{
    for (int side = 0; side < 2; side++)
        memset(m->texts[side]->changed + piece->begin[side], 1,
               piece->end[side] - piece->begin[side]);
}

static bool is_same(const struct matcher *m, size_t a, size_t b)
{
    return m->classes[0][a] == m->classes[1][b];
}

static void trim(const struct matcher *m, struct piece *piece)
{
    while (piece->begin[0] < piece->end[0] && piece->begin[1] < piece->end[1] &&
           is_same(m, piece->begin[0], piece->begin[1])) {
        piece->begin[0]++;
        piece->begin[1]++;
    }
    while (piece->begin[0] < piece->end[0] && piece->begin[1] < piece->end[1] &&
           is_same(m, piece->end[0] - 1, piece->end[1] - 1)) {
        piece->end[0]--;
        piece->end[1]--;
    }
}

/* --- Myers' algorithm --- */

/*
 * Row d of the trace: for each diagonal k = x - y of -d, -d+2 ... d how far x gets with d
 * differences.  Rows follow each other: row d begins at d * (d + 1) / 2.
 */
struct trace {
    int32_t *x;
    size_t rows; /* there is room for */
};

static int32_t *trace_at(const struct trace *trace, int32_t d, int32_t k)
{
    return &trace->x[(size_t)d * ((size_t)d + 1) / 2 + (size_t)(k + d) / 2];
}

static bool make_room(struct trace *trace, int32_t d)
{
    size_t rows = trace->rows ? trace->rows * 2 : 64;
    int32_t *grown;

    if ((size_t)d < trace->rows)
        return true;
    grown = realloc(trace->x, rows * (rows + 1) / 2 * sizeof(*grown));
    if (!grown)
        return false;
    trace->x = grown;
    trace->rows = rows;
    return true;
}

/* Does the best way to diagonal k with d differences come from diagonal k + 1, by a line of b? */
static bool comes_down(const struct trace *trace, int32_t d, int32_t k)
{
    return k == -d || (k != d && *trace_at(trace, d - 1, k - 1) < *trace_at(trace, d - 1, k + 1));
}

/* One row; true when both texts are at their end. */
static bool walk(const struct matcher *m, const struct piece *piece, const struct trace *trace,
                 int32_t d)
{
    const size_t *a = m->classes[0] + piece->begin[0], *b = m->classes[1] + piece->begin[1];
    int32_t n = (int32_t)(piece->end[0] - piece->begin[0]);
    int32_t count = (int32_t)(piece->end[1] - piece->begin[1]);

    for (int32_t k = -d; k <= d; k += 2) {
        int32_t x = 0;

        if (d)
            x = comes_down(trace, d, k) ? *trace_at(trace, d - 1, k + 1)
                                        : *trace_at(trace, d - 1, k - 1) + 1;
        while (x < n && x - k < count && a[x] == b[x - k])
            x++;
        *trace_at(trace, d, k) = x;
        if (x >= n && x - k >= count)
            return true;
    }
    return false;
}

/* From the end of both texts back to the beginning. */
static void mark_changes(const struct matcher *m, const struct piece *piece,
                         const struct trace *trace, int32_t d)
{
    int32_t k =
        (int32_t)(piece->end[0] - piece->begin[0]) - (int32_t)(piece->end[1] - piece->begin[1]);

    for (; d > 0; d--) {
        bool down = comes_down(trace, d, k);
        int32_t x;

        k += down ? 1 : -1;
        x = *trace_at(trace, d - 1, k);
        if (down)
            m->texts[1]->changed[piece->begin[1] + (size_t)(x - k)] = 1;
        else
            m->texts[0]->changed[piece->begin[0] + (size_t)x] = 1;
    }
}

/* Sets *ret_found to false where more than @limit lines differ.  False: out of memory. */
static bool compare_piece(const struct matcher *m, struct piece piece, int32_t limit,
                          bool *ret_found)
{
    struct trace trace = {0};
    int32_t d = 0;
    bool found = false, room = true;

    *ret_found = true;
    trim(m, &piece);
    if (piece.begin[0] == piece.end[0] || piece.begin[1] == piece.end[1]) {
        mark_all(m, &piece);
        return true;
    }
    for (; !found && room && d < limit; d++) {
        room = make_room(&trace, d);
        found = room && walk(m, &piece, &trace, d);
    }
    if (found)
        mark_changes(m, &piece, &trace, d - 1);
    free(trace.x);
    *ret_found = found;
    return room;
}

static bool compare_or_replace(const struct matcher *m, const struct piece *piece)
{
    bool found, done = compare_piece(m, *piece, PIECE_MAX, &found);

    if (done && !found)
        mark_all(m, piece);
    return done;
}

/* --- where to cut --- */

/* A line that is in both texts once. */
struct anchor {
    size_t at[2];
    size_t before; /* the anchor before it in the longest row that ends with it */
    bool doubtful;
};

struct anchors {
    struct anchor *items; /* ascending by place in the first text */
    size_t count;
    size_t *ends; /* of the rows of each length, minus one: the one that ends first in the second */
    size_t longest;
};

static void collect_anchors(const struct matcher *m, const struct piece *piece,
                            struct anchors *anchors)
{
    for (size_t i = piece->begin[0]; i < piece->end[0]; i++) {
        const struct line_class *class = &m->table[m->classes[0][i]];

        if (class->counts[0] == 1 && class->counts[1] == 1)
            anchors->items[anchors->count++] = (struct anchor){.at = {i, class->last[1]}};
    }
}

/* A place in one of the texts, to be found among the ends. */
struct place {
    const struct anchors *anchors;
    int side;
    size_t at;
};

static int compare_place(const void *key, const void *item)
{
    const struct place *place = key;
    size_t end = place->anchors->items[*(const size_t *)item].at[place->side];

    return place->at < end ? -1 : place->at > end;
}

/* How many of the ends are before a place in one of the texts; they ascend in the second, and when
 * they are one row, in both. */
static size_t count_before(const struct anchors *anchors, int side, size_t at)
{
    struct place place = {anchors, side, at};

    return search_lower_bound(&place, anchors->ends, anchors->longest, sizeof(*anchors->ends),
                              compare_place);
}

/* The longest ascending row of anchors: ends are then its members. */
static void find_longest(struct anchors *anchors)
{
    size_t at;

    for (size_t i = 0; i < anchors->count; i++) {
        size_t row = count_before(anchors, 1, anchors->items[i].at[1]);

        anchors->items[i].before = row ? anchors->ends[row - 1] : SIZE_MAX;
        anchors->ends[row] = i;
        if (row == anchors->longest)
            anchors->longest++;
    }
    at = anchors->longest ? anchors->ends[anchors->longest - 1] : SIZE_MAX;
    for (size_t i = anchors->longest; i-- > 0; at = anchors->items[at].before)
        anchors->ends[i] = at;
}

/*
 * An anchor that is not in the row because it crosses a few that are in it: either may be the line
 * that moved.  No cut is made at these, so that the algorithm decides.
 */
static void drop_doubtful(struct anchors *anchors)
{
    for (size_t i = 0; i < anchors->count; i++) {
        const struct anchor *anchor = &anchors->items[i];
        size_t one = count_before(anchors, 0, anchor->at[0]);
        size_t other = count_before(anchors, 1, anchor->at[1]);
        size_t low = one < other ? one : other, high = one < other ? other : one;

        for (size_t k = low; k < high && high - low <= DOUBTFUL_MAX; k++)
            anchors->items[anchors->ends[k]].doubtful = true;
    }
}

static bool compare_pieces(const struct matcher *m, const struct piece *all,
                           const struct anchors *anchors)
{
    struct piece piece = *all;
    bool done = true;

    for (size_t i = 0; done && i < anchors->longest; i++) {
        const struct anchor *anchor = &anchors->items[anchors->ends[i]];

        if (anchor->doubtful)
            continue;
        piece.end[0] = anchor->at[0];
        piece.end[1] = anchor->at[1];
        done = compare_or_replace(m, &piece);
        piece.begin[0] = anchor->at[0] + 1;
        piece.begin[1] = anchor->at[1] + 1;
    }
    piece.end[0] = all->end[0];
    piece.end[1] = all->end[1];
    return done && compare_or_replace(m, &piece);
}

static bool cut_and_compare(const struct matcher *m, const struct piece *all)
{
    size_t count = all->end[0] - all->begin[0];
    struct anchors anchors = {.items = calloc(count + 1, sizeof(*anchors.items)),
                              .ends = calloc(count + 1, sizeof(*anchors.ends))};
    bool done = anchors.items && anchors.ends;

    if (done) {
        collect_anchors(m, all, &anchors);
        find_longest(&anchors);
        drop_doubtful(&anchors);
        done = compare_pieces(m, all, &anchors);
    }
    free(anchors.items);
    free(anchors.ends);
    return done;
}

/* --- both --- */

static struct piece differing_part(const struct text_lines *a, const struct text_lines *b)
{
    struct piece part = {{0, 0}, {a->count, b->count}};

    while (part.begin[0] < part.end[0] && part.begin[0] < part.end[1] &&
           is_same_line(&a->items[part.begin[0]], &b->items[part.begin[0]]))
        part.begin[0]++;
    part.begin[1] = part.begin[0];
    while (part.end[0] > part.begin[0] && part.end[1] > part.begin[1] &&
           is_same_line(&a->items[part.end[0] - 1], &b->items[part.end[1] - 1])) {
        part.end[0]--;
        part.end[1]--;
    }
    return part;
}

static bool compare(struct matcher *m, const struct piece *part)
{
    bool found = false;

    if (!classify_all(m, part))
        return false;
    if (least_differences(m) < EXACT_MAX && !compare_piece(m, *part, EXACT_MAX, &found))
        return false;
    return found || cut_and_compare(m, part);
}

bool line_match(const struct text_lines *a, const struct text_lines *b)
{
    struct matcher m = {.texts = {a, b}};
    struct piece part = differing_part(a, b);
    bool done = true;

    if (part.begin[0] == part.end[0] || part.begin[1] == part.end[1])
        mark_all(&m, &part);
    else
        done = compare(&m, &part);
    free(m.table);
    free(m.classes[0]);
    free(m.classes[1]);
    return done;
}
