/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_text.c - see host_text.h */
#include "report/host_text.h"

void print_string(struct buffer *out, const char *text)
{
    buffer_add(out, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            buffer_printf(out, "\\%c", *c);
        else if (*c < 0x20 || *c == 0x7f)
            buffer_printf(out, "\\u%04x", *c);
        else
            buffer_add_bytes(out, *c < 0x7f ? (const char *)c : "?", 1);
    }
    buffer_add(out, "\"");
}
