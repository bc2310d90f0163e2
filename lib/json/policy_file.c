/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_file.c - read a policy file
 *
 * Takes:  JSON as schemas/policy.schema.json describes it.
 * Gives:  struct vtopo_policy: the built-in policy with what the file says put over it.
 * Rule:   a typing mistake must not change a guest in silence: unknown keys, wrong types, doubled
 *         keys and devices, and numbers out of range are errors with the file and the line.
 * Not here: command line options, which win over the file (cmd).
 */
#include "vtopo/policy.h"

#include "base/error.h"
#include "base/readfile.h"
#include "model/policy.h"
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

struct key {
    const char *name;
    int (*read)(struct reader *reader, const char *key, const json_t *value);
};

#define complain(reader, format, ...)                                                              \
    error_set((reader)->reterr, VTOPO_ERR_FILE, "%s:%zu: " format, (reader)->name,                 \
              json_line_of((reader)->text, (reader)->length, (reader)->path, (reader)->depth),     \
              __VA_ARGS__)

static int read_bool(struct reader *reader, const char *key, const json_t *value, bool *ret)
{
    if (!json_is_boolean(value))
        return complain(reader, "'%s' must be true or false", key);
    *ret = json_is_true(value);
    return 0;
}

static int read_int(struct reader *reader, const char *key, const json_t *value, int low, int high,
                    int *ret)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < low || number > high)
        return complain(reader, "'%s' must be a whole number from %d to %d", key, low, high);
    *ret = (int)number;
    return 0;
}

/* @words ends with NULL; gives the place of the word. */
static int read_word(struct reader *reader, const char *key, const json_t *value,
                     const char *const *words, unsigned *ret)
{
    const char *text = json_string_value(value);
    char list[128] = "";
    size_t used = 0;

    for (unsigned i = 0; words[i]; i++) {
        if (text && !strcmp(text, words[i])) {
            *ret = i;
            return 0;
        }
        used +=
            (size_t)snprintf(list + used, sizeof(list) - used, "%s\"%s\"", i ? ", " : "", words[i]);
    }
    return complain(reader, "'%s' must be one of %s", key, list);
}

static int read_mirror(struct reader *reader, const char *key, const json_t *value)
{
    unsigned word = 0;
    int code = read_word(reader, key, value, mirror_words, &word);

    if (!code)
        reader->policy->mirror = (enum mirror)word;
    return code;
}

static int read_unmapped_node(struct reader *reader, const char *key, const json_t *value)
{
    static const char *const words[] = {"expander", "nearest", "stay", NULL};
    unsigned word = 0;
    int code = read_word(reader, key, value, words, &word);

    if (!code)
        reader->policy->unmapped_node = (enum unmapped_node)word;
    return code;
}

static int read_without_numa(struct reader *reader, const char *key, const json_t *value)
{
    static const char *const words[] = {"leave", "group", NULL};
    unsigned word = 0;
    int code = read_word(reader, key, value, words, &word);

    if (!code)
        reader->policy->without_numa = (enum without_numa)word;
    return code;
}

static int read_nvme_disks(struct reader *reader, const char *key, const json_t *value)
{
    static const char *const words[] = {"stay", "move", NULL};
    unsigned word = 0;
    int code = read_word(reader, key, value, words, &word);

    if (!code)
        reader->policy->move_nvme_disks = word == 1;
    return code;
}

static int read_clique(struct reader *reader, const char *key, const json_t *value)
{
    unsigned word = 0;
    int code = read_word(reader, key, value, clique_words, &word);

    if (!code)
        reader->policy->clique = (enum clique_mode)word;
    return code;
}

/* "8.0", "8.0.0": numbers up to 999 with dots between them, as virsh --version prints them. */
static bool parse_version(const char *text, unsigned *ret_version)
{
    static const unsigned weight[] = {1000000, 1000, 1};
    size_t part = 0;

    *ret_version = 0;
    for (; part < 3; part++) {
        size_t digits = strspn(text, "0123456789");

        if (!digits || digits > 3)
            return false;
        *ret_version += (unsigned)strtoul(text, NULL, 10) * weight[part];
        text += digits;
        if (!*text)
            return part > 0 && *ret_version;
        if (*text++ != '.')
            return false;
    }
    return false;
}

static int read_links(struct reader *reader, const char *key, const json_t *value)
{
    unsigned word = 0;
    int code = read_word(reader, key, value, links_words, &word);

    if (!code)
        reader->policy->links = (enum links)word;
    return code;
}

static int read_libvirt_version(struct reader *reader, const char *key, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text || !parse_version(text, &reader->policy->libvirt_version))
        return complain(reader, "'%s' must be a version like \"8.0.0\"", key);
    return 0;
}

static int read_qemu_version(struct reader *reader, const char *key, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text || !parse_version(text, &reader->policy->qemu_version))
        return complain(reader, "'%s' must be a version like \"10.0.0\"", key);
    return 0;
}

static int read_strict(struct reader *reader, const char *key, const json_t *value)
{
    return read_bool(reader, key, value, &reader->policy->strict);
}

static int read_adopt(struct reader *reader, const char *key, const json_t *value)
{
    return read_bool(reader, key, value, &reader->policy->adopt);
}

static int read_spare_ports(struct reader *reader, const char *key, const json_t *value)
{
    int ports = 0, code = read_int(reader, key, value, 0, POLICY_SPARE_PORTS_MAX, &ports);

    if (!code)
        reader->policy->spare_ports = (unsigned)ports;
    return code;
}

static int read_device_bdf(struct reader *reader, const char *key, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text || !bdf_parse(text, &reader->device->bdf))
        return complain(reader, "'%s' must be a PCI address like \"0000:41:00.0\"", key);
    reader->device->by_bdf = true;
    return 0;
}

static int read_device_id(struct reader *reader, const char *key, const json_t *value)
{
    struct policy_device *device = reader->device;
    const char *text = json_string_value(value);

    if (!text || !policy_parse_ids(text, &device->vendor, &device->device))
        return complain(reader, "'%s' must be vendor and device like \"10de:2235\"", key);
    return 0;
}

static int read_device_flag(struct reader *reader, const char *key, const json_t *value, int *ret)
{
    bool flag = false;
    int code = read_bool(reader, key, value, &flag);

    if (!code)
        *ret = flag;
    return code;
}

static int read_device_keep(struct reader *reader, const char *key, const json_t *value)
{
    return read_device_flag(reader, key, value, &reader->device->keep);
}

static int read_device_hotplug(struct reader *reader, const char *key, const json_t *value)
{
    return read_device_flag(reader, key, value, &reader->device->hotplug);
}

static int read_device_node(struct reader *reader, const char *key, const json_t *value)
{
    return read_int(reader, key, value, -1, POLICY_NODE_MAX, &reader->device->node);
}

static int read_device_clique(struct reader *reader, const char *key, const json_t *value)
{
    return read_int(reader, key, value, 0, CLIQUE_MAX, &reader->device->clique);
}

static int read_device_attach_pci(struct reader *reader, const char *key, const json_t *value)
{
    return read_device_flag(reader, key, value, &reader->device->attach_pci);
}

static const struct key device_keys[] = {
    {"bdf", read_device_bdf},
    {"id", read_device_id},
    {"keep", read_device_keep},
    {"node", read_device_node},
    {"hotplug", read_device_hotplug},
    {"clique", read_device_clique},
    {"attach_pci", read_device_attach_pci},
    {NULL, NULL},
};

static int read_unknown_key(struct reader *reader, const struct key *keys, const char *name)
{
    char list[256] = "";
    size_t used = 0;

    for (; keys->name; keys++) { /* one that says nothing about vtopo is not worth telling */
        if (*keys->name != '$')
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
                                     keys->name);
    }
    return complain(reader, "unknown key '%.80s' (known: %s)", name, list);
}

/* Reads all keys of @object, one level below where the reader stands. */
static int read_object(struct reader *reader, const struct key *keys, const json_t *object)
{
    size_t level = reader->depth++;
    const char *name;
    json_t *value;
    int code = 0;

    reader->path[level] = 0;
    /* jansson goes through an object in the order of the text. */
    json_object_foreach((json_t *)object, name, value)
    {
        const struct key *key = keys;

        while (key->name && strcmp(key->name, name))
            key++;
        code = key->name ? key->read(reader, name, value) : read_unknown_key(reader, keys, name);
        if (code)
            return code;
        reader->path[level]++;
    }
    reader->depth = level;
    return 0;
}

static int check_device(struct reader *reader, const json_t *entry)
{
    struct vtopo_policy *policy = reader->policy;
    const struct policy_device *device = reader->device;
    const char *bdf = json_string_value(json_object_get(entry, "bdf"));
    const char *id = json_string_value(json_object_get(entry, "id"));

    if (!bdf == !id)
        return complain(reader, "a device needs 'bdf' or 'id'%s", bdf ? ", not both" : "");
    if (policy_device_says_nothing(device))
        return complain(reader,
                        "device '%s' needs 'keep', 'node', 'hotplug', 'clique' or 'attach_pci'",
                        bdf ? bdf : id);
    for (const struct policy_device *other = policy->devices.items; other < device; other++) {
        if (policy_same_device(other, device))
            return complain(reader, "device '%s' is here twice", bdf ? bdf : id);
    }
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
    *reader->device = policy_device_nothing;
    code = read_object(reader, device_keys, entry);
    return code ? code : check_device(reader, entry);
}

static int read_devices(struct reader *reader, const char *key, const json_t *value)
{
    size_t level = reader->depth, at;
    const json_t *entry;

    if (!json_is_array(value))
        return complain(reader, "'%s' must be a list", key);
    reader->depth++;
    json_array_foreach(value, at, entry)
    {
        int code;

        reader->path[level] = at;
        code = read_device(reader, entry);
        if (code)
            return code;
    }
    reader->depth = level;
    return 0;
}

/* Where the schema is: for editors. */
static int read_schema(struct reader *reader, const char *key, const json_t *value)
{
    return json_is_string(value) ? 0 : complain(reader, "'%s' must be a string", key);
}

static const struct key policy_keys[] = {
    {"$schema", read_schema},
    {"mirror", read_mirror},
    {"strict", read_strict},
    {"adopt", read_adopt},
    {"spare_ports", read_spare_ports},
    {"unmapped_node", read_unmapped_node},
    {"without_numa", read_without_numa},
    {"nvme_disks", read_nvme_disks},
    {"clique", read_clique},
    {"links", read_links},
    {"qemu_version", read_qemu_version},
    {"libvirt_version", read_libvirt_version},
    {"devices", read_devices},
    {NULL, NULL},
};

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
        code = read_object(reader, policy_keys, json);
    json_decref(json);
    return code;
}

int vtopo_policy_read(const char *path, struct vtopo_policy **ret_policy,
                      struct vtopo_error **reterr)
{
    struct reader reader = {.name = path, .reterr = reterr};
    autofree char *text = NULL;
    int code = read_file(path, POLICY_MAX, VTOPO_ERR_FILE, &text, &reader.length, reterr);

    if (!code)
        code = vtopo_policy_new(&reader.policy, reterr);
    if (code)
        return code;
    reader.text = text;
    code = read_policy(&reader);
    if (code) {
        vtopo_policy_free(reader.policy);
        return code;
    }
    *ret_policy = reader.policy;
    return 0;
}
