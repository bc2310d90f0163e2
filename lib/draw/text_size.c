/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_size.c - see text_size.h
 *
 * Rule:   a column is 0.62 of the font's size: monospaced fonts have 0.50 to 0.61 (DejaVu Sans Mono
 *         0.602). What they lack comes from another font: two columns for every character that is
 *         not ASCII, but for combining ones.
 */
#include "draw/text_size.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define COLUMN_PERCENT 62 /* of the font's size */

static bool is_ascii(const char *at)
{
    return (unsigned char)*at < 0x80;
}

static size_t step_over(const char *at)
{
    size_t length = utf8_length(at, SIZE_MAX);

    return length ? length : 1;
}

static size_t columns_of(const char *at, size_t length)
{
    return is_ascii(at) ? 1 : utf8_columns(at, length) ? 2 : 0;
}

size_t text_columns(const char *text, size_t length)
{
    size_t columns = 0, step;

    for (size_t at = 0; at < length; at += step) {
        step = step_over(text + at);
        columns += columns_of(text + at, step);
    }
    return columns;
}

int text_width(const char *text, int font)
{
    size_t columns = text_columns(text, strlen(text));

    return (int)((columns * (size_t)font * COLUMN_PERCENT + 99) / 100);
}

/* Is a line good to end in front of the character at @at? */
static bool may_end(const char *text, size_t at)
{
    return text[at] == ' ' || (at && text[at - 1] == ',');
}

size_t text_break(const char *text, size_t columns, size_t *ret_next)
{
    size_t at = 0, used = 0, end = 0, step;

    for (; text[at]; at += step) {
        step = step_over(text + at);
        if (at && may_end(text, at))
            end = at;
        used += columns_of(text + at, step);
        if (at && used > columns)
            break;
    }
    if (text[at] && end)
        at = end;
    *ret_next = at;
    while (text[*ret_next] == ' ')
        ++*ret_next;
    return at;
}
