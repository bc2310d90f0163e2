/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wrap.c - see wrap.h */
#include "base/wrap.h"

#include "base/utf8.h"

void wrap_add_width(struct buffer *out, const char *text, size_t length, size_t first,
                    size_t indent, size_t width)
{
    size_t column = 0;

    buffer_add_times(out, " ", first);
    while (length) {
        size_t word = 0, start = first, columns;

        while (word < length && text[word] != ' ')
            word++;
        columns = utf8_columns(text, word);
        if (column && column + 1 + columns > width) {
            buffer_add(out, "\n");
            buffer_add_times(out, " ", indent);
            start = indent;
            column = 0;
        } else if (column) {
            buffer_add(out, " ");
        }
        column = column ? column + 1 + columns : start + columns;
        buffer_add_bytes(out, text, word);
        word += word < length;
        text += word;
        length -= word;
    }
    buffer_add(out, "\n");
}

void wrap_add(struct buffer *out, const char *text, size_t length, size_t first, size_t indent)
{
    wrap_add_width(out, text, length, first, indent, WRAP_WIDTH);
}
