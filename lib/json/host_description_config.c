/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_config.c - config space of the functions of a host description
 *
 * Takes:  {"0000:41:00.0": {"size": 256, "000": "de10b020...", ...}, ...}: rows of 32 bytes by
 *         their offset; what has no row is zero.
 * Gives:  config and config_size of functions.
 */
#include "json/host_reader.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

#define CONFIG_MAX 4096
#define CONFIG_ROW 32

/* A row of config space: its key is the offset, a multiple of 32. */
static int read_config_row(const struct object *object, const char *key, const json_t *value,
                           struct host_function *function)
{
    const char *text = json_string_value(value);
    size_t length = text ? strlen(text) : 0;
    size_t offset = strtoul(key, NULL, 16);

    if (strlen(key) != 3 || strspn(key, "0123456789abcdef") != 3 || offset % CONFIG_ROW)
        return object_wrong(object, key, "%s", "unknown key");
    if (!text || length % 2 || length > 2 * CONFIG_ROW ||
        strspn(text, "0123456789abcdefABCDEF") != length ||
        offset + length / 2 > function->config_size)
        return object_wrong(object, key,
                            "must be hexadecimal digits of at most %d bytes inside of the size",
                            CONFIG_ROW);
    for (size_t i = 0; i < length / 2; i++)
        function->config[offset + i] =
            (unsigned char)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    return 0;
}

static int read_config(struct object *object, struct host_function *function)
{
    json_int_t size = 0;
    const char *key;
    json_t *value;
    int code = object_get_int(object, "size", 1, CONFIG_MAX, &size);

    if (!code && !size)
        code = object_wrong(object, "size", "%s", "is missing");
    if (code)
        return code;
    function->config = calloc(1, (size_t)size);
    if (!function->config)
        return error_nomem(object->source->reterr);
    function->config_size = (size_t)size;
    json_object_foreach((json_t *)object->json, key, value)
    {
        if (!strcmp(key, "size"))
            continue;
        code = read_config_row(object, key, value, function);
        if (code)
            break;
    }
    return code;
}

int host_read_configs(struct host_reader *reader, const json_t *json)
{
    const json_t *configs = json_object_get(json, "config");
    const char *key;
    json_t *value;
    struct bdf bdf;

    if (configs && !json_is_object(configs))
        return error_set(reader->source.reterr, VTOPO_ERR_HOST, "%s: config: must be an object",
                         reader->source.name);
    json_object_foreach((json_t *)configs, key, value)
    {
        struct object object = {.source = &reader->source, .json = value};
        size_t at = bdf_parse(key, &bdf) ? host_find(reader->host, &bdf) : HOST_NONE;
        int code;

        snprintf(object.where, sizeof(object.where), "config['%.40s']", key);
        if (at == HOST_NONE || reader->host->functions.items[at].config)
            return error_set(reader->source.reterr, VTOPO_ERR_HOST,
                             "%s: %s: is not the address of one of the functions, each once",
                             reader->source.name, object.where);
        if (!json_is_object(value))
            return error_set(reader->source.reterr, VTOPO_ERR_HOST, "%s: %s: must be an object",
                             reader->source.name, object.where);
        code = read_config(&object, &reader->host->functions.items[at]);
        if (code)
            return code;
    }
    return 0;
}
