/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_firmware.c - see host_firmware.h */
#include "model/host_firmware.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/search.h"

#include <string.h>

static int compare_with_path(const void *key, const void *item)
{
    return strcmp(key, ((const struct host_firmware *)item)->path);
}

static int compare(const void *a, const void *b)
{
    return compare_with_path(((const struct host_firmware *)a)->path, b);
}

const struct host_firmware *firmwares_find(const struct host_firmwares *firmwares, const char *path)
{
    return search_find(path, firmwares->items, firmwares->count, sizeof(*firmwares->items),
                       compare_with_path);
}

unsigned firmwares_common_version(const struct host_firmwares *firmwares,
                                  enum host_firmware_kind kind)
{
    unsigned version = 0;
    bool any = false;

    for (size_t i = 0; i < firmwares->count; i++) {
        const struct host_firmware *f = &firmwares->items[i];

        if (f->kind != kind || (kind != FIRMWARE_FILE_SEABIOS && !f->offered))
            continue;
        if (any && f->version != version)
            return 0;
        version = f->version;
        any = true;
    }
    return version;
}

bool firmwares_add(struct host_firmwares *firmwares, const char *path, enum host_firmware_kind kind,
                   bool offered, unsigned version)
{
    struct host_firmware *added;

    for (size_t i = 0; i < firmwares->count; i++) {
        if (!strcmp(firmwares->items[i].path, path)) {
            firmwares->items[i].offered |= offered;
            return true;
        }
    }
    added = vec_add(firmwares);
    if (added)
        *added = (struct host_firmware){strdup(path), kind, offered, version};
    return added && added->path;
}

int firmwares_finish(struct host_firmwares *firmwares, struct vtopo_error **reterr)
{
    struct host_firmware *items = firmwares->items;

    if (firmwares->count)
        qsort(items, firmwares->count, sizeof(*items), compare);
    for (size_t i = 1; i < firmwares->count; i++) {
        if (!strcmp(items[i - 1].path, items[i].path))
            return error_set(reterr, VTOPO_ERR_HOST, "firmware %s is there twice", items[i].path);
    }
    return 0;
}

void firmwares_clear(struct host_firmwares *firmwares)
{
    for (size_t i = 0; i < firmwares->count; i++)
        free(firmwares->items[i].path);
    free(firmwares->items);
    *firmwares = (struct host_firmwares){0};
}
