/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printable.c - see printable.h */
#include "base/printable.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

void printable(char *text, bool lines)
{
    unsigned char *c = (unsigned char *)text;

    for (;;) {
        size_t length;

        while (*c >= ' ' && *c <= '~')
            c++;
        if (!*c)
            break;
        length = utf8_length((const char *)c, SIZE_MAX);
        if (!length || (utf8_is_control((const char *)c) && !(lines && *c == '\n'))) {
            memset(c, '?', length ? length : 1);
            length = length ? length : 1;
        }
        c += length;
    }
}
