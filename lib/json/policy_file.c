/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_file.c - read a policy file
 *
 * Takes:  JSON as schemas/policy.schema.json describes it.
 * Gives:  struct vtopo_policy: the built-in policy with what the file says put over it.
 * Rule:   a typing mistake must not change a guest in silence: unknown keys, wrong types, doubled
 *         keys and devices, and numbers out of range are errors with the file and the line.
 * Not here: the keys (model/policy_keys.def), command line options, which win over the file (cmd).
 */
#include "vtopo/policy.h"

#include "base/error.h"
#include "base/readfile.h"
#include "model/policy_key.h"
#include "json/load.h"
#include "json/locate.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define POLICY_MAX (1024u * 1024u)
#define PATH_MAX_DEPTH 3

/* Where the reader stands: places from the outermost object down, for the line of an error. */
struct reader {
    const char *name, *text;
    size_t length;
    size_t path[PATH_MAX_DEPTH], depth;
    struct vtopo_policy *policy;
    struct policy_device *device; /* the entry of "devices" being read */
    struct vtopo_error **reterr;
};

#define complain(reader, format, ...)                                                              \
    error_set((reader)->reterr, VTOPO_ERR_FILE, "%s:%zu: " format, (reader)->name,                 \
              json_line_of((reader)->text, (reader)->length, (reader)->path, (reader)->depth),     \
              __VA_ARGS__)

/* --- values --- */

static bool is_value(const struct policy_key *key, const json_t *json, int *ret_value)
{
    json_int_t number = json_integer_value(json);

    switch (key->kind) {
    case POLICY_FLAG:
        *ret_value = json_is_true(json);
        if (json_is_boolean(json))
            return true;
        break;
    case POLICY_NUMBER:
        *ret_value = (int)number;
        return json_is_integer(json) && number >= key->low && number <= key->high;
    case POLICY_WORD:
    case POLICY_VERSION:
        break;
    }
    return json_is_string(json) && policy_key_parse(key, json_string_value(json), ret_value);
}

static int read_value(struct reader *reader, const struct policy_key *key, const json_t *json,
                      int *ret_value)
{
    char rule[POLICY_RULE_SIZE];

    if (is_value(key, json, ret_value))
        return 0;
    return complain(reader, "'%s' must be %s", key->name,
                    key->kind == POLICY_FLAG ? "true or false" : policy_key_rule(key, '"', rule));
}

static int unknown_key(struct reader *reader, const char *name, const char *before,
                       const struct policy_key *keys, const char *after)
{
    char names[POLICY_NAMES_SIZE];

    return complain(reader, "unknown key '%.80s' (known: %s%s%s)", name, before,
                    policy_key_names(keys, IN_FILE, names), after);
}

/* --- objects --- */

typedef int read_member(struct reader *reader, const char *name, const json_t *value);

/* Calls @read for all keys of @object, one level below where the reader stands. */
static int read_object(struct reader *reader, const json_t *object, read_member *read)
{
    size_t level = reader->depth++;
    const char *name;
    json_t *value;

    reader->path[level] = 0;
    /* jansson goes through an object in the order of the text. */
    json_object_foreach((json_t *)object, name, value)
    {
        int code = read(reader, name, value);

        if (code)
            return code;
        reader->path[level]++;
    }
    reader->depth = level;
    return 0;
}

static int read_bdf(struct reader *reader, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text || !bdf_parse(text, &reader->device->bdf))
        return complain(reader, "'%s' must be a PCI address like \"0000:41:00.0\"", "bdf");
    reader->device->by_bdf = true;
    return 0;
}

static int read_ids(struct reader *reader, const json_t *value)
{
    struct policy_device *device = reader->device;
    const char *text = json_string_value(value);

    if (!text || !policy_parse_ids(text, &device->vendor, &device->device))
        return complain(reader, "'%s' must be vendor and device like \"10de:2235\"", "id");
    return 0;
}

static int read_device_member(struct reader *reader, const char *name, const json_t *value)
{
    const struct policy_key *key = policy_key_find(policy_device_keys, name, IN_FILE);

    if (!strcmp(name, "bdf"))
        return read_bdf(reader, value);
    if (!strcmp(name, "id"))
        return read_ids(reader, value);
    if (!key)
        return unknown_key(reader, name, "bdf, id, ", policy_device_keys, "");
    return read_value(reader, key, value, policy_device_value(reader->device, key));
}

static int check_device(struct reader *reader, const json_t *entry)
{
    const char *bdf = json_string_value(json_object_get(entry, "bdf"));
    const char *id = json_string_value(json_object_get(entry, "id"));
    char names[POLICY_NAMES_SIZE];

    if (!bdf == !id)
        return complain(reader, "a device needs 'bdf' or 'id'%s", bdf ? ", not both" : "");
    if (policy_device_is_unset(reader->device))
        return complain(reader, "device '%s' needs one of %s", bdf ? bdf : id,
                        policy_key_names(policy_device_keys, IN_FILE, names));
    return 0;
}

static int read_device(struct reader *reader, const json_t *entry)
{
    int code;

    if (!json_is_object(entry))
        return complain(reader, "a device must be an object like {\"bdf\": \"%s\"}",
                        "0000:41:00.0");
    reader->device = vec_add(&reader->policy->devices);
    if (!reader->device)
        return error_nomem(reader->reterr);
    *reader->device = policy_device_unset;
    code = read_object(reader, entry, read_device_member);
    return code ? code : check_device(reader, entry);
}

static int refuse_double(struct reader *reader, const json_t *list)
{
    const struct vtopo_policy *policy = reader->policy;
    size_t index;
    const json_t *entry;

    if (policy_find_double(policy->devices.items, policy->devices.count, &index))
        return error_nomem(reader->reterr);
    if (index == policy->devices.count)
        return 0;
    reader->path[reader->depth - 1] = index;
    entry = json_array_get(list, index);
    return complain(reader, "device '%s' is here twice",
                    json_string_value(json_object_get(
                        entry, policy->devices.items[index].by_bdf ? "bdf" : "id")));
}

static int read_devices(struct reader *reader, const char *name, const json_t *list)
{
    size_t level = reader->depth, at;
    const json_t *entry;
    int code = 0;

    if (!json_is_array(list))
        return complain(reader, "'%s' must be a list", name);
    reader->depth++;
    json_array_foreach(list, at, entry)
    {
        reader->path[level] = at;
        code = read_device(reader, entry);
        if (code)
            return code;
    }
    code = refuse_double(reader, list);
    reader->depth = level;
    return code;
}

/* [0, 1, 8] */
static bool add_numbers(const struct policy_list *list, const json_t *json, struct idset *set,
                        bool *ret_nomem)
{
    const json_t *value;
    size_t i;

    json_array_foreach(json, i, value)
    {
        json_int_t number = json_integer_value(value);

        if (!json_is_integer(value) || number < 0 || number > (json_int_t)list->high)
            return false;
        if (!idset_add(set, (size_t)number)) {
            *ret_nomem = true;
            return false;
        }
    }
    return json_is_array(json) && json_array_size(json);
}

/* The same as a text, "0-1,8". */
static int read_list(struct reader *reader, const struct policy_list *list, const json_t *json)
{
    struct idset *set = policy_list_of(reader->policy, list);
    char rule[POLICY_RULE_SIZE];
    bool nomem = false, valid;

    idset_free(set);
    if (json_is_string(json)) {
        enum idset_result result = policy_list_parse(list, json_string_value(json), set);

        valid = result == IDSET_OK;
        nomem = result == IDSET_NOMEM;
    } else {
        valid = add_numbers(list, json, set, &nomem);
    }
    if (valid)
        return 0;
    if (nomem)
        return error_nomem(reader->reterr);
    return complain(reader, "'%s' must be a list of numbers, or a text of %s", list->name,
                    policy_list_rule(list, rule));
}

static int read_policy_member(struct reader *reader, const char *name, const json_t *value)
{
    const struct policy_key *key = policy_key_find(policy_keys, name, IN_FILE);
    const struct policy_list *list = policy_list_find(name, IN_FILE);
    int number = 0, code;

    /* Where the schema is: for editors. */
    if (!strcmp(name, "$schema"))
        return json_is_string(value) ? 0 : complain(reader, "'%s' must be a string", name);
    if (!strcmp(name, "devices"))
        return read_devices(reader, name, value);
    if (list)
        return read_list(reader, list, value);
    if (!key)
        return unknown_key(reader, name, "", policy_keys, ", devices");
    code = read_value(reader, key, value, &number);
    if (!code)
        policy_set(reader->policy, key, number);
    return code;
}

static int load(const struct reader *reader, json_t **ret_json)
{
    json_error_t error;
    bool no_memory;

    *ret_json = load_json(reader->text, reader->length, &no_memory, &error);
    if (*ret_json)
        return 0;
    if (no_memory)
        return error_nomem(reader->reterr);
    return error_set(reader->reterr, VTOPO_ERR_FILE, "%s:%d: %s", reader->name, error.line,
                     error.text);
}

static int read_policy(struct reader *reader)
{
    json_t *json = NULL;
    int code = load(reader, &json);

    if (code)
        return code;
    if (!json_is_object(json))
        code = complain(reader, "a policy must be an object like %s", "{\"mirror\": \"switch\"}");
    else
        code = read_object(reader, json, read_policy_member);
    json_decref(json);
    return code;
}

int vtopo_policy_read(const char *path, struct vtopo_policy **ret_policy,
                      struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length = 0;
    int code = read_file(path, POLICY_MAX, VTOPO_ERR_FILE, &text, &length, reterr);

    return code ? code : vtopo_policy_parse(text, length, path, ret_policy, reterr);
}

int vtopo_policy_read_over(const char *path, struct vtopo_policy *policy,
                           struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    struct reader reader = {.name = path, .policy = policy, .reterr = reterr};
    int code = read_file(path, POLICY_MAX, VTOPO_ERR_FILE, &text, &reader.length, reterr);

    reader.text = text;
    return code ? code : read_policy(&reader);
}

int vtopo_policy_parse(const char *text, size_t length, const char *name,
                       struct vtopo_policy **ret_policy, struct vtopo_error **reterr)
{
    struct reader reader = {.name = name, .text = text, .length = length, .reterr = reterr};
    int code;

    if (length > POLICY_MAX)
        return error_set(reterr, VTOPO_ERR_FILE, "%s is larger than %u bytes", name, POLICY_MAX);
    code = vtopo_policy_new(&reader.policy, reterr);
    if (code)
        return code;
    code = read_policy(&reader);
    if (code) {
        vtopo_policy_free(reader.policy);
        return code;
    }
    *ret_policy = reader.policy;
    return 0;
}
