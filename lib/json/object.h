/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * object.h - values of a JSON object, checked, and where they are in the text
 *
 * Rule:   what is there must be right: an unknown key, a wrong type or a value out of range is an
 *         error (VTOPO_ERR_HOST) that says where it is.
 */
#ifndef VTOPO_JSON_OBJECT_H
#define VTOPO_JSON_OBJECT_H

#include "base/bdf.h"
#include "base/error.h"
#include "base/idset.h"

#include <jansson.h>
#include <stdint.h>

/* A text that is being read. */
struct json_source {
    const char *name; /* for messages */
    struct vtopo_error **reterr;
};

/* One JSON object that is being read, and where it is. */
struct object {
    const struct json_source *source;
    const json_t *json;
    char where[64]; /* "functions[3]", "config['0000:41:00.0']"; "" is the whole text */
};

/* An error about the value of @key. */
#define object_wrong(object, key, format, ...)                                                     \
    error_set((object)->source->reterr, VTOPO_ERR_HOST, "%s: %s%s%s: " format,                     \
              (object)->source->name, (object)->where, *(object)->where ? "." : "", key,           \
              __VA_ARGS__)

/* @keys: the ones that the format knows, NULL last. */
int object_open(const struct json_source *source, const json_t *json, const char *where,
                const char *const *keys, struct object *ret);

/* "get" takes a key that is not there, and then leaves the value as it is; with "need" it is an
 * error.  Of a string that is not there the text is NULL, of a number in hexadecimal digits 0. */
int object_get_string(const struct object *object, const char *key, const char **ret_text);
int object_need_string(const struct object *object, const char *key, const char **ret_text);
int object_get_int(const struct object *object, const char *key, json_int_t min, json_int_t max,
                   json_int_t *ret_number);
int object_get_unsigned(const struct object *object, const char *key, unsigned max,
                        unsigned *ret_number);
int object_get_bool(const struct object *object, const char *key, bool *ret_value);
/* "9.0.0": model/version_text.h. */
int object_get_version(const struct object *object, const char *key, unsigned *ret_version);
/* An absolute path, the caller's to free(). */
int object_need_path(const struct object *object, const char *key, char **ret_path);
/* "0x10de": exactly @digits of them. */
int object_get_hex(const struct object *object, const char *key, size_t digits,
                   uint32_t *ret_number);
int object_need_hex(const struct object *object, const char *key, size_t digits,
                    uint32_t *ret_number);
int object_get_hex16(const struct object *object, const char *key, uint16_t *ret_number);
/* *ret_found: it is there. */
int object_get_bdf(const struct object *object, const char *key, struct bdf *ret_bdf,
                   bool *ret_found);
int object_need_bdf(const struct object *object, const char *key, struct bdf *ret_bdf);
/* A name that the kernel gives: printable ASCII without "/", up to 64 characters; @blanks: with
 * blanks and "/".  The caller's to free(). */
int object_get_name(const struct object *object, const char *key, bool blanks, char **ret_name);
int object_need_set(const struct object *object, const char *key, struct idset *ret_set);

#endif
