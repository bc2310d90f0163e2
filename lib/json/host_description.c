/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description.c - read a host from a JSON text
 *
 * Takes:  the text of a host description (schemas/host.schema.json).
 * Gives:  struct vtopo_host, in order.
 * Rule:   what is there must be right (object.h); what is not there is unknown.
 * Not here: what is in an entry (host_description_nodes.c, _emulators.c, _firmware.c, _functions.c,
 *         _mediated.c, _vms.c, _config.c),
 *         contradictions that a sysfs tree can have, too (host_finish()).
 */
#include "json/host_description.h"

#include "base/search.h"
#include "json/host_reader.h"
#include "json/load.h"

#include <stdio.h>
#include <stdlib.h>

/* A path through bridges has at most one per bus number. */
#define DEEPEST_PATH 256

/*
 * One of the lists of the outermost object; @read gets each entry, where it is, and how many there
 * are.
 */
static int read_list(struct host_reader *reader, const json_t *json, const char *key,
                     host_entry_reader *read)
{
    const json_t *list = json_object_get(json, key), *value;
    size_t i;
    int code = 0;

    if (list && !json_is_array(list))
        return error_set(reader->source.reterr, VTOPO_ERR_HOST, "%s: %s: must be an array",
                         reader->source.name, key);
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
static int inherit_roots(struct host_reader *reader)
{
    size_t count = reader->host->functions.count;
    autofree struct above *index = calloc(count ? count : 1, sizeof(*index));
    struct host_function *functions = reader->host->functions.items;

    if (!index)
        return error_nomem(reader->source.reterr);
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

static int finish(struct host_reader *reader)
{
    size_t count = reader->host->functions.count;
    autofree const struct bdf **parents = calloc(count ? count : 1, sizeof(*parents));
    struct vtopo_error *error = NULL;
    int code = parents ? inherit_roots(reader) : error_nomem(reader->source.reterr);

    if (code)
        return code;
    for (size_t i = 0; i < count; i++)
        parents[i] = reader->has_parent.items[i] ? &reader->parents.items[i] : NULL;
    code = host_finish(reader->host, parents, &error);
    if (code == VTOPO_ERR_NOMEM)
        code = error_nomem(reader->source.reterr);
    else if (code)
        code = error_set(reader->source.reterr, code, "%s: %s", reader->source.name,
                         vtopo_error_message(error));
    vtopo_error_free(error);
    return code;
}

static int read_host(struct host_reader *reader, const json_t *json)
{
    static const char *const keys[] = {
        "vtopo_host", "kernel",    "processor", "emulators", "firmware", "nodes",  "isolated",
        "cores",      "functions", "mdevs",     "vdpas",     "vms",      "config", NULL,
    };
    struct object object;
    json_int_t version = 0;
    int code;

    if (!json_is_object(json) || !json_object_get(json, "vtopo_host"))
        return error_set(reader->source.reterr, VTOPO_ERR_HOST,
                         "%s: not a host description (no key 'vtopo_host')", reader->source.name);
    /* The version first: another one may have other keys. */
    object = (struct object){.source = &reader->source, .json = json};
    code = object_get_int(&object, "vtopo_host", 1, INT32_MAX, &version);
    if (!code && version != HOST_DESCRIPTION_VERSION)
        code =
            object_wrong(&object, "vtopo_host", "version %d of the format, but this vtopo reads %d",
                         (int)version, HOST_DESCRIPTION_VERSION);
    if (!code)
        code = object_open(&reader->source, json, "", keys, &object);
    if (!code && !json_object_get(json, "functions"))
        code = object_wrong(&object, "functions", "%s", "is missing");
    if (!code)
        code = host_read_kernel(reader, &object);
    if (!code)
        code = host_read_processor(reader, json);
    if (!code)
        code = read_list(reader, json, "emulators", host_read_emulator);
    if (!code)
        code = read_list(reader, json, "firmware", host_read_firmware);
    if (!code)
        code = read_list(reader, json, "nodes", host_read_node);
    if (!code && json_object_get(json, "isolated"))
        code = object_need_set(&object, "isolated", &reader->host->isolated);
    if (!code)
        code = read_list(reader, json, "cores", host_read_core);
    if (!code)
        code = read_list(reader, json, "functions", host_read_function);
    if (!code)
        code = read_list(reader, json, "mdevs", host_read_mdev);
    if (!code)
        code = read_list(reader, json, "vdpas", host_read_vdpa);
    reader->host->vms.known = json_object_get(json, "vms") != NULL;
    if (!code)
        code = read_list(reader, json, "vms", host_read_vm);
    if (!code)
        code = finish(reader);
    return code ? code : host_read_configs(reader, json);
}

int host_description_parse(const char *text, size_t length, const char *name,
                           struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct host_reader reader = {.source = {name, reterr}, .host = host};
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
