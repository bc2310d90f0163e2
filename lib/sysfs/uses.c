/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uses.c - see uses.h
 *
 * Takes:  a tree, the host's functions in order.
 * Gives:  what its kernel says that it does with them.
 * Rule:   nothing is concluded from what is not there.  Whatever is odd here keeps nobody from the
 *         rest of the host: it is passed over.
 * Not here: networks (uses_net.c), disks (uses_disk.c), screens (uses_screen.c).
 */
#include "sysfs/uses.h"

#include "base/error.h"
#include "sysfs/device_path.h"

#include <string.h>

static size_t function_of(const struct vtopo_host *host, const struct device_path *path)
{
    size_t count = path->chain.count;

    return count ? host_find(host, &path->chain.items[count - 1].bdf) : HOST_NONE;
}

/* The same tree, where nobody is told what cannot be read. */
static struct tree quiet(const struct tree *tree)
{
    return (struct tree){.fd = tree->fd, .name = tree->name};
}

static int call_one(const struct place *place, const struct vtopo_host *host, const char *name,
                    struct device_path *path,
                    int (*call)(const struct class_device *device, void *context), void *context)
{
    struct class_device device = {.name = name};
    int code = device_path_read(place, name, path);

    if (code || !path->path)
        return code == VTOPO_ERR_NOMEM ? code : 0;
    device.path = path->path;
    device.function = function_of(host, path);
    return call(&device, context);
}

int uses_for_each(const struct tree *tree, const struct vtopo_host *host, const char *folder,
                  int (*call)(const struct class_device *device, void *context), void *context)
{
    const struct tree silent = quiet(tree);
    struct device_path path = {0};
    struct names names = {0};
    struct place place = {.fd = -1};
    int code = tree_list(&silent, folder, &names);

    if (!code)
        code = place_open(&silent, folder, strlen(folder), &place);
    if (code)
        code = code == VTOPO_ERR_NOMEM ? code : 0;
    else if (place.fd >= 0) {
        for (size_t i = 0; !code && i < names.count; i++)
            code = call_one(&place, host, names.items[i], &path, call, context);
    }
    place_close(&place);
    names_clear(&names);
    device_path_clear(&path);
    return code;
}

void uses_note(struct vtopo_host *host, size_t function, enum host_use use)
{
    if (function != HOST_NONE && host->functions.items[function].use < use)
        host->functions.items[function].use = use;
}

bool uses_has(const struct tree *tree, const char *folder, const char *name)
{
    const struct tree silent = quiet(tree);
    struct names names;
    bool found = false;

    if (tree_list(&silent, folder, &names))
        return false;
    for (size_t i = 0; i < names.count; i++)
        found = found || !strcmp(names.items[i], name);
    names_clear(&names);
    return found;
}

bool uses_attribute(const struct tree *tree, const char *folder, const char *name,
                    char ret_text[SHORT_TEXT])
{
    const struct tree silent = quiet(tree);
    struct place place;
    bool found = false;
    int code = place_open(&silent, folder, strlen(folder), &place);

    if (!code && place.fd >= 0)
        code = place_read_short(&place, name, ret_text, &found);
    place_close(&place);
    return !code && found;
}

int uses_read(const struct tree *tree, struct vtopo_host *host)
{
    int code = uses_read_net(tree, host);

    if (!code)
        code = uses_read_disks(tree, host);
    if (!code)
        code = uses_read_screens(tree, host);
    return code ? error_nomem(tree->reterr) : 0;
}
