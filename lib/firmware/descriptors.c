/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * descriptors.c - see descriptors.h
 *
 * Takes:  QEMU's firmware descriptors (docs/interop/firmware.json).
 * Gives:  the paths of UEFI firmware for an architecture.
 * Rule:   libvirt takes the first that suits the machine and what the domain asks for besides
 *         (qemuFirmwareFillDomain()); here all are listed that may be the first for some domain.  A
 *         file in /etc goes before one of the same name in /usr, and an empty one hides it.  One
 *         that cannot be read leaves all unknown.
 */
#include "firmware/descriptors.h"

#include "base/error.h"
#include "base/mem.h"
#include "firmware/trusted_file.h"
#include "model/host_emulator.h"
#include "json/load.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define DESCRIPTOR_MAX (1U << 20)
#define DESCRIPTORS_MAX 64

static const char *const folders[] = {"/etc/qemu/firmware", "/usr/share/qemu/firmware"};

/* --- one descriptor --- */

static bool list_has(const json_t *list, const char *word)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text && !strcmp(text, word))
            return true;
    }
    return false;
}

static bool is_for(const json_t *json, const char *wanted)
{
    const json_t *targets = json_object_get(json, "targets");

    for (size_t i = 0; i < json_array_size(targets); i++) {
        const json_t *arch = json_object_get(json_array_get(targets, i), "architecture");

        if (json_is_string(arch) && !strcmp(json_string_value(arch), wanted))
            return true;
    }
    return false;
}

/* Of flash, or of memory ("device": "memory"). */
static const char *file_of(const json_t *json)
{
    const json_t *mapping = json_object_get(json, "mapping");
    const json_t *executable = json_object_get(mapping, "executable");

    return json_string_value(json_object_get(executable ? executable : mapping, "filename"));
}

/* False: out of memory. */
static bool add_file(const json_t *json, const char *arch, struct paths *ret, bool *ret_valid)
{
    const char *file = file_of(json);

    if (!list_has(json_object_get(json, "interface-types"), "uefi") || !is_for(json, arch))
        return true;
    *ret_valid = file && emulator_is_path(file);
    return !*ret_valid || paths_add(ret, file, strlen(file));
}

static int read_one(const struct firmware_places *places, const char *arch, const char *path,
                    struct paths *ret, bool *ret_valid, struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    json_error_t problem;
    json_t *json;
    size_t length;
    bool there, no_memory = false;
    int r = trusted_file_read(places, path, DESCRIPTOR_MAX, &text, &length, &there, reterr);

    *ret_valid = !r && text;
    if (r || !text || !length)
        return r;
    json = load_json(text, length, &no_memory, &problem);
    *ret_valid = json;
    if (json && !add_file(json, arch, ret, ret_valid))
        no_memory = true;
    json_decref(json);
    return no_memory ? error_nomem(reterr) : 0;
}

/* --- all of them --- */

static bool has_name(const struct paths *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (!strcmp(names->items[i], name))
            return true;
    }
    return false;
}

static bool is_descriptor(const char *name)
{
    size_t length = strlen(name);

    return *name != '.' && length > 5 && !strcmp(name + length - 5, ".json");
}

/* @seen: names that went before. */
static int read_entry(const struct firmware_places *places, const char *arch, const char *folder,
                      const char *name, struct paths *seen, struct paths *ret, bool *valid,
                      struct vtopo_error **reterr)
{
    char path[PATH_MAX];

    if (!is_descriptor(name) || has_name(seen, name))
        return 0;
    if (!paths_add(seen, name, strlen(name)))
        return error_nomem(reterr);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    *valid = seen->count <= DESCRIPTORS_MAX;
    return *valid ? read_one(places, arch, path, ret, valid, reterr) : 0;
}

static int read_folder(const struct firmware_places *places, const char *arch, const char *folder,
                       struct paths *seen, struct paths *ret, bool *valid,
                       struct vtopo_error **reterr)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *stream;
    int r = 0;

    snprintf(path, sizeof(path), "%s%s", places->root, folder);
    stream = opendir(path);
    if (!stream) {
        *valid = errno == ENOENT || errno == ENOTDIR;
        return errno == ENOMEM ? error_nomem(reterr) : 0;
    }
    while (!r && *valid && (entry = readdir(stream)))
        r = read_entry(places, arch, folder, entry->d_name, seen, ret, valid, reterr);
    closedir(stream);
    return r;
}

int descriptors_read(const struct firmware_places *places, const char *arch, struct paths *ret,
                     struct vtopo_error **reterr)
{
    struct paths seen = {0};
    bool valid = true;
    int r = 0;

    *ret = (struct paths){0};
    for (size_t i = 0; !r && valid && i < sizeof(folders) / sizeof(*folders); i++)
        r = read_folder(places, arch, folders[i], &seen, ret, &valid, reterr);
    paths_clear(&seen);
    if (!valid)
        paths_clear(ret);
    return r;
}
