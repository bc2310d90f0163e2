/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load.c - see load.h
 *
 * jansson names the lack of memory in some places only: its lexer calls a string that it has no
 * room for a syntax error (2.14, src/load.c, lex_scan_string()), and json_object() that fails
 * leaves the problem empty.  malloc() sets errno, and after that jansson only gives back what it
 * has.
 */
#include "json/load.h"

#include <errno.h>

static json_t *load(const char *text, size_t length, size_t flags, bool *ret_no_memory,
                    json_error_t *ret_problem)
{
    json_t *json;

    errno = 0;
    json = json_loadb(text, length, JSON_REJECT_DUPLICATES | flags, ret_problem);
    *ret_no_memory = !json && (errno == ENOMEM || !*ret_problem->text ||
                               json_error_code(ret_problem) == json_error_out_of_memory);
    return json;
}

json_t *load_json(const char *text, size_t length, bool *ret_no_memory, json_error_t *ret_problem)
{
    return load(text, length, 0, ret_no_memory, ret_problem);
}

json_t *load_json_with_nul(const char *text, size_t length, bool *ret_no_memory,
                           json_error_t *ret_problem)
{
    return load(text, length, JSON_ALLOW_NUL, ret_no_memory, ret_problem);
}
