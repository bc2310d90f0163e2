/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buffer.h - a text that grows
 *
 * Failures are remembered, so that a caller need look only once, when it takes the text.
 */
#ifndef VTOPO_BASE_BUFFER_H
#define VTOPO_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *text; /* NULL, or NUL-terminated */
    size_t length, size;
    bool failed; /* out of memory: nothing is added any more */
};

void buffer_add_bytes(struct buffer *buffer, const char *bytes, size_t length);
void buffer_add(struct buffer *buffer, const char *text);
void buffer_add_times(struct buffer *buffer, const char *text, size_t times);
void buffer_add_number(struct buffer *buffer, uint64_t number); /* decimal */
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A line feed in place of the blanks at the end. */
void buffer_end_line(struct buffer *buffer);
/* Blanks up to @width columns from @start, where that many ASCII bytes are not there yet. */
void buffer_pad(struct buffer *buffer, size_t start, size_t width);

/* The text, the caller's to free(), "" if nothing was added; NULL: out of memory.  Empties @buffer.
 */
char *buffer_steal(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);

/* Cleanup attribute for a buffer on the stack. */
#define autobuffer __attribute__((cleanup(buffer_clear)))

#endif
