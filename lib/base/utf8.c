/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8.c - see utf8.h */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* What a first byte says; 0: it is none. */
static size_t length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2)
        return 0;
    if (first < 0xe0)
        return 2;
    if (first < 0xf0)
        return 3;
    return first < 0xf5 ? 4 : 0;
}

size_t utf8_length(const char *at, size_t left)
{
    const unsigned char *c = (const unsigned char *)at;
    size_t length = length_of(*c);

    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(c[i]))
            return 0;
    }
    if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) || (*c == 0xf0 && c[1] < 0x90) ||
        (*c == 0xf4 && c[1] > 0x8f))
        return 0;
    return length;
}

/* U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069. */
static bool is_general_control(const unsigned char *c)
{
    if (c[1] == 0x80)
        return c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae);
    return c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9;
}

bool utf8_is_control(const char *at)
{
    const unsigned char *c = (const unsigned char *)at;

    if (*c < 0x80)
        return *c < 0x20 || *c == 0x7f;
    if (*c == 0xc2)
        return c[1] < 0xa0;
    if (*c == 0xd8) /* U+061C */
        return c[1] == 0x9c;
    return *c == 0xe2 && is_general_control(c);
}

/* Eight bytes of ASCII, none of them NUL? */
static bool is_ascii(const char *at)
{
    static const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t bytes;

    memcpy(&bytes, at, sizeof(bytes));
    /* Of bytes below 0x80, one less sets the top bit of 0 alone, and of what borrows from it. */
    return !((bytes | (bytes - ones)) & tops);
}

size_t utf8_span(const char *text, size_t length)
{
    size_t at = 0, step;

    while (at < length) {
        if (length - at >= 8 && is_ascii(text + at)) {
            at += 8;
            continue;
        }
        step = text[at] ? utf8_length(text + at, length - at) : 0;
        if (!step)
            break;
        at += step;
    }
    return at;
}

size_t utf8_cut(const char *text, size_t max)
{
    const char *end = memchr(text, '\0', max);
    size_t length = end ? (size_t)(end - text) : max;

    while (length && is_continuation((unsigned char)text[length]))
        length--;
    return length;
}

struct range {
    uint32_t first, last;
};

/* Mn, Me and Cf of Unicode 15 in the scripts that names are written in. */
static const struct range combining[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};
/* East Asian Width W and F (UAX 11), whole blocks. */
static const struct range wide[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xa960, 0xa97c}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x1f000, 0x3fffd},
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count && c >= ranges[i].first; i++) {
        if (c <= ranges[i].last)
            return true;
    }
    return false;
}

static uint32_t decode(const char *at, size_t length)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)*at & masks[length];

    for (size_t i = 1; i < length; i++)
        c = c << 6 | ((unsigned char)at[i] & 0x3f);
    return c;
}

size_t utf8_columns(const char *text, size_t length)
{
    size_t columns = 0, step;

    for (size_t at = 0; at < length; at += step) {
        uint32_t c;

        step = utf8_length(text + at, length - at);
        c = step > 1 ? decode(text + at, step) : 0;
        step += !step;
        if (is_in(c, combining, sizeof(combining) / sizeof(*combining)))
            continue;
        columns += 1 + is_in(c, wide, sizeof(wide) / sizeof(*wide));
    }
    return columns;
}
