/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nearest.c - see nearest.h
 *
 * Takes:  a word of others, and those that are known.
 * Gives:  the known one that is nearest by Levenshtein's distance.
 * Rule:   words of others have any length: what is longer than a name can be is near to none.
 */
#include "base/nearest.h"

#include <string.h>

#define WORD_MAX 255

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table after the other: row[i] is the distance from the first i letters of @a. */
static size_t distance(const char *a, size_t length, const char *b)
{
    size_t row[WORD_MAX + 1];

    for (size_t i = 0; i <= length; i++)
        row[i] = i;
    for (; *b; b++) {
        size_t diagonal = row[0]++;

        for (size_t i = 1; i <= length; i++) {
            size_t changed = diagonal + (a[i - 1] != *b);

            diagonal = row[i];
            row[i] = least(changed, least(row[i], row[i - 1]) + 1);
        }
    }
    return row[length];
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
    size_t length = strlen(word), best = 0;
    const char *found = NULL;

    for (size_t i = 0; length <= WORD_MAX && i < count; i++) {
        size_t far = distance(word, length, words[i]);

        if (found && far >= best)
            continue;
        found = words[i];
        best = far;
    }
    return found;
}
