/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_path.h - what the path of a device says
 */
#ifndef VTOPO_SYSFS_DEVICE_PATH_H
#define VTOPO_SYSFS_DEVICE_PATH_H

#include "base/bdf.h"
#include "sysfs/tree.h"

/* A function in a path: .../pci0000:3a/0000:3a:00.0/0000:3b:00.0/REST */
struct path_function {
    struct bdf bdf;
    size_t end; /* of its own path */
};

struct device_path {
    char *path;                      /* below the root of the tree */
    bool has_root;                   /* there is a root complex in the path */
    struct bdf root;                 /* the last one: VMD puts one below another */
    VEC(struct path_function) chain; /* the functions below it */
};

/*
 * Reads the link @name in @place and splits its path.  path->path NULL: absent.  A link
 * that is absolute or leads out of the tree is an error.
 *
 * @path  zeroed before the first call; its memory is used again
 */
int device_path_read(const struct place *place, const char *name, struct device_path *path);
void device_path_clear(struct device_path *path);

/* The last function of the path, if it does not end there: what an mdev or vDPA device is on. NULL:
 * it is on none. */
const struct path_function *device_path_parent(const struct device_path *path);

#endif
