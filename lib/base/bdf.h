/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bdf.h - the address of a PCI function: domain, bus, slot (device number), function
 */
#ifndef VTOPO_BASE_BDF_H
#define VTOPO_BASE_BDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bdf {
    uint32_t domain; /* Linux gives VMD and Hyper-V buses domains above 0xffff */
    uint8_t bus;
    uint8_t slot;     /* 0-31 */
    uint8_t function; /* 0-7 */
};

/* Longest text: "ffffffff:ff:1f.7" and the NUL. */
#define BDF_TEXT_SIZE 17

/* A number that is in the order of domain, bus, slot, function.  Inline, as the next two: they are
 * in every inner loop. */
static inline uint64_t bdf_key(const struct bdf *bdf)
{
    return (uint64_t)bdf->domain << 24 | (uint64_t)bdf->bus << 16 | (uint64_t)bdf->slot << 8 |
           bdf->function;
}

static inline bool bdf_equal(const struct bdf *a, const struct bdf *b)
{
    return bdf_key(a) == bdf_key(b);
}

/* False: all zero, which is no device's address in a guest and stands for none. */
static inline bool bdf_is_set(const struct bdf *bdf)
{
    return bdf_key(bdf) != 0;
}

/* Less than, equal to, greater than 0: the order of domain, bus, slot, function. */
int bdf_compare(const struct bdf *a, const struct bdf *b);
/* The same slot: equal but for the function. */
bool bdf_same_slot(const struct bdf *a, const struct bdf *b);

/* Writes "0000:41:00.0" to @text and returns it. */
const char *bdf_format(const struct bdf *bdf, char text[BDF_TEXT_SIZE]);

/* Reads "0000:41:00.0", or "41:00.0" in domain 0; the whole string must match. */
bool bdf_parse(const char *text, struct bdf *ret_bdf);

/*
 * Reads the @length characters that are exactly what the kernel calls a function: lower case, all
 * digits, a domain of more than four without zeros in front.
 */
bool bdf_parse_name(const char *text, size_t length, struct bdf *ret_bdf);

/* A BDF's text inside an expression; the buffer lives as long as the enclosing block. */
#define BDF_TEXT(bdf) bdf_format((bdf), (char[BDF_TEXT_SIZE]){0})

#endif
