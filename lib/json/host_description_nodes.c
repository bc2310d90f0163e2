/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_nodes.c - kernel, processor, nodes and cores of a host description
 *
 * Takes:  {"vendor": "GenuineIntel", ...}; {"id": 0, "cpus": "0-3", ...}; {"cpus": "0,64", ...}.
 * Gives:  host->processor, host->nodes, and host->cpus: a core becomes its CPUs.
 */
#include "json/host_reader.h"

#include <stdio.h>
#include <string.h>

static int read_distances(const struct object *object, size_t count, unsigned **ret_distances)
{
    const json_t *list = json_object_get(object->json, "distances"), *value;
    autofree unsigned *distances = NULL;
    size_t i;

    if (!list)
        return 0;
    if (json_array_size(list) != count)
        return object_wrong(object, "distances", "must be an array of %zu numbers, one per node",
                            count);
    distances = calloc(count, sizeof(*distances));
    if (!distances)
        return error_nomem(object->source->reterr);
    json_array_foreach(list, i, value)
    {
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > 255)
            return object_wrong(object, "distances", "%s", "must be numbers from 0 to 255");
        distances[i] = (unsigned)json_integer_value(value);
    }
    *ret_distances = steal(distances);
    return 0;
}

/* {"size_kib": 2048, "total": 1024, "free": 512} */
static int read_page(const struct object *node, const json_t *json, size_t place,
                     struct host_node *ret)
{
    static const char *const keys[] = {"size_kib", "total", "free", NULL};
    struct host_pages *pages = vec_add(&ret->pages);
    struct object object;
    json_int_t size = 0, total = 0, free_pages = 0;
    char where[sizeof(node->where) + sizeof(".huge_pages[18446744073709551615]")];
    int code;

    if (!pages)
        return error_nomem(node->source->reterr);
    snprintf(where, sizeof(where), "%s.huge_pages[%zu]", node->where, place);
    code = object_open(node->source, json, where, keys, &object);
    if (!code)
        code = object_get_int(&object, "size_kib", 1, INT64_MAX, &size);
    if (!code)
        code = object_get_int(&object, "total", 0, INT32_MAX, &total);
    if (!code)
        code = object_get_int(&object, "free", 0, INT32_MAX, &free_pages);
    if (!code && (!size || (place && (uint64_t)size <= pages[-1].size_kib)))
        return object_wrong(node, "huge_pages", "%s", "must have sizes that ascend");
    *pages = (struct host_pages){(uint64_t)size, (uint64_t)total, (uint64_t)free_pages};
    return code;
}

static int read_pages(const struct object *object, struct host_node *node)
{
    const json_t *list = json_object_get(object->json, "huge_pages"), *value;
    size_t i;
    int code = 0;

    if (list && !json_is_array(list))
        return object_wrong(object, "huge_pages", "%s", "must be an array");
    json_array_foreach(list, i, value)
    {
        code = read_page(object, value, i, node);
        if (code)
            break;
    }
    return code;
}

int host_read_node(struct host_reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {
        "id",         "cpus",      "initiator", "memory_kib", "memory_free_kib",
        "huge_pages", "distances", NULL};
    struct object object;
    struct host_node *node;
    json_int_t memory = 0, memory_free = 0;
    int code = object_open(&reader->source, json, where, keys, &object);

    if (code)
        return code;
    node = vec_add(&reader->host->nodes);
    if (!node)
        return error_nomem(reader->source.reterr);
    if (!json_object_get(json, "id"))
        return object_wrong(&object, "id", "%s", "is missing");
    code = object_get_unsigned(&object, "id", IDSET_LIMIT - 1, &node->id);
    if (!code)
        code = object_need_set(&object, "cpus", &node->cpus);
    if (!code)
        code = object_get_bool(&object, "initiator", &node->initiator);
    if (!code)
        code = object_get_int(&object, "memory_kib", 0, INT64_MAX, &memory);
    if (!code)
        code = object_get_int(&object, "memory_free_kib", 0, INT64_MAX, &memory_free);
    if (!code)
        code = read_pages(&object, node);
    if (!code)
        code = read_distances(&object, count, &node->distances);
    node->memory_kib = (uint64_t)memory;
    node->memory_free_kib = (uint64_t)memory_free;
    return code;
}

/*
 * Each CPU has a copy of its core's list; a CPU that came before is refused at once, so that many
 * cores with long lists cannot fill the memory.
 */
static int add_cpu(struct host_reader *reader, const struct object *object,
                   const struct host_cpu *cpu, const struct idset *siblings)
{
    struct host_cpu *added;

    if (idset_has(&reader->cpus, cpu->id))
        return object_wrong(object, "cpus", "CPU %u is in another core, too", cpu->id);
    added = vec_add(&reader->host->cpus);
    if (!added)
        return error_nomem(reader->source.reterr);
    *added = *cpu;
    if (!idset_add(&reader->cpus, cpu->id) || !idset_copy(siblings, &added->siblings))
        return error_nomem(reader->source.reterr);
    return 0;
}

int host_read_core(struct host_reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"package", "core", "cpus", NULL};
    struct object object;
    struct idset cpus = {0};
    struct host_cpu cpu = {0};
    int code = object_open(&reader->source, json, where, keys, &object);

    (void)count;
    if (!code)
        code = object_get_unsigned(&object, "package", INT32_MAX, &cpu.package);
    if (!code)
        code = object_get_unsigned(&object, "core", INT32_MAX, &cpu.core);
    if (!code)
        code = object_need_set(&object, "cpus", &cpus);
    for (size_t id = idset_next(&cpus, 0); !code && id < IDSET_LIMIT;
         id = idset_next(&cpus, id + 1)) {
        cpu.id = (unsigned)id;
        code = add_cpu(reader, &object, &cpu, &cpus);
    }
    idset_free(&cpus);
    return code;
}

/* As utsname has it: "6.12.43+deb13-amd64". */
int host_read_kernel(struct host_reader *reader, const struct object *host)
{
    const char *release = NULL;
    int code = object_get_string(host, "kernel", &release);

    if (code || !release)
        return code;
    if (!host_is_kernel_release(release))
        return object_wrong(host, "kernel", "'%.40s' is no release of a kernel", release);
    memcpy(reader->host->kernel, release, strlen(release) + 1);
    return 0;
}

/* Twelve characters that need no escape in XML or JSON; Zhaoxin's begin and end with blanks. */
static bool is_vendor(const char *text)
{
    return strlen(text) == sizeof(((struct host_processor *)NULL)->vendor) - 1 &&
           !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")];
}

/* A width, or 0 where there is none. */
static int read_width(const struct object *object, const char *key, unsigned most, unsigned *ret)
{
    int code = object_get_unsigned(object, key, most, ret);

    if (!code && *ret && *ret < 32)
        return object_wrong(object, key, "%s", "a processor has 32 to 63");
    return code;
}

static int read_addresses(const struct object *object, struct host_processor *processor)
{
    int code = read_width(object, "address_bits", 63, &processor->bits);

    processor->guest_bits = processor->bits < 48 ? processor->bits : 48;
    if (!code)
        code = read_width(object, "kernel_address_bits", processor->bits, &processor->kernel_bits);
    if (!code)
        code = object_get_unsigned(object, "guest_address_bits", processor->bits,
                                   &processor->guest_bits);
    if (!code)
        code = object_get_bool(object, "pdpe1gb", &processor->pages_1g);
    return code ? code : object_get_bool(object, "la57", &processor->la57);
}

/* {"vendor": "GenuineIntel", "family": 6, "model": 143, "address_bits": 46, "pdpe1gb": true} */
int host_read_processor(struct host_reader *reader, const json_t *json)
{
    static const char *const keys[] = {
        "vendor",  "family", "model", "address_bits", "kernel_address_bits", "guest_address_bits",
        "pdpe1gb", "la57",   NULL};
    struct host_processor *processor = &reader->host->processor;
    const json_t *value = json_object_get(json, "processor");
    struct object object;
    const char *vendor;
    bool vendor_given;
    int code = value ? object_open(&reader->source, value, "processor", keys, &object) : 0;

    if (code || !value)
        return code;
    vendor_given = json_object_get(value, "vendor");
    if (vendor_given)
        code = object_need_string(&object, "vendor", &vendor);
    if (!code && vendor_given && !is_vendor(vendor))
        code = object_wrong(&object, "vendor", "'%.40s' is not the 12 characters of CPUID", vendor);
    if (!code)
        code = object_get_unsigned(&object, "family", UINT16_MAX, &processor->family);
    if (!code)
        code = object_get_unsigned(&object, "model", UINT16_MAX, &processor->model);
    if (!code)
        code = read_addresses(&object, processor);
    if (!code && vendor_given)
        memcpy(processor->vendor, vendor, sizeof(processor->vendor));
    return code;
}
