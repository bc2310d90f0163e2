/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writer.h - write JSON value by value, two blanks a level
 *
 * jansson is not asked to write: short of memory its json_dumps() can leave out pieces and call it
 * success.  Here a failure stays in the buffer.
 */
#ifndef VTOPO_JSON_WRITER_H
#define VTOPO_JSON_WRITER_H

#include "base/buffer.h"

#include <stdint.h>

/*
 * A string with its quotes, UTF-8; for those who lay their text out themselves.  Control
 * characters, as utf8_is_control() has them, are escaped.
 */
void json_add_string(struct buffer *out, const char *text);

enum json_layout {
    JSON_VALUES, /* a line for each value */
    JSON_ITEMS,  /* a line for each object of a list, for those who look through them by eye */
};

struct json_writer {
    struct buffer out;
    enum json_layout layout;
    bool ascii;              /* bytes that are not ASCII are written as "?" */
    unsigned depth, objects; /* open ones; those of them that are objects */
    bool filled;             /* the innermost object or list has something in it */
};

/* All take the key of the value, NULL in a list and for the outermost value.  Texts are UTF-8. */
void json_open(struct json_writer *writer, const char *key, char bracket);     /* '{' or '[' */
void json_close(struct json_writer *writer, char bracket);                     /* '}' or ']' */
void json_text(struct json_writer *writer, const char *key, const char *text); /* NULL: null */
void json_number(struct json_writer *writer, const char *key, uint64_t number);
/* @count times 1/@per: at most four decimals, those that are zero left out. */
void json_fraction(struct json_writer *writer, const char *key, uint64_t count, unsigned per);
/* Below 0: null. */
void json_number_or_null(struct json_writer *writer, const char *key, int number);
void json_flag(struct json_writer *writer, const char *key, bool flag);
void json_nothing(struct json_writer *writer, const char *key); /* null */

#endif
