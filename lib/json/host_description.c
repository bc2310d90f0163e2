/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description.c - read a host from a JSON file
 *
 * Takes:  the text of a host description (schemas/host.schema.json).
 * Gives:  struct vtopo_host, in order.
 * Rule:   what is there must be right: an unknown key, a wrong type or a value out of range is an
 *         error that says where it is; what is not there is unknown.
 * Not here: contradictions that a sysfs tree can have, too (host_finish()).
 */
#include "json/host_description.h"

#include "base/error.h"
#include "base/search.h"
#include "model/link_text.h"
#include "json/load.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_MAX 4096
#define CONFIG_ROW 32
/* A path through bridges has at most one per bus number. */
#define DEEPEST_PATH 256

struct reader {
    const char *name;
    struct vtopo_error **reterr;
    struct vtopo_host *host;
    VEC(struct bdf) parents; /* parallel to host->functions; of those with has_parent */
    VEC(bool) has_parent;
    struct idset cpus; /* those of the cores so far */
};

/* One JSON object that is being read, and where it is. */
struct object {
    struct reader *reader;
    const json_t *json;
    char where[64]; /* "functions[3]", "config['0000:41:00.0']"; "" is the whole text */
};

#define wrong(object, key, format, ...)                                                            \
    error_set((object)->reader->reterr, VTOPO_ERR_HOST, "%s: %s%s%s: " format,                     \
              (object)->reader->name, (object)->where, *(object)->where ? "." : "", key,           \
              __VA_ARGS__)

/* @keys: the ones that the format knows, NULL last. */
static int open_object(struct reader *reader, const json_t *json, const char *where,
                       const char *const *keys, struct object *ret)
{
    const char *key;
    json_t *value;

    *ret = (struct object){.reader = reader, .json = json};
    snprintf(ret->where, sizeof(ret->where), "%s", where);
    if (!json_is_object(json))
        return error_set(reader->reterr, VTOPO_ERR_HOST, "%s: %s: must be an object", reader->name,
                         where);
    /* jansson's loop over objects wants a pointer that is not const, though it changes nothing. */
    json_object_foreach((json_t *)json, key, value)
    {
        size_t i = 0;

        while (keys[i] && strcmp(keys[i], key))
            i++;
        if (!keys[i])
            return wrong(ret, key, "%s", "unknown key");
    }
    return 0;
}

/* NULL and no error: not there. */
static int get_string(const struct object *object, const char *key, const char **ret_text)
{
    const json_t *value = json_object_get(object->json, key);

    *ret_text = json_string_value(value);
    return value && !*ret_text ? wrong(object, key, "%s", "must be a string") : 0;
}

static int need_string(const struct object *object, const char *key, const char **ret_text)
{
    int code = get_string(object, key, ret_text);

    return code || *ret_text ? code : wrong(object, key, "%s", "is missing");
}

/* Absent leaves *ret_number as it is. */
static int get_int(const struct object *object, const char *key, json_int_t min, json_int_t max,
                   json_int_t *ret_number)
{
    const json_t *value = json_object_get(object->json, key);

    if (!value)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max)
        return wrong(object, key, "must be a whole number from %" PRId64 " to %" PRId64,
                     (int64_t)min, (int64_t)max);
    *ret_number = json_integer_value(value);
    return 0;
}

static int get_unsigned(const struct object *object, const char *key, unsigned max,
                        unsigned *ret_number)
{
    json_int_t number = *ret_number;
    int code = get_int(object, key, 0, max, &number);

    *ret_number = (unsigned)number;
    return code;
}

/* "0x10de": exactly @digits of them.  Absent: 0. */
static int get_hex(const struct object *object, const char *key, size_t digits,
                   uint32_t *ret_number)
{
    const char *text;
    int code = get_string(object, key, &text);

    *ret_number = 0;
    if (code || !text)
        return code;
    if (strncmp(text, "0x", 2) || strlen(text) != digits + 2 ||
        strspn(text + 2, "0123456789abcdefABCDEF") != digits)
        return wrong(object, key, "'%.40s' is not 0x and %zu hexadecimal digits", text, digits);
    *ret_number = (uint32_t)strtoul(text, NULL, 16);
    return 0;
}

static int need_hex(const struct object *object, const char *key, size_t digits,
                    uint32_t *ret_number)
{
    const char *text;
    int code = need_string(object, key, &text);

    return code ? code : get_hex(object, key, digits, ret_number);
}

static int get_hex16(const struct object *object, const char *key, uint16_t *ret_number)
{
    uint32_t number;
    int code = get_hex(object, key, 4, &number);

    *ret_number = (uint16_t)number;
    return code;
}

/* *ret_found tells whether it is there. */
static int get_bdf(const struct object *object, const char *key, struct bdf *ret_bdf,
                   bool *ret_found)
{
    const char *text;
    int code = get_string(object, key, &text);

    *ret_found = text;
    if (!code && text && !bdf_parse(text, ret_bdf))
        code = wrong(object, key, "'%.40s' is not a PCI address", text);
    return code;
}

static int need_bdf(const struct object *object, const char *key, struct bdf *ret_bdf)
{
    bool found;
    int code = get_bdf(object, key, ret_bdf, &found);

    return code || found ? code : wrong(object, key, "%s", "is missing");
}

/* Names that the kernel gives: printable ASCII without "/", up to 64 characters. */
static int get_name(const struct object *object, const char *key, bool blanks, char **ret_name)
{
    const char *text;
    int code = get_string(object, key, &text);
    size_t good = 0;

    if (code || !text)
        return code;
    while ((text[good] > ' ' && text[good] < 0x7f && text[good] != '/') ||
           (blanks && text[good] && strchr(" /", text[good])))
        good++;
    if (!good || text[good] || good > 64 || !strcmp(text, ".") || !strcmp(text, ".."))
        return wrong(object, key, "'%.80s' is not a name", text);
    *ret_name = strdup(text);
    return *ret_name ? 0 : error_nomem(object->reader->reterr);
}

static int need_set(const struct object *object, const char *key, struct idset *ret_set)
{
    const char *text;
    int code = need_string(object, key, &text);

    if (code)
        return code;
    switch (idset_parse(text, ret_set)) {
    case IDSET_OK:
        return 0;
    case IDSET_NOMEM:
        return error_nomem(object->reader->reterr);
    default:
        return wrong(object, key, "'%.80s' is not a list of numbers", text);
    }
}

static int read_distances(const struct object *object, size_t count, unsigned **ret_distances)
{
    const json_t *list = json_object_get(object->json, "distances"), *value;
    autofree unsigned *distances = NULL;
    size_t i;

    if (!list)
        return 0;
    if (json_array_size(list) != count)
        return wrong(object, "distances", "must be an array of %zu numbers, one per node", count);
    distances = calloc(count, sizeof(*distances));
    if (!distances)
        return error_nomem(object->reader->reterr);
    json_array_foreach(list, i, value)
    {
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > 255)
            return wrong(object, "distances", "%s", "must be numbers from 0 to 255");
        distances[i] = (unsigned)json_integer_value(value);
    }
    *ret_distances = steal(distances);
    return 0;
}

static int read_node(struct reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"id", "cpus", "memory_kib", "distances", NULL};
    struct object object;
    struct host_node *node;
    json_int_t memory = 0;
    int code = open_object(reader, json, where, keys, &object);

    if (code)
        return code;
    node = vec_add(&reader->host->nodes);
    if (!node)
        return error_nomem(reader->reterr);
    if (!json_object_get(json, "id"))
        return wrong(&object, "id", "%s", "is missing");
    code = get_unsigned(&object, "id", IDSET_LIMIT - 1, &node->id);
    if (!code)
        code = need_set(&object, "cpus", &node->cpus);
    if (!code)
        code = get_int(&object, "memory_kib", 0, INT64_MAX, &memory);
    if (!code)
        code = read_distances(&object, count, &node->distances);
    node->memory_kib = (uint64_t)memory;
    return code;
}

/*
 * Each CPU has a copy of its core's list; a CPU that came before is refused at once, so that many
 * cores with long lists cannot fill the memory.
 */
static int add_cpu(const struct object *object, const struct host_cpu *cpu,
                   const struct idset *siblings)
{
    struct reader *reader = object->reader;
    struct host_cpu *added;

    if (idset_has(&reader->cpus, cpu->id))
        return wrong(object, "cpus", "CPU %u is in another core, too", cpu->id);
    added = vec_add(&reader->host->cpus);
    if (!added)
        return error_nomem(reader->reterr);
    *added = *cpu;
    if (!idset_add(&reader->cpus, cpu->id) || !idset_copy(siblings, &added->siblings))
        return error_nomem(reader->reterr);
    return 0;
}

/* A core becomes its CPUs. */
static int read_core(struct reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"package", "core", "cpus", NULL};
    struct object object;
    struct idset cpus = {0};
    struct host_cpu cpu = {0};
    int code = open_object(reader, json, where, keys, &object);

    (void)count;
    if (!code)
        code = get_unsigned(&object, "package", INT32_MAX, &cpu.package);
    if (!code)
        code = get_unsigned(&object, "core", INT32_MAX, &cpu.core);
    if (!code)
        code = need_set(&object, "cpus", &cpus);
    for (size_t id = idset_next(&cpus, 0); !code && id < IDSET_LIMIT;
         id = idset_next(&cpus, id + 1)) {
        cpu.id = (unsigned)id;
        code = add_cpu(&object, &cpu, &cpus);
    }
    idset_free(&cpus);
    return code;
}

static int read_port(const struct object *object, enum port_kind *ret_port)
{
    const char *text;
    int code = get_string(object, "port", &text);

    *ret_port = PORT_NONE;
    if (!code && text && !port_kind_parse(text, ret_port))
        code = wrong(object, "port", "'%.40s' is not root, upstream, downstream or bridge", text);
    return code;
}

static int read_bars(const struct object *object, struct host_function *function)
{
    const json_t *list = json_object_get(object->json, "bars"), *value;
    size_t i;

    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > HOST_BARS)
        return wrong(object, "bars", "must be an array of at most %d", HOST_BARS);
    json_array_foreach(list, i, value)
    {
        const char *text = json_string_value(value);

        if (!json_is_null(value) && (!text || !bar_parse(text, &function->bars[i])))
            return wrong(object, "bars", "'%.40s' is not like \"mem64 prefetch 64G\" or null",
                         text ? text : "");
    }
    return 0;
}

static int get_link(const struct object *object, const char *key, struct host_link *ret_link)
{
    const char *text;
    int code = get_string(object, key, &text);

    if (!code && text && !link_parse(text, ret_link))
        code = wrong(object, key, "'%.40s' is not like \"16.0 GT/s x16\"", text);
    return code;
}

/* "0000:3a" */
static int read_root(const struct object *object, struct bdf *ret_root, bool *ret_found)
{
    const char *text;
    char address[32];
    int code = get_string(object, "root", &text);

    *ret_found = text;
    if (code || !text)
        return code;
    snprintf(address, sizeof(address), "%.20s:00.0", text);
    if (strlen(text) < strlen("0000:00") || !bdf_parse(address, ret_root))
        return wrong(object, "root", "'%.40s' is not the domain and bus of a root complex", text);
    return 0;
}

static int read_above(const struct object *object, struct host_function *function)
{
    struct reader *reader = object->reader;
    bool has_root, has_parent;
    struct bdf *parent = vec_add(&reader->parents);
    bool *above = vec_add(&reader->has_parent);
    int code = parent && above ? read_root(object, &function->root, &has_root)
                               : error_nomem(reader->reterr);

    if (!code)
        code = get_bdf(object, "parent", parent, &has_parent);
    if (code)
        return code;
    *above = has_parent;
    if (has_root == has_parent)
        return wrong(object, "root", "%s", "either this or 'parent' must be there");
    return 0;
}

static int read_ids(const struct object *object, struct host_function *function)
{
    uint32_t number;
    int code = need_hex(object, "class", 6, &function->class_code);

    if (!code)
        code = need_hex(object, "vendor", 4, &number);
    if (!code)
        function->vendor = (uint16_t)number;
    if (!code)
        code = need_hex(object, "device", 4, &number);
    if (!code)
        function->device = (uint16_t)number;
    if (!code)
        code = get_hex16(object, "subsystem_vendor", &function->subsystem_vendor);
    if (!code)
        code = get_hex16(object, "subsystem_device", &function->subsystem_device);
    if (!code)
        code = get_hex(object, "revision", 2, &number);
    if (!code)
        function->revision = (uint8_t)number;
    return code;
}

static int read_numbers(const struct object *object, struct host_function *function)
{
    json_int_t node = -1, group = -1;
    int code = get_int(object, "node", 0, IDSET_LIMIT - 1, &node);

    if (!code)
        code = get_int(object, "iommu_group", 0, INT32_MAX, &group);
    if (!code)
        code = get_unsigned(object, "vfs", 65535, &function->vfs);
    if (!code)
        code = get_unsigned(object, "vfs_total", 65535, &function->vfs_total);
    if (!code)
        code = get_bdf(object, "physfn", &function->physfn, &function->is_vf);
    function->node = (int)node;
    function->iommu_group = (int)group;
    return code;
}

static int read_function(struct reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {
        "bdf",       "root",   "parent",           "port",
        "class",     "vendor", "device",           "subsystem_vendor",
        "revision",  "node",   "subsystem_device", "iommu_group",
        "physfn",    "vfs",    "vfs_total",        "driver",
        "netdev",    "bars",   "link_max",         "link_now",
        "vgpu_type", NULL,
    };
    struct object object;
    struct host_function *function;
    int code = open_object(reader, json, where, keys, &object);

    (void)count;
    if (code)
        return code;
    function = vec_add(&reader->host->functions);
    if (!function)
        return error_nomem(reader->reterr);
    code = need_bdf(&object, "bdf", &function->bdf);
    if (!code)
        code = read_above(&object, function);
    if (!code)
        code = read_port(&object, &function->port);
    if (!code)
        code = read_ids(&object, function);
    if (!code)
        code = read_numbers(&object, function);
    if (!code)
        code = get_name(&object, "driver", false, &function->driver);
    if (!code)
        code = get_name(&object, "netdev", false, &function->netdev);
    if (!code)
        code = get_name(&object, "vgpu_type", true, &function->vgpu_type);
    if (!code)
        code = read_bars(&object, function);
    if (!code)
        code = get_link(&object, "link_max", &function->link_max);
    if (!code)
        code = get_link(&object, "link_now", &function->link_now);
    return code;
}

static bool is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i = 0;

    while (form[i] && text[i] &&
           (form[i] == '-' ? text[i] == '-' : strchr("0123456789abcdef", text[i]) != NULL))
        i++;
    return !form[i] && !text[i];
}

static int read_mdev(struct reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"uuid", "parent", "type", "type_name", "iommu_group", NULL};
    struct object object;
    struct host_mdev *mdev;
    const char *uuid;
    bool has_parent = true;
    json_int_t group = -1;
    int code = open_object(reader, json, where, keys, &object);

    (void)count;
    if (code)
        return code;
    mdev = vec_add(&reader->host->mdevs);
    if (!mdev)
        return error_nomem(reader->reterr);
    code = need_string(&object, "uuid", &uuid);
    if (!code && !is_uuid(uuid))
        code = wrong(&object, "uuid", "'%.40s' is not a UUID in lower case", uuid);
    if (!code)
        memcpy(mdev->uuid, uuid, sizeof(mdev->uuid));
    if (!code)
        code = get_bdf(&object, "parent", &mdev->parent, &has_parent);
    mdev->software = !has_parent;
    if (!code)
        code = get_name(&object, "type", false, &mdev->type);
    if (!code)
        code = get_name(&object, "type_name", true, &mdev->type_name);
    if (!code)
        code = get_int(&object, "iommu_group", 0, INT32_MAX, &group);
    mdev->iommu_group = (int)group;
    return code;
}

static int read_vdpa(struct reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"name", "parent", "device", NULL};
    struct object object;
    struct host_vdpa *vdpa;
    bool has_parent = true;
    int code = open_object(reader, json, where, keys, &object);

    (void)count;
    if (code)
        return code;
    vdpa = vec_add(&reader->host->vdpas);
    if (!vdpa)
        return error_nomem(reader->reterr);
    code = get_name(&object, "name", false, &vdpa->name);
    if (!code && !vdpa->name)
        code = wrong(&object, "name", "%s", "is missing");
    if (!code)
        code = get_bdf(&object, "parent", &vdpa->parent, &has_parent);
    vdpa->software = !has_parent;
    if (!code)
        code = get_name(&object, "device", false, &vdpa->device);
    return code;
}

/*
 * One of the lists of the outermost object; @read gets each entry, where it is, and how many there
 * are.
 */
static int read_list(struct reader *reader, const json_t *json, const char *key,
                     int (*read)(struct reader *, const json_t *, const char *, size_t))
{
    const json_t *list = json_object_get(json, key), *value;
    size_t i;
    int code = 0;

    if (list && !json_is_array(list))
        return error_set(reader->reterr, VTOPO_ERR_HOST, "%s: %s: must be an array", reader->name,
                         key);
    json_array_foreach(list, i, value)
    {
        char where[64];

        snprintf(where, sizeof(where), "%s[%zu]", key, i);
        code = read(reader, value, where, json_array_size(list));
        if (code)
            break;
    }
    return code;
}

static unsigned char hex_value(char c)
{
    return (unsigned char)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* A row of config space: its key is the offset, a multiple of 32. */
static int read_config_row(const struct object *object, const char *key, const json_t *value,
                           struct host_function *function)
{
    const char *text = json_string_value(value);
    size_t length = text ? strlen(text) : 0;
    size_t offset = strtoul(key, NULL, 16);

    if (strlen(key) != 3 || strspn(key, "0123456789abcdef") != 3 || offset % CONFIG_ROW)
        return wrong(object, key, "%s", "unknown key");
    if (!text || length % 2 || length > 2 * CONFIG_ROW ||
        strspn(text, "0123456789abcdefABCDEF") != length ||
        offset + length / 2 > function->config_size)
        return wrong(object, key,
                     "must be hexadecimal digits of at most %d bytes inside of the size",
                     CONFIG_ROW);
    for (size_t i = 0; i < length / 2; i++)
        function->config[offset + i] =
            (unsigned char)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    return 0;
}

static int read_config(struct object *object, struct host_function *function)
{
    json_int_t size = 0;
    const char *key;
    json_t *value;
    int code = get_int(object, "size", 1, CONFIG_MAX, &size);

    if (!code && !size)
        code = wrong(object, "size", "%s", "is missing");
    if (code)
        return code;
    function->config = calloc(1, (size_t)size);
    if (!function->config)
        return error_nomem(object->reader->reterr);
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

/* After host_finish(), so that functions can be found. */
static int read_configs(struct reader *reader, const json_t *json)
{
    const json_t *configs = json_object_get(json, "config");
    const char *key;
    json_t *value;
    struct bdf bdf;

    if (configs && !json_is_object(configs))
        return error_set(reader->reterr, VTOPO_ERR_HOST, "%s: config: must be an object",
                         reader->name);
    json_object_foreach((json_t *)configs, key, value)
    {
        struct object object = {.reader = reader, .json = value};
        size_t at = bdf_parse(key, &bdf) ? host_find(reader->host, &bdf) : HOST_NONE;
        int code;

        snprintf(object.where, sizeof(object.where), "config['%.40s']", key);
        if (at == HOST_NONE || reader->host->functions.items[at].config)
            return error_set(reader->reterr, VTOPO_ERR_HOST,
                             "%s: %s: is not the address of one of the functions, each once",
                             reader->name, object.where);
        if (!json_is_object(value))
            return error_set(reader->reterr, VTOPO_ERR_HOST, "%s: %s: must be an object",
                             reader->name, object.where);
        code = read_config(&object, &reader->host->functions.items[at]);
        if (code)
            return code;
    }
    return 0;
}

struct above {
    struct bdf bdf;
    size_t function;
};

static int compare_above(const void *a, const void *b)
{
    const struct above *first = a, *second = b;

    return bdf_compare(&first->bdf, &second->bdf);
}

static int compare_with_above(const void *key, const void *item)
{
    return bdf_compare(key, &((const struct above *)item)->bdf);
}

/*
 * Functions below a bridge are in its root complex. Where the way up ends in nothing or in a loop,
 * the root complex stays zero, and host_finish() says what is wrong.
 */
static int inherit_roots(struct reader *reader)
{
    size_t count = reader->host->functions.count;
    autofree struct above *index = calloc(count ? count : 1, sizeof(*index));
    struct host_function *functions = reader->host->functions.items;

    if (!index)
        return error_nomem(reader->reterr);
    for (size_t i = 0; i < count; i++)
        index[i] = (struct above){functions[i].bdf, i};
    qsort(index, count, sizeof(*index), compare_above);
    for (size_t i = 0; i < count; i++) {
        size_t at = i;

        for (int step = 0; step < DEEPEST_PATH && reader->has_parent.items[at]; step++) {
            const struct above *found = search_find(&reader->parents.items[at], index, count,
                                                    sizeof(*index), compare_with_above);

            if (!found)
                break;
            at = found->function;
        }
        if (!reader->has_parent.items[at])
            functions[i].root = functions[at].root;
    }
    return 0;
}

static int finish(struct reader *reader)
{
    size_t count = reader->host->functions.count;
    autofree const struct bdf **parents = calloc(count ? count : 1, sizeof(*parents));
    struct vtopo_error *error = NULL;
    int code = parents ? inherit_roots(reader) : error_nomem(reader->reterr);

    if (code)
        return code;
    for (size_t i = 0; i < count; i++)
        parents[i] = reader->has_parent.items[i] ? &reader->parents.items[i] : NULL;
    code = host_finish(reader->host, parents, &error);
    if (code == VTOPO_ERR_NOMEM)
        code = error_nomem(reader->reterr);
    else if (code)
        code = error_set(reader->reterr, code, "%s: %s", reader->name, vtopo_error_message(error));
    vtopo_error_free(error);
    return code;
}

/* Twelve characters that need no escape in XML or JSON; Zhaoxin's begin and end with blanks. */
static bool is_vendor(const char *text)
{
    return strlen(text) == sizeof(((struct host_processor *)NULL)->vendor) - 1 &&
           !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")];
}

/* {"vendor": "GenuineIntel", "family": 6, "model": 143} */
static int read_processor(struct reader *reader, const json_t *json)
{
    static const char *const keys[] = {"vendor", "family", "model", NULL};
    struct host_processor *processor = &reader->host->processor;
    const json_t *value = json_object_get(json, "processor");
    struct object object;
    const char *vendor;
    int code = value ? open_object(reader, value, "processor", keys, &object) : 0;

    if (code || !value)
        return code;
    code = need_string(&object, "vendor", &vendor);
    if (!code && !is_vendor(vendor))
        code = wrong(&object, "vendor", "'%.40s' is not the 12 characters of CPUID", vendor);
    if (!code)
        code = get_unsigned(&object, "family", UINT16_MAX, &processor->family);
    if (!code)
        code = get_unsigned(&object, "model", UINT16_MAX, &processor->model);
    if (!code)
        memcpy(processor->vendor, vendor, sizeof(processor->vendor));
    return code;
}

static int read_host(struct reader *reader, const json_t *json)
{
    static const char *const keys[] = {
        "vtopo_host", "processor", "nodes", "cores", "functions", "mdevs", "vdpas", "config", NULL,
    };
    struct object object;
    json_int_t version = 0;
    int code;

    if (!json_is_object(json) || !json_object_get(json, "vtopo_host"))
        return error_set(reader->reterr, VTOPO_ERR_HOST,
                         "%s: not a host description (no key 'vtopo_host')", reader->name);
    /* The version first: another one may have other keys. */
    object = (struct object){.reader = reader, .json = json};
    code = get_int(&object, "vtopo_host", 1, INT32_MAX, &version);
    if (!code && version != HOST_DESCRIPTION_VERSION)
        code = wrong(&object, "vtopo_host", "version %d of the format, but this vtopo reads %d",
                     (int)version, HOST_DESCRIPTION_VERSION);
    if (!code)
        code = open_object(reader, json, "", keys, &object);
    if (!code && !json_object_get(json, "functions"))
        code = wrong(&object, "functions", "%s", "is missing");
    if (!code)
        code = read_processor(reader, json);
    if (!code)
        code = read_list(reader, json, "nodes", read_node);
    if (!code)
        code = read_list(reader, json, "cores", read_core);
    if (!code)
        code = read_list(reader, json, "functions", read_function);
    if (!code)
        code = read_list(reader, json, "mdevs", read_mdev);
    if (!code)
        code = read_list(reader, json, "vdpas", read_vdpa);
    if (!code)
        code = finish(reader);
    return code ? code : read_configs(reader, json);
}

int host_description_parse(const char *text, size_t length, const char *name,
                           struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct reader reader = {.name = name, .reterr = reterr, .host = host};
    json_error_t problem;
    bool no_memory;
    json_t *json;
    int code;

    if (length > HOST_DESCRIPTION_MAX)
        return error_set(reterr, VTOPO_ERR_HOST, "%s: larger than %u MiB", name,
                         HOST_DESCRIPTION_MAX >> 20);
    json = load_json(text, length, &no_memory, &problem);
    if (no_memory)
        return error_nomem(reterr);
    if (!json)
        return error_set(reterr, VTOPO_ERR_HOST, "%s:%d: not a host description: %s", name,
                         problem.line, problem.text);
    code = read_host(&reader, json);
    json_decref(json);
    free(reader.parents.items);
    free(reader.has_parent.items);
    idset_free(&reader.cpus);
    return code;
}
