/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bdf.c - see bdf.h */
#include "core/bdf.h"

#include <stdio.h>
#include <string.h>

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

int bdf_compare(const struct bdf *a, const struct bdf *b)
{
    int order = compare_numbers(a->domain, b->domain);

    if (!order)
        order = compare_numbers(a->bus, b->bus);
    if (!order)
        order = compare_numbers(a->slot, b->slot);
    if (!order)
        order = compare_numbers(a->function, b->function);
    return order;
}

bool bdf_equal(const struct bdf *a, const struct bdf *b)
{
    return bdf_compare(a, b) == 0;
}

bool bdf_same_slot(const struct bdf *a, const struct bdf *b)
{
    return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot;
}

const char *bdf_format(const struct bdf *bdf, char text[BDF_TEXT_SIZE])
{
    snprintf(text, BDF_TEXT_SIZE, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus,
             bdf->slot & 0x1fU, bdf->function & 7U);
    return text;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Reads up to @digits hex digits that end with @stop, and steps over @stop (but never over a NUL). */
static bool read_hex(const char **text, int digits, char stop, uint32_t *ret_value)
{
    uint32_t value = 0;
    int n = 0, digit;

    while (n < digits && (digit = hex_digit(**text)) >= 0) {
        value = value << 4 | (uint32_t)digit;
        (*text)++;
        n++;
    }
    if (!n || **text != stop)
        return false;
    if (stop)
        (*text)++;
    *ret_value = value;
    return true;
}

bool bdf_parse(const char *text, struct bdf *ret_bdf)
{
    uint32_t domain = 0, bus, slot, function;
    const char *first = strchr(text, ':');

    if (first && strchr(first + 1, ':') && !read_hex(&text, 8, ':', &domain))
        return false;
    if (!read_hex(&text, 2, ':', &bus) || !read_hex(&text, 2, '.', &slot) ||
        !read_hex(&text, 1, '\0', &function) || slot > 31 || function > 7)
        return false;
    *ret_bdf = (struct bdf){domain, (uint8_t)bus, (uint8_t)slot, (uint8_t)function};
    return true;
}
