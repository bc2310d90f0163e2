/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_vms.c - VMs of a host description
 *
 * Takes:  {"name": "vm1", "running": true, "topology": "differs", "reason": "...", "devices": [...]}
 * Gives:  host->vms.
 * Rule:   names of VMs are anybody's text; the devices that one has need not be of the host.
 */
#include "json/host_reader.h"

#include <stdio.h>
#include <string.h>

/* What is not there is "". */
static int copy_text(const struct object *object, const char *key, bool needed, char **ret_text)
{
    const char *text = NULL;
    int code =
        needed ? object_need_string(object, key, &text) : object_get_string(object, key, &text);

    if (code)
        return code;
    if (needed && !*text)
        return object_wrong(object, key, "%s", "must not be empty");
    *ret_text = strdup(text ? text : "");
    return *ret_text ? 0 : error_nomem(object->source->reterr);
}

static int read_claim(struct host_reader *reader, const json_t *json, const char *where,
                      struct host_vm *vm)
{
    static const char *const keys[] = {"device", "running", "defined", NULL};
    struct object object;
    struct host_claim *claim;
    int code = object_open(&reader->source, json, where, keys, &object);

    if (code)
        return code;
    claim = vec_add(&vm->claims);
    if (!claim)
        return error_nomem(reader->source.reterr);
    code = copy_text(&object, "device", true, &claim->device);
    if (!code)
        code = object_get_bool(&object, "running", &claim->now);
    if (!code)
        code = object_get_bool(&object, "defined", &claim->next);
    if (!code && !claim->now && !claim->next)
        code = object_wrong(&object, "device", "%s", "needs 'running' or 'defined'");
    return code;
}

static int read_claims(struct host_reader *reader, const struct object *object, struct host_vm *vm)
{
    const json_t *list = json_object_get(object->json, "devices"), *value;
    int code = 0;
    size_t i;

    if (list && !json_is_array(list))
        return object_wrong(object, "devices", "%s", "must be an array");
    json_array_foreach(list, i, value)
    {
        char where[sizeof(object->where) + 32];

        snprintf(where, sizeof(where), "%s.devices[%zu]", object->where, i);
        code = read_claim(reader, value, where, vm);
        if (code)
            break;
    }
    return code;
}

static int read_topology(const struct object *object, enum vm_topology *ret_topology)
{
    const char *text;
    int code = object_need_string(object, "topology", &text);

    if (!code && !vm_topology_parse(text, ret_topology))
        code =
            object_wrong(object, "topology",
                         "'%.40s' is none of as_host, lacking, differs, transient, failed", text);
    return code;
}

int host_read_vm(struct host_reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"name", "running", "topology", "reason", "devices", NULL};
    struct object object;
    struct host_vm *vm;
    int code = object_open(&reader->source, json, where, keys, &object);

    (void)count;
    if (code)
        return code;
    vm = vec_add(&reader->host->vms);
    if (!vm)
        return error_nomem(reader->source.reterr);
    code = copy_text(&object, "name", true, &vm->name);
    if (!code)
        code = object_get_bool(&object, "running", &vm->running);
    if (!code)
        code = read_topology(&object, &vm->topology);
    if (!code)
        code = copy_text(&object, "reason", false, &vm->reason);
    return code ? code : read_claims(reader, &object, vm);
}
