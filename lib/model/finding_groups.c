/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * finding_groups.c - see finding_groups.h
 *
 * Takes:  findings in the order in which they were noticed, one for each subject.
 * Gives:  findings, one for each cause, in the order of the first of each.
 * Rule:   two say the same if they have one id, and their texts differ only where each names its
 *         own subject, and in their details (finding.h). What is of the domain or the host is of no
 *         one else, and stays as it is; so does what is ready to paste.
 * Not here: what is noticed (lib/plan), what a message leaves out (cmd).
 */
#include "model/finding_groups.h"

#include "base/buffer.h"

#include <stdint.h>
#include <string.h>

#define PLACEHOLDER "\x01" /* in no text: control characters are taken out of them */

/* A finding and what it says, whoever it is of. */
struct saying {
    char *key; /* NULL: it is not grouped */
    size_t at;
};

static void free_sayings(struct saying *sayings, size_t count)
{
    for (size_t i = 0; sayings && i < count; i++)
        free(sayings[i].key);
    free(sayings);
}

static void add_without(struct buffer *out, const char *text, size_t length, const char *subject)
{
    const size_t size = strlen(subject);
    const char *end = text + length, *found;

    while (size && (found = memmem(text, (size_t)(end - text), subject, size))) {
        buffer_add_bytes(out, text, (size_t)(found - text));
        buffer_add(out, PLACEHOLDER);
        text = found + size;
    }
    buffer_add_bytes(out, text, (size_t)(end - text));
}

static bool is_of_one(const struct finding *f)
{
    return f->list || !strcmp(f->subject, "domain") || !strcmp(f->subject, "host") ||
           strchr(f->text, '\n');
}

static char *make_key(const struct finding *f)
{
    struct buffer key = {0};
    const size_t end = f->detail + f->detail_length;

    buffer_printf(&key, "%04d", (int)f->id);
    if (f->detail_length) {
        add_without(&key, f->text, f->detail, f->subject);
        buffer_add(&key, PLACEHOLDER PLACEHOLDER);
    }
    add_without(&key, f->text + (f->detail_length ? end : 0),
                strlen(f->text) - (f->detail_length ? end : 0), f->subject);
    return buffer_steal(&key);
}

static int compare(const void *a, const void *b)
{
    const struct saying *first = a, *second = b;
    int order =
        !first->key || !second->key ? !first->key - !second->key : strcmp(first->key, second->key);

    return order ? order : (first->at > second->at) - (first->at < second->at);
}

static bool is_same_detail(const struct finding *a, const struct finding *b)
{
    return a->detail_length == b->detail_length &&
           memcmp(a->text + a->detail, b->text + b->detail, a->detail_length) == 0;
}

static bool add_subject(struct finding *f, const char *subject)
{
    char *copy = mem_printf("%s", subject), **place = copy ? vec_add(&f->subjects) : NULL;

    if (!place) {
        free(copy);
        return false;
    }
    *place = copy;
    return true;
}

/* "B, C (DETAIL)": those of @group but the first, each statement once, in the order in which they
 * came; also adds them to the first's subjects. */
static bool list_others(struct findings *findings, const struct saying *group, size_t count,
                        struct buffer *list)
{
    struct finding *first = &findings->items[group[0].at];
    const struct finding *last = first;

    if (!add_subject(first, first->subject))
        return false;
    for (size_t i = 1; i < count; i++) {
        const struct finding *f = &findings->items[group[i].at];

        if (!strcmp(f->subject, last->subject) && is_same_detail(f, last))
            continue;
        last = f;
        if (!add_subject(first, f->subject))
            return false;
        buffer_printf(list, "%s%s", list->length ? ", " : "", f->subject);
        if (f->detail_length && !is_same_detail(f, first))
            buffer_printf(list, " (%.*s)", (int)f->detail_length, f->text + f->detail);
    }
    return !list->failed;
}

static bool join(struct findings *findings, const struct saying *group, size_t count)
{
    struct finding *first = &findings->items[group[0].at];
    autobuffer struct buffer list = {0}, text = {0};
    size_t others;

    if (!list_others(findings, group, count, &list))
        return false;
    others = first->subjects.count - 1;
    buffer_add(&text, first->text);
    if (others == 1)
        buffer_printf(&text, "; the same for %s", list.text);
    else if (others)
        buffer_printf(&text, "; the same for %zu others: ", others);
    if (others > 1) {
        first->list = text.length;
        buffer_add(&text, list.text);
    }
    if (text.failed)
        return false;
    free(first->text);
    first->text = buffer_steal(&text);
    for (size_t i = 1; first->text && i < count; i++)
        finding_clear(&findings->items[group[i].at]);
    return first->text;
}

/* Closes the gaps that joined ones have left. */
static void compact(struct findings *findings)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].subject)
            findings->items[count++] = findings->items[i];
    }
    findings->count = count;
}

/* Groups lie together, each in the order of the findings; what is not grouped is behind them. */
static struct saying *sort_by_saying(const struct findings *findings)
{
    const size_t n = findings->count;
    struct saying *sayings = calloc(n + 1, sizeof(*sayings));
    bool done = sayings;

    for (size_t i = 0; done && i < n; i++) {
        sayings[i].at = i;
        if (is_of_one(&findings->items[i]))
            continue;
        sayings[i].key = make_key(&findings->items[i]);
        done = sayings[i].key;
    }
    if (done) {
        qsort(sayings, n, sizeof(*sayings), compare);
        return sayings;
    }
    free_sayings(sayings, n);
    return NULL;
}

static size_t group_size(const struct saying *sayings, size_t first, size_t n)
{
    size_t size = 1;

    while (sayings[first].key && first + size < n && sayings[first + size].key &&
           !strcmp(sayings[first].key, sayings[first + size].key))
        size++;
    return size;
}

bool findings_find_groups(const struct findings *findings, size_t *ret_first)
{
    const size_t n = findings->count;
    struct saying *sayings = sort_by_saying(findings);

    for (size_t first = 0, size; sayings && first < n; first += size) {
        size = group_size(sayings, first, n);
        for (size_t i = first; i < first + size; i++)
            ret_first[sayings[i].at] = sayings[first].at;
    }
    free_sayings(sayings, n);
    return sayings;
}

bool findings_group(struct findings *findings)
{
    const size_t n = findings->count;
    struct saying *sayings = sort_by_saying(findings);
    bool done = sayings;

    for (size_t first = 0, size; done && first < n; first += size) {
        size = group_size(sayings, first, n);
        done = size == 1 || join(findings, &sayings[first], size);
    }
    free_sayings(sayings, n);
    compact(findings);
    return done;
}
