/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem.c - see mem.h */
#include "core/mem.h"

#include <stdarg.h>
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

char *mem_printf(const char *format, ...)
{
    va_list ap;
    char *text = NULL;
    int n;

    va_start(ap, format);
    n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (n < 0)
        return NULL;
    text = malloc((size_t)n + 1);
    if (!text)
        return NULL;
    va_start(ap, format);
    vsnprintf(text, (size_t)n + 1, format, ap);
    va_end(ap);
    return text;
}
