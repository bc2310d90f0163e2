/* SPDX-License-Identifier: GPL-2.0-or-later */
/* failing_alloc.c - see failing_alloc.h */
#include "failing_alloc.h"

#include <stdbool.h>

void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

static bool counting;
static size_t seen, failing;

void failing_alloc_start(size_t number)
{
    seen = 0;
    failing = number;
    counting = true;
}

size_t failing_alloc_stop(void)
{
    counting = false;
    return seen;
}

static bool fails(void)
{
    return counting && ++seen == failing;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
    return fails() ? NULL : __real_strndup(text, size);
}
