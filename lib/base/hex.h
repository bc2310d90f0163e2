/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hex.h - hexadecimal digits
 */
#ifndef VTOPO_BASE_HEX_H
#define VTOPO_BASE_HEX_H

/* 0 to 15, -1: no such digit.  Inline: it is in the loops of readers. */
static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

#endif
