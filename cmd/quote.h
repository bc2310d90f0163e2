/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quote.h - words of others in commands that people may copy */
#ifndef VTOPO_CMD_QUOTE_H
#define VTOPO_CMD_QUOTE_H

#include <stddef.h>

/* The room that quote() needs for a word of @length bytes: each ' becomes four. */
#define QUOTED_SIZE(length) (4 * (length) + 3)

/*
 * In single quotes, as a shell reads it back; what is not for a terminal becomes "?"
 * (base/printable.h), and what has no room is left out.  Returns @text.
 */
const char *quote(const char *word, char *text, size_t size);
/* The same, without quotes where a shell needs none. */
const char *quote_if_needed(const char *word, char *text, size_t size);

#endif
