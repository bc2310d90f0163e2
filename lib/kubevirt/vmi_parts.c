/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmi_parts.c - see vmi_parts.h
 *
 * Takes:  the JSON of a VirtualMachineInstance.
 * Gives:  the same without what nobody here reads.
 * Rule:   a parsed VMI takes many times its length: a megabyte of managedFields takes 25, and
 *         cloud-init data is there three times. So what is passed over is not looked at more than
 *         it takes to find its end.
 * Not here: whether what is left is JSON (vmi.c).
 */
#include "kubevirt/vmi_parts.h"

#include <string.h>

struct part {
    const char *name; /* NULL: all others */
    bool kept;
    const struct part *parts; /* of it; NULL: all */
};

static const struct part metadata[] = {{"managedFields", false, NULL}, {NULL, true, NULL}};
static const struct part spec[] = {{"domain", true, NULL}, {NULL, false, NULL}};
static const struct part top[] = {
    {"metadata", true, metadata}, {"spec", true, spec}, {NULL, false, NULL}};

struct cursor {
    const char *at, *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_value(char c)
{
    return c == ',' || c == ']' || c == '}';
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && is_blank(*c->at))
        c->at++;
}

static bool is_at(struct cursor *c, char wanted)
{
    skip_blanks(c);
    return c->at < c->end && *c->at == wanted;
}

static bool skip_char(struct cursor *c, char wanted)
{
    bool there = is_at(c, wanted);

    c->at += there;
    return there;
}

/* From behind its opening quote to behind the other one. */
static bool skip_text(struct cursor *c)
{
    while (c->at < c->end && *c->at != '"')
        c->at += *c->at == '\\' && c->end - c->at > 1 ? 2 : 1;
    return skip_char(c, '"');
}

/* An object or an array, however deep. */
static bool skip_nested(struct cursor *c)
{
    size_t depth = 0;

    do {
        if (c->at == c->end)
            return false;
        switch (*c->at++) {
        case '"':
            if (!skip_text(c))
                return false;
            break;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        default:
            break;
        }
    } while (depth);
    return true;
}

/* Begins at the value. */
static bool skip_value(struct cursor *c)
{
    const char *begin = c->at;

    if (is_at(c, '{') || is_at(c, '['))
        return skip_nested(c);
    if (skip_char(c, '"'))
        return skip_text(c);
    while (c->at < c->end && !is_blank(*c->at) && !ends_value(*c->at))
        c->at++;
    return c->at > begin;
}

static const struct part *find_part(const struct part *parts, const char *name, size_t length)
{
    while (parts->name && (strlen(parts->name) != length || memcmp(parts->name, name, length) != 0))
        parts++;
    return parts;
}

static bool copy_object(struct cursor *c, const struct part *parts, struct buffer *out);

static bool copy_value(struct cursor *c, const struct part *part, struct buffer *out)
{
    const char *begin = c->at;

    if (part->parts && is_at(c, '{'))
        return copy_object(c, part->parts, out);
    if (!skip_value(c))
        return false;
    if (part->parts) /* of another type than it should be */
        buffer_add(out, "null");
    else
        buffer_add_bytes(out, begin, (size_t)(c->at - begin));
    return true;
}

/* A key and its value.  @first: is it the first one that is kept? */
static bool copy_member(struct cursor *c, const struct part *parts, struct buffer *out, bool *first)
{
    const struct part *part;
    const char *key;
    size_t length;

    if (!is_at(c, '"'))
        return false;
    key = c->at++;
    if (!skip_text(c))
        return false;
    length = (size_t)(c->at - key);
    if (memchr(key, '\\', length) || !skip_char(c, ':')) /* \u0073pec is spec, too */
        return false;
    skip_blanks(c);
    part = find_part(parts, key + 1, length - 2);
    if (!part->kept)
        return skip_value(c);
    if (!*first)
        buffer_add(out, ",");
    *first = false;
    buffer_add_bytes(out, key, length);
    buffer_add(out, ":");
    return copy_value(c, part, out);
}

static bool copy_object(struct cursor *c, const struct part *parts, struct buffer *out)
{
    bool first = true;

    if (!skip_char(c, '{'))
        return false;
    buffer_add(out, "{");
    if (!is_at(c, '}')) {
        do {
            if (!copy_member(c, parts, out, &first))
                return false;
        } while (skip_char(c, ','));
    }
    buffer_add(out, "}");
    return skip_char(c, '}');
}

bool vmi_copy_parts(const char *text, size_t length, struct buffer *parts)
{
    struct cursor c = {text, text + length};

    if (!copy_object(&c, top, parts))
        return false;
    skip_blanks(&c);
    return c.at == c.end;
}
