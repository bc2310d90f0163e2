/* SPDX-License-Identifier: GPL-2.0-or-later */
/* idset.c - see idset.h */
#include "base/idset.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BITS (sizeof(unsigned long) * CHAR_BIT)

void idset_free(struct idset *set)
{
    free(set->words);
    *set = (struct idset){0};
}

bool idset_add(struct idset *set, size_t id)
{
    size_t word = id / WORD_BITS;
    unsigned long *grown;

    if (id >= IDSET_LIMIT)
        return false;
    if (word >= set->count) {
        grown = realloc(set->words, (word + 1) * sizeof(*grown));
        if (!grown)
            return false;
        memset(grown + set->count, 0, (word + 1 - set->count) * sizeof(*grown));
        set->words = grown;
        set->count = word + 1;
    }
    set->words[word] |= 1UL << (id % WORD_BITS);
    return true;
}

void idset_remove(struct idset *set, size_t id)
{
    if (id / WORD_BITS < set->count)
        set->words[id / WORD_BITS] &= ~(1UL << (id % WORD_BITS));
}

bool idset_has(const struct idset *set, size_t id)
{
    return id / WORD_BITS < set->count && (set->words[id / WORD_BITS] >> (id % WORD_BITS) & 1);
}

size_t idset_next(const struct idset *set, size_t from)
{
    for (; from / WORD_BITS < set->count; from++) {
        if (from % WORD_BITS == 0 && !set->words[from / WORD_BITS]) {
            from += WORD_BITS - 1;
            continue;
        }
        if (idset_has(set, from))
            return from;
    }
    return IDSET_LIMIT;
}

bool idset_empty(const struct idset *set)
{
    return idset_next(set, 0) == IDSET_LIMIT;
}

size_t idset_size(const struct idset *set)
{
    size_t n = 0;

    for (size_t i = 0; i < set->count; i++)
        n += (size_t)__builtin_popcountl(set->words[i]);
    return n;
}

size_t idset_common(const struct idset *a, const struct idset *b)
{
    size_t n = 0;

    for (size_t i = 0; i < a->count && i < b->count; i++)
        n += (size_t)__builtin_popcountl(a->words[i] & b->words[i]);
    return n;
}

bool idset_add_all(struct idset *set, const struct idset *other)
{
    size_t last = other->count;

    while (last && !other->words[last - 1])
        last--;
    if (!last)
        return true;
    /* Makes room up to the last word, in which the number is taken out again if it was not there.
     */
    if (last > set->count) {
        size_t id = (last - 1) * WORD_BITS;

        if (!idset_add(set, id))
            return false;
        idset_remove(set, id);
    }
    for (size_t i = 0; i < last; i++)
        set->words[i] |= other->words[i];
    return true;
}

void idset_keep(struct idset *set, const struct idset *other)
{
    for (size_t i = 0; i < set->count; i++)
        set->words[i] &= i < other->count ? other->words[i] : 0;
}

void idset_remove_all(struct idset *set, const struct idset *other)
{
    for (size_t i = 0; i < set->count && i < other->count; i++)
        set->words[i] &= ~other->words[i];
}

bool idset_copy(const struct idset *set, struct idset *ret_set)
{
    struct idset copy = {0};

    if (set->count) {
        copy.words = malloc(set->count * sizeof(*copy.words));
        if (!copy.words)
            return false;
        memcpy(copy.words, set->words, set->count * sizeof(*copy.words));
        copy.count = set->count;
    }
    *ret_set = copy;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(const char **text)
{
    while (is_blank(**text))
        (*text)++;
}

static bool read_number(const char **text, size_t *ret_number)
{
    size_t number = 0;
    const char *start;

    skip_blanks(text);
    for (start = *text; **text >= '0' && **text <= '9'; (*text)++) {
        number = number * 10 + (size_t)(**text - '0');
        if (number >= IDSET_LIMIT)
            return false;
    }
    if (*text == start)
        return false;
    skip_blanks(text);
    *ret_number = number;
    return true;
}

/* Word by word: a text can have a million ranges of all numbers.  There is room up to @last. */
static void add_range(struct idset *set, size_t first, size_t last)
{
    size_t word = first / WORD_BITS, end = last / WORD_BITS;
    unsigned long from = ~0UL << (first % WORD_BITS);
    unsigned long to = ~0UL >> (WORD_BITS - 1 - last % WORD_BITS);

    if (word == end) {
        set->words[word] |= from & to;
        return;
    }
    set->words[word] |= from;
    memset(set->words + word + 1, 0xff, (end - word - 1) * sizeof(*set->words));
    set->words[end] |= to;
}

/* One element: "3", "0-3" or "^2". */
static enum idset_result read_element(const char **text, struct idset *set)
{
    bool out = false;
    size_t first, last;

    skip_blanks(text);
    if (**text == '^') {
        out = true;
        (*text)++;
    }
    if (!read_number(text, &first))
        return IDSET_MALFORMED;
    last = first;
    if (**text == '-') {
        (*text)++;
        if (out || !read_number(text, &last) || last < first)
            return IDSET_MALFORMED;
    }
    if (out) {
        idset_remove(set, first);
        return IDSET_OK;
    }
    if (!idset_add(set, last)) /* makes room for all of them */
        return IDSET_NOMEM;
    add_range(set, first, last);
    return IDSET_OK;
}

enum idset_result idset_parse(const char *text, struct idset *ret_set)
{
    struct idset set = {0};
    enum idset_result result = IDSET_OK;

    *ret_set = set;
    skip_blanks(&text);
    while (*text && result == IDSET_OK) {
        result = read_element(&text, &set);
        if (result == IDSET_OK && *text && *text != ',')
            result = IDSET_MALFORMED;
        else if (*text == ',' && !*++text)
            result = IDSET_MALFORMED;
    }
    if (result != IDSET_OK) {
        idset_free(&set);
        return result;
    }
    *ret_set = set;
    return IDSET_OK;
}

char *idset_format(const struct idset *set)
{
    /* "16383-16383," is 12 characters; no list has more ranges than numbers. */
    size_t size = idset_size(set) * 12 + 1, used = 0, first, last;
    char *text = malloc(size);

    if (!text)
        return NULL;
    *text = '\0';
    for (first = idset_next(set, 0); first < IDSET_LIMIT; first = idset_next(set, last + 1)) {
        for (last = first; idset_has(set, last + 1); last++)
            ;
        used += (size_t)snprintf(text + used, size - used, last > first ? "%s%zu-%zu" : "%s%zu",
                                 used ? "," : "", first, last);
    }
    return text;
}
