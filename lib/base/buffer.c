/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffer.c - see buffer.h */
#include "base/buffer.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool grow(struct buffer *buffer, size_t length)
{
    size_t size = buffer->size ? buffer->size : 256;
    char *grown;

    if (buffer->failed || length > SIZE_MAX / 4 - buffer->length) {
        buffer->failed = true;
        return false;
    }
    while (size <= buffer->length + length)
        size *= 2;
    grown = realloc(buffer->text, size);
    buffer->failed = !grown;
    if (grown) {
        buffer->text = grown;
        buffer->size = size;
    }
    return grown;
}

/* Room for @length more bytes and the NUL. */
static inline bool reserve(struct buffer *buffer, size_t length)
{
    if (!buffer->failed && length < buffer->size - buffer->length)
        return true;
    return grow(buffer, length);
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
    size_t length = strlen(text);

    if (times && length > SIZE_MAX / 4 / times) {
        buffer->failed = true;
        return;
    }
    if (!reserve(buffer, length * times))
        return;
    for (; times; times--) {
        memcpy(buffer->text + buffer->length, text, length);
        buffer->length += length;
    }
    buffer->text[buffer->length] = '\0';
}

void buffer_add_number(struct buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    buffer_add_bytes(buffer, digits + at, sizeof(digits) - at);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    size_t room = buffer->size - buffer->length;
    va_list ap;
    int length;

    if (buffer->failed)
        return;
    va_start(ap, format);
    length = vsnprintf(room ? buffer->text + buffer->length : NULL, room, format, ap);
    va_end(ap);
    if (length < 0 || !reserve(buffer, (size_t)length)) {
        if (room)
            buffer->text[buffer->length] = '\0'; /* as it was */
        buffer->failed = true;
        return;
    }
    if ((size_t)length >= room) {
        va_start(ap, format);
        vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, ap);
        va_end(ap);
    }
    buffer->length += (size_t)length;
}

void buffer_end_line(struct buffer *buffer)
{
    while (buffer->length && buffer->text[buffer->length - 1] == ' ')
        buffer->length--;
    buffer_add_bytes(buffer, "\n", 1);
}

void buffer_pad(struct buffer *buffer, size_t start, size_t width)
{
    size_t used = buffer->length - start;

    buffer_add_times(buffer, " ", used < width ? width - used : 0);
}

char *buffer_steal(struct buffer *buffer)
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
