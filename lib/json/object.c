/* SPDX-License-Identifier: GPL-2.0-or-later */
/* object.c - see object.h */
#include "json/object.h"

#include "base/mem.h"
#include "model/host_emulator.h"
#include "model/version_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* @keys: the ones that the format knows, NULL last. */
int object_open(const struct json_source *source, const json_t *json, const char *where,
                const char *const *keys, struct object *ret)
{
    const char *key;
    json_t *value;

    *ret = (struct object){.source = source, .json = json};
    snprintf(ret->where, sizeof(ret->where), "%s", where);
    if (!json_is_object(json))
        return error_set(source->reterr, VTOPO_ERR_HOST, "%s: %s: must be an object", source->name,
                         where);
    /* jansson's loop over objects wants a pointer that is not const, though it changes nothing. */
    json_object_foreach((json_t *)json, key, value)
    {
        size_t i = 0;

        while (keys[i] && strcmp(keys[i], key))
            i++;
        if (!keys[i])
            return object_wrong(ret, key, "%s", "unknown key");
    }
    return 0;
}

/* NULL and no error: not there. */
int object_get_string(const struct object *object, const char *key, const char **ret_text)
{
    const json_t *value = json_object_get(object->json, key);

    *ret_text = json_string_value(value);
    return value && !*ret_text ? object_wrong(object, key, "%s", "must be a string") : 0;
}

int object_need_string(const struct object *object, const char *key, const char **ret_text)
{
    int code = object_get_string(object, key, ret_text);

    return code || *ret_text ? code : object_wrong(object, key, "%s", "is missing");
}

/* Absent leaves *ret_number as it is. */
int object_get_int(const struct object *object, const char *key, json_int_t min, json_int_t max,
                   json_int_t *ret_number)
{
    const json_t *value = json_object_get(object->json, key);

    if (!value)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max)
        return object_wrong(object, key, "must be a whole number from %" PRId64 " to %" PRId64,
                            (int64_t)min, (int64_t)max);
    *ret_number = json_integer_value(value);
    return 0;
}

int object_get_bool(const struct object *object, const char *key, bool *ret_value)
{
    const json_t *value = json_object_get(object->json, key);

    if (!value)
        return 0;
    if (!json_is_boolean(value))
        return object_wrong(object, key, "%s", "is neither true nor false");
    *ret_value = json_is_true(value);
    return 0;
}

int object_get_version(const struct object *object, const char *key, unsigned *ret_version)
{
    const char *text;
    int code = object_get_string(object, key, &text);

    if (!code && text && !version_parse(text, ret_version))
        code = object_wrong(object, key, "'%.40s' is not a version like '9.0.0'", text);
    return code;
}

int object_need_path(const struct object *object, const char *key, char **ret_path)
{
    const char *path;
    int code = object_need_string(object, key, &path);

    if (!code && !emulator_is_path(path))
        code = object_wrong(object, key, "'%.40s' is not the absolute path of a file", path);
    if (code)
        return code;
    *ret_path = strdup(path);
    return *ret_path ? 0 : error_nomem(object->source->reterr);
}

int object_get_unsigned(const struct object *object, const char *key, unsigned max,
                        unsigned *ret_number)
{
    json_int_t number = *ret_number;
    int code = object_get_int(object, key, 0, max, &number);

    *ret_number = (unsigned)number;
    return code;
}

/* "0x10de": exactly @digits of them.  Absent: 0. */
int object_get_hex(const struct object *object, const char *key, size_t digits,
                   uint32_t *ret_number)
{
    const char *text;
    int code = object_get_string(object, key, &text);

    *ret_number = 0;
    if (code || !text)
        return code;
    if (strncmp(text, "0x", 2) || strlen(text) != digits + 2 ||
        strspn(text + 2, "0123456789abcdefABCDEF") != digits)
        return object_wrong(object, key, "'%.40s' is not 0x and %zu hexadecimal digits", text,
                            digits);
    *ret_number = (uint32_t)strtoul(text, NULL, 16);
    return 0;
}

int object_need_hex(const struct object *object, const char *key, size_t digits,
                    uint32_t *ret_number)
{
    const char *text;
    int code = object_need_string(object, key, &text);

    return code ? code : object_get_hex(object, key, digits, ret_number);
}

int object_get_hex16(const struct object *object, const char *key, uint16_t *ret_number)
{
    uint32_t number;
    int code = object_get_hex(object, key, 4, &number);

    *ret_number = (uint16_t)number;
    return code;
}

/* *ret_found tells whether it is there. */
int object_get_bdf(const struct object *object, const char *key, struct bdf *ret_bdf,
                   bool *ret_found)
{
    const char *text;
    int code = object_get_string(object, key, &text);

    *ret_found = text;
    if (!code && text && !bdf_parse(text, ret_bdf))
        code = object_wrong(object, key, "'%.40s' is not a PCI address", text);
    return code;
}

int object_need_bdf(const struct object *object, const char *key, struct bdf *ret_bdf)
{
    bool found;
    int code = object_get_bdf(object, key, ret_bdf, &found);

    return code || found ? code : object_wrong(object, key, "%s", "is missing");
}

/* Names that the kernel gives: printable ASCII without "/", up to 64 characters. */
int object_get_name(const struct object *object, const char *key, bool blanks, char **ret_name)
{
    const char *text;
    int code = object_get_string(object, key, &text);
    size_t good = 0;

    if (code || !text)
        return code;
    while ((text[good] > ' ' && text[good] < 0x7f && text[good] != '/') ||
           (blanks && text[good] && strchr(" /", text[good])))
        good++;
    if (!good || text[good] || good > 64 || !strcmp(text, ".") || !strcmp(text, ".."))
        return object_wrong(object, key, "'%.80s' is not a name", text);
    *ret_name = strdup(text);
    return *ret_name ? 0 : error_nomem(object->source->reterr);
}

int object_need_set(const struct object *object, const char *key, struct idset *ret_set)
{
    const char *text;
    int code = object_need_string(object, key, &text);

    if (code)
        return code;
    switch (idset_parse(text, ret_set)) {
    case IDSET_OK:
        return 0;
    case IDSET_NOMEM:
        return error_nomem(object->source->reterr);
    default:
        return object_wrong(object, key, "'%.80s' is not a list of numbers", text);
    }
}
