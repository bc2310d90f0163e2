/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.c - see memory.h */
#include "memory.h"

#include "json/load.h"

#include <errno.h>
#include <execinfo.h>
#include <libxml/parser.h>
#include <pci/pci.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The names under which a replacement reaches what it replaces. */
#ifdef MEMORY_IS_SANITIZED
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *old, size_t size);
void REAL(free)(void *block);
void *REAL(memalign)(size_t alignment, size_t size);

/* Frames that tell places apart: enough for callers of callers of vec_add(). */
#define FRAMES 12

static struct {
    bool counting;
    size_t fail;
    struct memory_count count;
    size_t *places, places_size;
    bool spare_all, spare_doubling;
    unsigned spare_next;
} state;

/* The allocator's own frames are the same for all: no need to skip them. */
static size_t place_of_caller(void)
{
    void *frames[FRAMES];
    size_t hash = 5381;
    int count;

    state.counting = false; /* backtrace() may allocate */
    count = backtrace(frames, FRAMES);
    state.counting = true;
    for (int i = 0; i < count; i++)
        hash = hash * 1000003 ^ (uintptr_t)frames[i];
    return hash;
}

static bool is_spared(size_t size)
{
    if (state.spare_next) {
        state.spare_next--;
        return true;
    }
    return state.spare_all || (state.spare_doubling && size >= 32 && !(size & (size - 1)));
}

/* Counts an allocation; true: it has to fail. */
static bool fails(size_t size)
{
    size_t n;
    bool spared;

    if (!state.counting)
        return false;
    n = ++state.count.allocations;
    spared = is_spared(size);
    if (state.places && n <= state.places_size)
        state.places[n - 1] = spared ? MEMORY_SPARED : place_of_caller();
    if (!state.fail || n < state.fail || spared)
        return false;
    state.fail = 0;
    errno = ENOMEM;
    return true;
}

static void *made(void *block)
{
    state.count.kept += state.counting && block;
    return block;
}

void *malloc(size_t size)
{
    return fails(size) ? NULL : made(REAL(malloc)(size));
}

void *calloc(size_t count, size_t size)
{
    return fails(count * size) ? NULL : made(REAL(calloc)(count, size));
}

void *realloc(void *old, size_t size)
{
    void *grown = fails(size) ? NULL : REAL(realloc)(old, size);

    return old ? grown : made(grown);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(size) ? NULL : made(REAL(memalign)(alignment, size));
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
    void *block = aligned_alloc(alignment, size);

    if (!block)
        return ENOMEM;
    *ret = block;
    return 0;
}

void free(void *block)
{
    state.count.kept -= state.counting && block;
    REAL(free)(block);
}

/* AddressSanitizer's would not come back here. */
static char *copy(const char *text, size_t length)
{
    char *made_copy = malloc(length + 1);

    if (!made_copy)
        return NULL;
    memcpy(made_copy, text, length);
    made_copy[length] = '\0';
    return made_copy;
}

char *strdup(const char *text)
{
    return copy(text, strlen(text));
}

char *strndup(const char *text, size_t size)
{
    return copy(text, strnlen(text, size));
}

static void start(size_t fail, size_t *places, size_t size)
{
    state.count = (struct memory_count){0};
    state.fail = fail;
    state.places = places;
    state.places_size = size;
    state.counting = true;
}

void memory_start(size_t fail)
{
    start(fail, NULL, 0);
}

void memory_record(size_t *ret_places, size_t size)
{
    start(0, ret_places, size);
}

struct memory_count memory_stop(void)
{
    state.counting = false;
    return state.count;
}

/*
 * Libraries that cannot do without memory, which libvtopo cannot do anything about.  The linker
 * puts these in the place of the functions (--wrap).
 *
 * jansson (2.14), if the buffer of its lexer cannot grow (by doubling, from 16), drops the
 * character and goes on; it may even run into an assertion.  Its other allocations are made to
 * fail.
 */
json_t *__real_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error);

json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error)
{
    json_t *json;

    state.spare_doubling = true;
    json = __real_json_loadb(text, length, flags, error);
    state.spare_doubling = false;
    return json;
}

/* libxml2 (2.9.14) loses what it has when it cannot copy the text, which is the first that it does.
 */
#define COPYING_ALLOCATIONS 4

xmlDocPtr __real_xmlCtxtReadMemory(xmlParserCtxtPtr parser, const char *text, int length,
                                   const char *url, const char *encoding, int options);
xmlDocPtr __wrap_xmlCtxtReadMemory(xmlParserCtxtPtr parser, const char *text, int length,
                                   const char *url, const char *encoding, int options);

xmlDocPtr __wrap_xmlCtxtReadMemory(xmlParserCtxtPtr parser, const char *text, int length,
                                   const char *url, const char *encoding, int options)
{
    state.spare_next = COPYING_ALLOCATIONS;
    return __real_xmlCtxtReadMemory(parser, text, length, url, encoding, options);
}

/*
 * libpci (3.9) leaves the process in pci_alloc(), and loses an open file when it reads its list of
 * names.  Only programs that show names of devices to people use it.
 */
struct pci_access *__real_pci_alloc(void);
struct pci_access *__wrap_pci_alloc(void);

struct pci_access *__wrap_pci_alloc(void)
{
    struct pci_access *access;

    state.spare_all = true;
    access = __real_pci_alloc();
    state.spare_all = false;
    return access;
}

char *__real_pci_lookup_name(struct pci_access *access, char *text, int size, int flags, ...);
char *__wrap_pci_lookup_name(struct pci_access *access, char *text, int size, int flags, ...);

char *__wrap_pci_lookup_name(struct pci_access *access, char *text, int size, int flags, ...)
{
    va_list ap;
    int vendor, device;
    char *name;

    va_start(ap, flags);
    vendor = va_arg(ap, int);
    device = va_arg(ap, int);
    va_end(ap);
    state.spare_all = true;
    name = __real_pci_lookup_name(access, text, size, flags, vendor, device);
    state.spare_all = false;
    return name;
}
