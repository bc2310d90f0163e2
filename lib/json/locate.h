/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locate.h - the line of a value in a JSON text
 *
 * jansson tells the line of a syntax error but not where a value stood, which people need to find a
 * wrong one.
 */
#ifndef VTOPO_JSON_LOCATE_H
#define VTOPO_JSON_LOCATE_H

#include <stddef.h>

/*
 * The line (1 is the first) of the value that @path leads to: path[0] is the place in the outermost
 * object or array, path[1] the place in that value and so on; 0 is the first.  In an object the
 * line is the one of the key.  Places, not names, because a name can be spelled in many ways ("a"
 * is "\u0061").
 * @text must be JSON that a parser has accepted; if the path leads nowhere, the line where the
 * search ended.
 */
size_t json_line_of(const char *text, size_t length, const size_t *path, size_t depth);

#endif
