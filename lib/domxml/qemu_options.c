/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu_options.c - see qemu_options.h */
#include "domxml/qemu_options.h"

#include "domxml/node.h"

#include <string.h>

static bool add_option(struct qemu_options *options, const char *name, const char *value,
                       bool number)
{
    struct qemu_option *option = vec_add(&options->all);

    if (!option)
        return false;
    *option = (struct qemu_option){name, value, number};
    return true;
}

/* --- name=value,... --- */

/* The value at *@at up to a comma that is not doubled, unescaped in its place. */
static char *cut_value(char **at)
{
    char *value = *at, *to = value, *from = value;

    while (*from) {
        if (*from == ',' && *++from != ',')
            break;
        *to++ = *from++;
    }
    *at = from;
    *to = '\0';
    return value;
}

/* @flag: a name without "=". */
static bool add_flag(struct qemu_options *options, char *flag)
{
    bool off = !strncmp(flag, "no", 2);

    return add_option(options, off ? flag + 2 : flag, off ? "off" : "on", false);
}

/* The text before @at ends where its value begins, so a doubled comma only ever makes it shorter.
 */
static bool parse_list(struct qemu_options *options, const char *implied)
{
    char *at = options->text;

    for (bool first = true; *at; first = false) {
        size_t length = strcspn(at, "=,");
        char *name = at;
        bool ok;

        if (at[length] == '=') {
            at += length + 1;
            name[length] = '\0';
            ok = add_option(options, name, cut_value(&at), false);
        } else if (first && implied) {
            ok = add_option(options, implied, cut_value(&at), false);
        } else {
            at += length + (at[length] == ',');
            name[length] = '\0';
            ok = add_flag(options, name);
        }
        if (!ok)
            return false;
    }
    return true;
}

/* --- JSON --- */

#define NESTED_MAX 1024 /* QEMU: MAX_NESTING */

/* What is read; .at is in the text of the options. */
struct json {
    char *at;
    bool wrong;
};

static void skip_blanks(struct json *json)
{
    json->at += strspn(json->at, " \t\r\n");
}

static bool skip_sign(struct json *json, char sign)
{
    skip_blanks(json);
    if (*json->at != sign)
        return false;
    json->at++;
    return true;
}

/* Four digits; above what is a character: there are none. */
static uint32_t hex_of(const char *text)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
        size_t place = digit ? (size_t)(digit - digits) : 0;

        if (!digit)
            return UINT32_MAX;
        value = value << 4 | (uint32_t)(place < 16 ? place : place - 6);
    }
    return value;
}

/* As UTF-8.  Characters beyond 16 bits are in no name that counts: their halves are written. */
static char *put_character(char *to, uint32_t c)
{
    if (c >= 0x800) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    } else if (c >= 0x80) {
        *to++ = (char)(0xc0 | c >> 6);
    }
    *to++ = (char)(c < 0x80 ? c : (0x80 | (c & 0x3f)));
    return to;
}

/* What is behind a backslash. */
static char *put_escape(struct json *json, char *to)
{
    static const char escapes[] = "bfnrt\"\\/'", meant[] = "\b\f\n\r\t\"\\/'";
    const char *escape = *json->at ? strchr(escapes, *json->at) : NULL;
    uint32_t c = *json->at == 'u' ? hex_of(json->at + 1) : UINT32_MAX;

    if (escape) {
        json->at++;
        *to++ = meant[escape - escapes];
    } else if (c && c != UINT32_MAX) {
        json->at += 5;
        to = put_character(to, c);
    } else {
        json->wrong = true;
    }
    return to;
}

/* In double or single quotes; unescaped in its place. */
static char *read_string(struct json *json)
{
    char quote = *json->at, *text = json->at + 1, *to = text;

    if (quote != '"' && quote != '\'') {
        json->wrong = true;
        return NULL;
    }
    for (json->at++; *json->at != quote && !json->wrong;) {
        if (!*json->at) {
            json->wrong = true;
        } else if (*json->at == '\\') {
            json->at++;
            to = put_escape(json, to);
        } else {
            *to++ = *json->at++;
        }
    }
    if (json->wrong)
        return NULL;
    json->at++;
    *to = '\0';
    return text;
}

/* A list or an object in an object: no device that counts has one. */
static void skip_nested(struct json *json)
{
    unsigned depth = 0;

    do {
        if (*json->at == '{' || *json->at == '[')
            depth++;
        if (*json->at == '}' || *json->at == ']')
            depth--;
        if (*json->at == '"' || *json->at == '\'')
            read_string(json);
        else if (*json->at)
            json->at++;
        else
            json->wrong = true;
        json->wrong = json->wrong || depth > NESTED_MAX;
    } while (depth && !json->wrong);
}

/* A number, true or false: what ends it is overwritten later (end_numbers()). */
static bool read_word(struct json *json, struct qemu_options *options, const char *name)
{
    const char *word = json->at;

    json->at += strcspn(word, " \t\r\n,}]\"'{[:");
    json->wrong = json->at == word || !*json->at;
    if (!strncmp(word, "true", 4))
        return add_option(options, name, "on", false);
    if (!strncmp(word, "false", 5))
        return add_option(options, name, "off", false);
    return add_option(options, name, word, true);
}

/* False: out of memory. */
static bool read_value(struct json *json, struct qemu_options *options, const char *name)
{
    if (*json->at == '"' || *json->at == '\'') {
        const char *value = read_string(json);

        return !value || add_option(options, name, value, false);
    }
    if (*json->at != '{' && *json->at != '[')
        return read_word(json, options, name);
    skip_nested(json);
    return true;
}

/* Numbers end where something else begins, which is overwritten when all of it was read. */
static void end_numbers(struct qemu_options *options)
{
    for (size_t i = 0; i < options->all.count; i++) {
        char *number = options->text + (options->all.items[i].value - options->text);

        if (options->all.items[i].number)
            number[strspn(number, "+-.0123456789eE")] = '\0';
    }
}

/* False: out of memory. */
static bool parse_object(struct qemu_options *options)
{
    struct json json = {.at = options->text};
    bool ok = true, more = true;

    skip_sign(&json, '{');
    if (skip_sign(&json, '}'))
        more = false;
    while (ok && more && !json.wrong) {
        char *name;

        skip_blanks(&json);
        name = read_string(&json);
        json.wrong = json.wrong || !skip_sign(&json, ':');
        skip_blanks(&json);
        if (!json.wrong)
            ok = read_value(&json, options, name);
        more = !json.wrong && skip_sign(&json, ',');
        json.wrong = json.wrong || (!more && !skip_sign(&json, '}'));
    }
    skip_blanks(&json);
    if (json.wrong || *json.at)
        options->all.count = 0;
    end_numbers(options);
    return ok;
}

/* --- */

bool qemu_options_parse(const char *text, const char *implied, struct qemu_options *ret)
{
    bool ok;

    *ret = (struct qemu_options){.text = strdup(text)};
    if (!ret->text)
        return false;
    ok = *text == '{' ? parse_object(ret) : parse_list(ret, implied);
    if (!ok)
        qemu_options_clear(ret);
    return ok;
}

const struct qemu_option *qemu_options_find(const struct qemu_options *options, const char *name)
{
    for (size_t i = options->all.count; i-- > 0;) {
        if (!strcmp(options->all.items[i].name, name))
            return &options->all.items[i];
    }
    return NULL;
}

const char *qemu_options_value(const struct qemu_options *options, const char *name)
{
    const struct qemu_option *option = qemu_options_find(options, name);

    return option ? option->value : NULL;
}

int qemu_options_number(const struct qemu_options *options, const char *name, unsigned max)
{
    const char *text = qemu_options_value(options, name);
    uint64_t value;

    return text && libvirt_number(text, 0, max, &value) ? (int)value : -1;
}

void qemu_options_clear(struct qemu_options *options)
{
    free(options->text);
    free(options->all.items);
    *options = (struct qemu_options){0};
}
