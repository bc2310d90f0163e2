/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mem.h - allocation without surprises
 *
 * Every size is checked for overflow and every failure is returned: the library never exits.
 */
#ifndef VTOPO_BASE_MEM_H
#define VTOPO_BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Cleanup attribute: free() at the end of the scope.  Use steal() to hand the value over. */
static inline void mem_free_ptr(void *p)
{
    free(*(void **)p);
}
#define autofree __attribute__((cleanup(mem_free_ptr)))

/* Take a pointer out of a variable and leave NULL behind. */
static inline void *mem_steal_ptr(void *p)
{
    void *value = *(void **)p;

    *(void **)p = NULL;
    return value;
}
#define steal(var) ((__typeof__(var))mem_steal_ptr(&(var)))

/*
 * Make room for one more element at the end of a growing array.  @items is the address of the array
 * pointer, @count the elements in use, @cap the elements there is room for.  New room is zeroed.
 * Returns false when out of memory; the array is then unchanged.
 */
bool mem_grow(void *items, size_t count, size_t *cap, size_t size);

/* The address of a new, zeroed last element of VEC (a struct with items, count, cap), or NULL. */
#define vec_add(vec)                                                                               \
    (mem_grow(&(vec)->items, (vec)->count, &(vec)->cap, sizeof(*(vec)->items))                     \
         ? &(vec)->items[(vec)->count++]                                                           \
         : NULL)

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count, cap;                                                                         \
    }

/* A new string made like printf() does, or NULL when out of memory. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *format, va_list ap) __attribute__((format(printf, 1, 0)));

#endif
