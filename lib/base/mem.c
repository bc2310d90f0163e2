/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem.c - see mem.h */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

bool mem_grow(void *items, size_t count, size_t *cap, size_t size)
{
    void **array = items;
    size_t wanted;
    void *grown;

    if (count < *cap)
        return true;
    if (*cap > SIZE_MAX / 2 / size)
        return false;
    wanted = *cap ? *cap * 2 : 8;
    grown = realloc(*array, wanted * size);
    if (!grown)
        return false;
    memset((char *)grown + *cap * size, 0, (wanted - *cap) * size);
    *array = grown;
    *cap = wanted;
    return true;
}

/* Most texts are shorter, and printed once only. */
#define SHORT_TEXT 256

/* vasprintf() is not in every libc, and says nothing about its argument on failure. */
char *mem_vprintf(const char *format, va_list ap)
{
    char first[SHORT_TEXT];
    va_list again;
    char *text;
    int n;

    va_copy(again, ap);
    n = vsnprintf(first, sizeof(first), format, ap);
    text = n < 0 ? NULL : malloc((size_t)n + 1);
    if (text && (size_t)n < sizeof(first))
        memcpy(text, first, (size_t)n + 1);
    else if (text)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

char *mem_printf(const char *format, ...)
{
    va_list ap;
    char *text;

    va_start(ap, format);
    text = mem_vprintf(format, ap);
    va_end(ap);
    return text;
}
