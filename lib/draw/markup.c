/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup.c - see markup.h */
#include "draw/markup.h"

#include "base/utf8.h"

#include <string.h>

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* U+FFFE and U+FFFF are UTF-8 and no characters of XML 1.0. */
static bool is_no_character(const char *at, size_t length)
{
    return length == 3 && !memcmp(at, "\xef\xbf", 2) && (unsigned char)at[2] >= 0xbe;
}

void markup_add(struct buffer *out, const char *text)
{
    while (*text) {
        size_t length = utf8_length(text, SIZE_MAX);
        const char *escaped = entity(*text);

        if (!length || utf8_is_control(text) || is_no_character(text, length))
            buffer_add(out, "?");
        else if (escaped)
            buffer_add(out, escaped);
        else
            buffer_add_bytes(out, text, length);
        text += length ? length : 1;
    }
}
