/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_path.c - see device_path.h
 *
 * Rule:   pure text: links of sysfs name real directories only.
 */
#include "sysfs/device_path.h"

#include "base/error.h"

#include <string.h>

#define DEVICES "devices/"

/* "pci0000:3a" is the root complex 0000:3a. */
static bool is_root_name(const char *name, size_t length, struct bdf *ret_root)
{
    static const char first[] = ":00.0"; /* makes it the name of a function */
    char text[BDF_TEXT_SIZE + sizeof(first)];

    if (length < 3 || memcmp(name, "pci", 3) || length - 3 > sizeof("ffffffff:ff") - 1)
        return false;
    memcpy(text, name + 3, length - 3);
    memcpy(text + length - 3, first, sizeof(first));
    return bdf_parse_name(text, strlen(text), ret_root);
}

/*
 * The path below the root that the link text @link in the directory @base means; NULL in *ret_path:
 * it is absolute or leads out.
 */
static int resolve(const struct place *place, const char *link, char **ret_path)
{
    autofree char *path = malloc(place->length + strlen(link) + 2);
    size_t used = place->length;

    *ret_path = NULL;
    if (!path)
        return error_nomem(place->tree->reterr);
    memcpy(path, place->path, used);
    for (;; link++) {
        size_t length = strcspn(link, "/");

        if (!length || (length == 1 && *link == '.'))
            return 0; /* "/" first or last, "//", ".": never in a link of sysfs */
        if (length == 2 && !memcmp(link, "..", 2)) {
            if (!used)
                return 0;
            while (used && path[--used] != '/')
                ;
        } else {
            if (used)
                path[used++] = '/';
            memcpy(path + used, link, length);
            used += length;
        }
        link += length;
        if (!*link)
            break;
    }
    path[used] = '\0';
    *ret_path = steal(path);
    return 0;
}

/* False: out of memory. */
static bool split_path(struct device_path *path)
{
    bool in_rest = false;
    size_t length;

    for (const char *name = path->path; *name; name += length + (name[length] == '/')) {
        struct path_function *last;
        struct bdf bdf;

        length = strcspn(name, "/");
        if (is_root_name(name, length, &bdf)) {
            path->has_root = true;
            path->root = bdf;
            path->chain.count = 0;
            in_rest = false;
        } else if (!path->has_root || in_rest || !bdf_parse_name(name, length, &bdf)) {
            in_rest = true;
        } else {
            last = vec_add(&path->chain);
            if (!last)
                return false;
            *last = (struct path_function){bdf, (size_t)(name - path->path) + length};
        }
    }
    return true;
}

int device_path_read(const struct place *place, const char *name, struct device_path *path)
{
    char link[PATH_MAX];
    int code = place_read_link(place, name, link);

    free(steal(path->path));
    path->has_root = false;
    path->chain.count = 0;
    if (code || !*link)
        return code;
    code = resolve(place, link, &path->path);
    if (!code && (!path->path || strncmp(path->path, DEVICES, strlen(DEVICES))))
        code = place_wrong(place, name, link, "leads to no device of the tree");
    if (!code && !split_path(path))
        code = error_nomem(place->tree->reterr);
    return code;
}

void device_path_clear(struct device_path *path)
{
    free(path->path);
    free(path->chain.items);
    *path = (struct device_path){0};
}

const struct path_function *device_path_parent(const struct device_path *path)
{
    const struct path_function *last = path->chain.items + path->chain.count;

    return path->chain.count && path->path[last[-1].end] ? last - 1 : NULL;
}
