/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quote.c - see quote.h */
#include "quote.h"

#include "base/printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *quote(const char *word, char *text, size_t size)
{
    static const char end[] = "'", escaped[] = "'\\''";
    size_t used = 0;

    text[used++] = '\'';
    for (; *word && used + strlen(escaped) + sizeof(end) <= size; word++) {
        size_t length = *word == '\'' ? strlen(escaped) : 1;

        memcpy(text + used, *word == '\'' ? escaped : word, length);
        used += length;
    }
    memcpy(text + used, end, sizeof(end));
    printable(text, false);
    return text;
}

const char *quote_if_needed(const char *word, char *text, size_t size)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=@%+,";
    bool is_plain = *word && !word[strspn(word, plain)];

    if (!is_plain)
        return quote(word, text, size);
    snprintf(text, size, "%s", word);
    return text;
}
