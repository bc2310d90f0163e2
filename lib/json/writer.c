/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writer.c - see writer.h */
#include "json/writer.h"

#include "base/utf8.h"

/* The code point of a character of two or three bytes: no control character has more. */
static unsigned code_of(const char *at, size_t length)
{
    const unsigned char *c = (const unsigned char *)at;

    if (length == 1)
        return *c;
    if (length == 2)
        return (*c & 0x1fU) << 6 | (c[1] & 0x3fU);
    return (*c & 0x0fU) << 12 | (c[1] & 0x3fU) << 6 | (c[2] & 0x3fU);
}

static void add_escaped(struct buffer *out, const char *at, size_t length)
{
    if (*at == '"' || *at == '\\')
        buffer_printf(out, "\\%c", *at);
    else if (*at == '\n')
        buffer_add(out, "\\n");
    else
        buffer_printf(out, "\\u%04x", code_of(at, length));
}

/* Whoever looks at JSON with a terminal is to see what is in it, not what that does. */
static bool needs_escape(const char *at)
{
    return *at == '"' || *at == '\\' || utf8_is_control(at);
}

/* In spans: most texts have nothing that needs an escape. */
void json_add_string(struct buffer *out, const char *text)
{
    const char *start = text;

    buffer_add_bytes(out, "\"", 1);
    while (*text) {
        size_t length =
            *text >= '0' && *text <= 'z' && *text != '\\' ? 1 : utf8_length(text, SIZE_MAX);

        if (length && needs_escape(text)) {
            buffer_add_bytes(out, start, (size_t)(text - start));
            add_escaped(out, text, length);
            start = text + length;
        }
        text += length ? length : 1;
    }
    buffer_add_bytes(out, start, (size_t)(text - start));
    buffer_add_bytes(out, "\"", 1);
}

/* As json_add_string(), of a writer that is to write ASCII. */
static void add_ascii(struct buffer *out, const char *text)
{
    buffer_add_bytes(out, "\"", 1);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c == 0x7f)
            buffer_printf(out, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            buffer_printf(out, "\\%c", c);
        else
            buffer_add_bytes(out, c < 0x7f ? text : "?", 1);
    }
    buffer_add_bytes(out, "\"", 1);
}

static void start_line(struct json_writer *writer, unsigned level)
{
    if (writer->depth)
        buffer_add_bytes(&writer->out, "\n", 1);
    buffer_add_times(&writer->out, "  ", level);
}

/* With JSON_ITEMS: the keys of the outermost object, and objects in lists, have lines. */
static void start_item(struct json_writer *writer, bool object)
{
    if (writer->depth <= 1)
        start_line(writer, writer->depth);
    else if (object)
        start_line(writer, writer->objects + 1);
    else if (writer->filled)
        buffer_add_bytes(&writer->out, " ", 1);
}

/* @item: an object in a list. */
static void start_value(struct json_writer *writer, const char *key, bool item)
{
    if (writer->filled)
        buffer_add_bytes(&writer->out, ",", 1);
    if (writer->layout == JSON_ITEMS)
        start_item(writer, item);
    else
        start_line(writer, writer->depth);
    writer->filled = true;
    if (!key)
        return;
    json_add_string(&writer->out, key);
    buffer_add_bytes(&writer->out, ": ", 2);
}

void json_open(struct json_writer *writer, const char *key, char bracket)
{
    start_value(writer, key, !key && bracket == '{');
    buffer_add_bytes(&writer->out, &bracket, 1);
    writer->depth++;
    writer->objects += bracket == '{';
    writer->filled = false;
}

void json_close(struct json_writer *writer, char bracket)
{
    bool items = writer->layout == JSON_ITEMS;
    bool line = items ? writer->depth <= 2 : writer->filled;

    writer->depth--;
    writer->objects -= bracket == '}';
    if (line && !writer->depth)
        buffer_add_bytes(&writer->out, "\n", 1);
    if (line)
        start_line(writer, writer->depth);
    buffer_add_bytes(&writer->out, &bracket, 1);
    writer->filled = true;
    if (!writer->depth)
        buffer_add_bytes(&writer->out, "\n", 1);
}

void json_text(struct json_writer *writer, const char *key, const char *text)
{
    if (!text) {
        json_nothing(writer, key);
        return;
    }
    start_value(writer, key, false);
    if (writer->ascii)
        add_ascii(&writer->out, text);
    else
        json_add_string(&writer->out, text);
}

void json_number(struct json_writer *writer, const char *key, uint64_t number)
{
    start_value(writer, key, false);
    buffer_add_number(&writer->out, number);
}

void json_number_or_null(struct json_writer *writer, const char *key, int number)
{
    if (number < 0)
        json_nothing(writer, key);
    else
        json_number(writer, key, (uint64_t)number);
}

void json_fraction(struct json_writer *writer, const char *key, uint64_t count, unsigned per)
{
    unsigned rest = (unsigned)(count % per * 10000 / per), digits = 4;

    start_value(writer, key, false);
    buffer_add_number(&writer->out, count / per);
    while (rest && rest % 10 == 0) {
        rest /= 10;
        digits--;
    }
    if (rest)
        buffer_printf(&writer->out, ".%0*u", (int)digits, rest);
}

void json_flag(struct json_writer *writer, const char *key, bool flag)
{
    start_value(writer, key, false);
    buffer_add(&writer->out, flag ? "true" : "false");
}

void json_nothing(struct json_writer *writer, const char *key)
{
    start_value(writer, key, false);
    buffer_add(&writer->out, "null");
}
