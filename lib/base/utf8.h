/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf8.h - what is UTF-8 and what is not (RFC 3629, section 4)
 */
#ifndef VTOPO_BASE_UTF8_H
#define VTOPO_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many bytes the character at @at has, of @left (at least 1) that are there; 0: it is none
 * (overlong, a surrogate, cut off...).  Of a NUL-terminated text @left may be SIZE_MAX.
 */
size_t utf8_length(const char *at, size_t left);
/*
 * Can the character at @at do more to a terminal or an editor than be seen?  Control characters
 * (U+0080 to U+009F too: U+009B starts an escape sequence), line and paragraph separators, and what
 * changes the direction of text (the names of CVE-2021-42574).  It is UTF-8.
 */
bool utf8_is_control(const char *at);
/* How many bytes at the beginning of @text are UTF-8 and no NUL: all of them is @length. */
size_t utf8_span(const char *text, size_t length);
/* How many bytes of the NUL-terminated @text are at most @max and end behind a character. */
size_t utf8_cut(const char *text, size_t max);
/*
 * How many columns @length bytes of UTF-8 take on a terminal: 2 for a wide character (East Asian,
 * emoji), 0 for a combining one; what is not UTF-8 counts a column a byte.
 */
size_t utf8_columns(const char *text, size_t length);

#endif
