/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locate.c - see locate.h
 *
 * Rule:   never reads beyond @length, whatever the text is; no recursion, so depth costs nothing.
 */
#include "json/locate.h"

#include <stdbool.h>
#include <string.h>

struct cursor {
    const char *at, *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && is_blank(*c->at))
        c->at++;
}

static void skip_string(struct cursor *c)
{
    for (c->at++; c->at < c->end && *c->at != '"'; c->at++) {
        if (*c->at == '\\')
            c->at++;
    }
    c->at = c->at < c->end ? c->at + 1 : c->end;
}

/* Steps over one value with everything in it, up to the comma or bracket that ends it. */
static void skip_value(struct cursor *c)
{
    size_t depth = 0;

    while (c->at < c->end) {
        if (*c->at == '"') {
            skip_string(c);
            continue;
        }
        if (*c->at == '{' || *c->at == '[')
            depth++;
        else if (depth && (*c->at == '}' || *c->at == ']'))
            depth--;
        else if (!depth && strchr(",}]", *c->at))
            return;
        c->at++;
    }
}

/* From a key to its value. */
static void skip_key(struct cursor *c)
{
    skip_string(c);
    skip_blanks(c);
    if (c->at < c->end && *c->at == ':')
        c->at++;
    skip_blanks(c);
}

/* From the opening bracket to the member at @place; false: there are not that many. */
static bool enter(struct cursor *c, size_t place, bool *ret_object)
{
    *ret_object = c->at < c->end && *c->at == '{';
    if (c->at >= c->end || !strchr("{[", *c->at))
        return false;
    do {
        c->at++;
        skip_blanks(c);
        if (!place--)
            return true;
        skip_value(c); /* of an object: "key", the colon and the value */
    } while (c->at < c->end && *c->at == ',');
    return false;
}

size_t json_line_of(const char *text, size_t length, const size_t *path, size_t depth)
{
    struct cursor c = {text, text + length};
    size_t line = 1;
    bool object;

    skip_blanks(&c);
    for (size_t i = 0; i < depth && enter(&c, path[i], &object); i++) {
        if (object && i + 1 < depth)
            skip_key(&c);
    }
    for (const char *p = text; p < c.at && p < c.end; p++)
        line += *p == '\n';
    return line;
}
