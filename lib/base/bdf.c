/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bdf.c - see bdf.h */
#include "base/bdf.h"

#include "base/hex.h"

#include <string.h>

int bdf_compare(const struct bdf *a, const struct bdf *b)
{
    return (bdf_key(a) > bdf_key(b)) - (bdf_key(a) < bdf_key(b));
}

bool bdf_same_slot(const struct bdf *a, const struct bdf *b)
{
    return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot;
}

/* Writes @value with at least @digits hex digits to @at, and returns where it ends. */
static char *put_hex(char *at, uint32_t value, int digits)
{
    while (digits < 8 && value >> (4 * digits))
        digits++;
    while (digits--)
        *at++ = "0123456789abcdef"[value >> (4 * digits) & 0xf];
    return at;
}

/* By hand, not with snprintf(): large hosts have many, each written for several comparisons. */
const char *bdf_format(const struct bdf *bdf, char text[BDF_TEXT_SIZE])
{
    char *at = put_hex(text, bdf->domain, 4);

    *at++ = ':';
    at = put_hex(at, bdf->bus, 2);
    *at++ = ':';
    at = put_hex(at, bdf->slot & 0x1fU, 2);
    *at++ = '.';
    at = put_hex(at, bdf->function & 7U, 1);
    *at = '\0';
    return text;
}

/* Reads up to @digits hex digits that end with @stop, and steps over @stop (but never over a NUL).
 */
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

/* Exactly @digits of them, lower case. */
static bool read_digits(const char *text, size_t digits, uint32_t *ret_value)
{
    *ret_value = 0;
    for (; digits; digits--, text++) {
        int digit = *text <= 'F' && *text >= 'A' ? -1 : hex_digit(*text);

        if (digit < 0)
            return false;
        *ret_value = *ret_value << 4 | (uint32_t)digit;
    }
    return true;
}

bool bdf_parse_name(const char *text, size_t length, struct bdf *ret_bdf)
{
    static const char rest[] = ":41:00.0";
    size_t digits = length - strlen(rest); /* of the domain */
    uint32_t domain, bus, slot, function;
    const char *at;

    if (length < 4 + strlen(rest) || length >= BDF_TEXT_SIZE || (digits > 4 && *text == '0'))
        return false;
    at = text + digits;
    if (at[0] != ':' || at[3] != ':' || at[6] != '.' || !read_digits(text, digits, &domain) ||
        !read_digits(at + 1, 2, &bus) || !read_digits(at + 4, 2, &slot) ||
        !read_digits(at + 7, 1, &function) || slot > 31 || function > 7)
        return false;
    *ret_bdf = (struct bdf){domain, (uint8_t)bus, (uint8_t)slot, (uint8_t)function};
    return true;
}
