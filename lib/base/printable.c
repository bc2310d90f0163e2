/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printable.c - see printable.h */
#include "base/printable.h"

#include <stddef.h>
#include <string.h>

/* How many bytes the UTF-8 character at @c has; 0: it is none (RFC 3629, section 4). */
static size_t utf8_length(const unsigned char *c)
{
    size_t length = *c < 0x80   ? 1
                    : *c < 0xc2 ? 0
                    : *c < 0xe0 ? 2
                    : *c < 0xf0 ? 3
                    : *c < 0xf5 ? 4
                                : 0;

    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] >= 0xa0) ||
        (*c == 0xf0 && c[1] < 0x90) || (*c == 0xf4 && c[1] >= 0x90))
        return 0;
    return length;
}

static bool is_control(const unsigned char *c, bool lines)
{
    if (*c < 0x20 || *c == 0x7f)
        return *c != '\n' || !lines;
    return *c == 0xc2 && c[1] < 0xa0; /* U+0080 to U+009F: U+009B starts an escape sequence */
}

void printable(char *text, bool lines)
{
    unsigned char *c = (unsigned char *)text;

    while (*c) {
        size_t length = utf8_length(c);

        if (!length || is_control(c, lines)) {
            memset(c, '?', length ? length : 1);
            length = length ? length : 1;
        }
        c += length;
    }
}
