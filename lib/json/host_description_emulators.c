/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_emulators.c - emulators of a host description
 *
 * Takes:  {"path": "/usr/bin/qemu-system-x86_64", "arch": "x86_64", "qemu_version": "7.2.22", ...}
 * Gives:  host->emulators.
 * Rule:   one that is known says its architecture and versions, any other none of them.
 */
#include "json/host_reader.h"

#include <string.h>

static int copy_text(const struct object *object, const char *text, char **ret_copy)
{
    *ret_copy = text ? strdup(text) : NULL;
    return !text || *ret_copy ? 0 : error_nomem(object->source->reterr);
}

static int read_state(const struct object *object, enum emulator_state *ret_state)
{
    const char *text;
    int code = object_get_string(object, "state", &text);

    if (!code && text && !emulator_state_parse(text, ret_state))
        code = object_wrong(object, "state",
                            "'%.40s' is none of known, stale, unreadable, unusable", text);
    return code;
}

/* A name of an architecture or machine type; @ret_name NULL: not there. */
static int read_arch(const struct object *object, char **ret_arch)
{
    const char *name;
    int code = object_get_string(object, "arch", &name);

    if (!code && name && !emulator_is_name(name))
        code = object_wrong(object, "arch", "'%.40s' is no architecture", name);
    return code ? code : copy_text(object, name, ret_arch);
}

static int read_default(const struct object *object, bool *ret_default)
{
    const json_t *value = json_object_get(object->json, "default");

    if (value && !json_is_boolean(value))
        return object_wrong(object, "default", "%s", "must be true or false");
    *ret_default = json_is_true(value);
    return 0;
}

static int read_machines(const struct object *object, struct host_emulator *emulator)
{
    json_t *machines = json_object_get(object->json, "machines"), *value;
    const char *alias;

    if (machines && !json_is_object(machines))
        return object_wrong(object, "machines", "%s", "must be an object");
    if (json_object_size(machines) > EMULATOR_MACHINES_MAX)
        return object_wrong(object, "machines", "more than %d", EMULATOR_MACHINES_MAX);
    json_object_foreach(machines, alias, value)
    {
        if (!emulator_is_name(alias) || !json_is_string(value) ||
            !emulator_is_name(json_string_value(value)))
            return object_wrong(object, "machines", "'%.40s' and its value are to be machine types",
                                alias);
        if (!emulator_add_machine(emulator, alias, json_string_value(value)))
            return error_nomem(object->source->reterr);
    }
    return 0;
}

static int check(const struct object *object, const struct host_emulator *emulator)
{
    bool known = emulator->state == EMULATOR_KNOWN;

    if (json_object_get(object->json, "default") && !emulator->arch)
        return object_wrong(object, "default", "%s", "needs 'arch'");
    if (known && !(emulator->arch && emulator->qemu_version && emulator->libvirt_version))
        return object_wrong(object, "path", "%s",
                            "needs 'arch', 'qemu_version' and 'libvirt_version', or 'state'");
    if (!known && (json_object_get(object->json, "qemu_version") ||
                   json_object_get(object->json, "libvirt_version") ||
                   json_object_get(object->json, "machines")))
        return object_wrong(object, "state", "%s",
                            "goes without 'qemu_version', 'libvirt_version' and 'machines'");
    return 0;
}

int host_read_emulator(struct host_reader *reader, const json_t *json, const char *where,
                       size_t count)
{
    static const char *const keys[] = {
        "path", "state", "default", "arch", "qemu_version", "libvirt_version", "machines", NULL,
    };
    struct object object;
    struct host_emulator *emulator;
    int code = object_open(&reader->source, json, where, keys, &object);

    if (code)
        return code;
    if (count > EMULATORS_MAX)
        return object_wrong(&object, "path", "more than %d emulators", EMULATORS_MAX);
    emulator = vec_add(&reader->host->emulators);
    if (!emulator)
        return error_nomem(reader->source.reterr);
    code = object_need_path(&object, "path", &emulator->path);
    if (!code)
        code = read_state(&object, &emulator->state);
    if (!code)
        code = read_default(&object, &emulator->is_default);
    if (!code)
        code = read_arch(&object, &emulator->arch);
    if (!code)
        code = object_get_version(&object, "qemu_version", &emulator->qemu_version);
    if (!code)
        code = object_get_version(&object, "libvirt_version", &emulator->libvirt_version);
    if (!code)
        code = read_machines(&object, emulator);
    return code ? code : check(&object, emulator);
}
