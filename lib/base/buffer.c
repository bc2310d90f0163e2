/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffer.c - see buffer.h */
#include "base/buffer.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Room for @length more bytes and the NUL. */
static bool reserve(struct buffer *buffer, size_t length)
{
    size_t size = buffer->size ? buffer->size : 256;
    char *grown;

    if (buffer->failed || length > SIZE_MAX / 4 - buffer->length) {
        buffer->failed = true;
        return false;
    }
    while (size <= buffer->length + length)
        size *= 2;
    if (size == buffer->size)
        return true;
    grown = realloc(buffer->text, size);
    buffer->failed = !grown;
    if (grown) {
        buffer->text = grown;
        buffer->size = size;
    }
    return grown;
}

void buffer_add_bytes(struct buffer *buffer, const char *bytes, size_t length)
{
    if (!reserve(buffer, length))
        return;
    memcpy(buffer->text + buffer->length, bytes, length);
    buffer->length += length;
    buffer->text[buffer->length] = '\0';
}

void buffer_add(struct buffer *buffer, const char *text)
{
    buffer_add_bytes(buffer, text, strlen(text));
}

void buffer_add_times(struct buffer *buffer, const char *text, size_t times)
{
    while (times--)
        buffer_add(buffer, text);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list ap;
    int length;

    va_start(ap, format);
    length = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (length < 0 || !reserve(buffer, (size_t)length)) {
        buffer->failed = true;
        return;
    }
    va_start(ap, format);
    vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, ap);
    va_end(ap);
    buffer->length += (size_t)length;
}

char *buffer_take(struct buffer *buffer)
{
    char *text;

    buffer_add_bytes(buffer, "", 0);
    text = buffer->failed ? NULL : steal(buffer->text);
    buffer_clear(buffer);
    return text;
}

void buffer_clear(struct buffer *buffer)
{
    free(buffer->text);
    *buffer = (struct buffer){0};
}
