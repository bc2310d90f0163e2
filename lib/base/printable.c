/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printable.c - see printable.h */
#include "base/printable.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

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
        size_t length = utf8_length((const char *)c, SIZE_MAX);

        if (!length || is_control(c, lines)) {
            memset(c, '?', length ? length : 1);
            length = length ? length : 1;
        }
        c += length;
    }
}
