/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_firmware.c - files of guests' firmware of a host description
 *
 * Takes:  {"path": "/usr/share/OVMF/OVMF_CODE_4M.fd", "kind": "ovmf", "version": "2022.11.0", ...}
 * Gives:  host->firmwares.
 * Rule:   one without a version is known to be there, and no more.
 */
#include "json/host_reader.h"

#include <string.h>

static int read_kind(const struct object *object, enum host_firmware_kind *ret)
{
    static const char *const names[] = {[FIRMWARE_FILE_SEABIOS] = "seabios",
                                        [FIRMWARE_FILE_OVMF] = "ovmf",
                                        [FIRMWARE_FILE_AAVMF] = "aavmf"};
    const char *kind;
    int code = object_need_string(object, "kind", &kind);

    for (size_t i = 0; !code && i < sizeof(names) / sizeof(*names); i++) {
        *ret = (enum host_firmware_kind)i;
        if (!strcmp(kind, names[i]))
            return 0;
    }
    return code ? code
                : object_wrong(object, "kind", "'%.40s' is neither ovmf nor aavmf nor seabios",
                               kind);
}

static int read_offered(const struct object *object, struct host_firmware *firmware)
{
    int code = object_get_bool(object, "offered", &firmware->offered);

    if (!code && firmware->offered && firmware->kind == FIRMWARE_FILE_SEABIOS)
        code = object_wrong(object, "offered", "%s", "libvirt offers no SeaBIOS");
    return code;
}

int host_read_firmware(struct host_reader *reader, const json_t *json, const char *where,
                       size_t count)
{
    static const char *const keys[] = {"path", "kind", "version", "offered", NULL};
    struct object object;
    struct host_firmware *firmware;
    int code = object_open(&reader->source, json, where, keys, &object);

    if (code)
        return code;
    if (count > FIRMWARES_MAX)
        return object_wrong(&object, "path", "more than %d files of firmware", FIRMWARES_MAX);
    firmware = vec_add(&reader->host->firmwares);
    if (!firmware)
        return error_nomem(reader->source.reterr);
    code = object_need_path(&object, "path", &firmware->path);
    if (!code)
        code = read_kind(&object, &firmware->kind);
    if (!code)
        code = object_get_version(&object, "version", &firmware->version);
    return code ? code : read_offered(&object, firmware);
}
