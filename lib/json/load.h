/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load.h - parse a JSON text, and know a lack of memory from a mistake in the text
 */
#ifndef VTOPO_JSON_LOAD_H
#define VTOPO_JSON_LOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Doubled keys are mistakes.  NULL: *ret_no_memory, or else *ret_problem says what is wrong with
 * the text. */
json_t *load_json(const char *text, size_t length, bool *ret_no_memory, json_error_t *ret_problem);

/* The same, and a string may have \u0000 in it: json_string_length() knows. */
json_t *load_json_with_nul(const char *text, size_t length, bool *ret_no_memory,
                           json_error_t *ret_problem);

#endif
