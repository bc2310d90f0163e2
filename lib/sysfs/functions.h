/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * functions.h - which functions of a tree are read, and in which order
 *
 * Functions are wanted by their address, then read with the bridges above them, each once.
 */
#ifndef VTOPO_SYSFS_FUNCTIONS_H
#define VTOPO_SYSFS_FUNCTIONS_H

#include "base/bdf_map.h"
#include "sysfs/device_path.h"
#include "sysfs/function.h"

/* A function that is to be read, or was. */
struct function_entry {
    struct bdf bdf;
    bool wanted;       /* its own link is to be read; otherwise it is a bridge above others only */
    size_t depth;      /* bridges above it */
    struct bdf parent; /* if depth is above 0 */
    size_t child;      /* the entry through which a bridge was found first */
    size_t function;   /* its place in host->functions; HOST_NONE: not there, or not read yet */
    bool atomics;      /* its registers of atomics have been read */
    const char *path;  /* of its directory; in owned_path, or in that of an entry below it */
    size_t length;     /* of the path */
    char *owned_path;
};

struct functions {
    const struct tree *tree;
    struct vtopo_host *host;
    struct function_wish wish;
    struct place devices; /* bus/pci/devices */
    VEC(struct function_entry) entries;
    size_t done;             /* entries that have been read */
    struct bdf_map map;      /* places in entries */
    struct device_path path; /* that of the entry at work */
};

/* Absent is an error here: such a tree is none of sysfs. */
int functions_open(const struct tree *tree, struct vtopo_host *host,
                   const struct function_wish *wish, struct functions *ret);
void functions_close(struct functions *functions);

/* All of them. */
int functions_want_all(struct functions *functions);
/* One, which may be wanted already. */
int functions_want(struct functions *functions, const struct bdf *bdf);
/* The members of the IOMMU groups of the first @count entries, each group once. */
int functions_want_groups(struct functions *functions, size_t count);

/*
 * Reads what is wanted and was not read yet, the bridges above and, unless everything is read, the
 * physical functions.  A function that the host lacks is left out without a word.
 */
int functions_read(struct functions *functions);

/* Brings the host into order: host_finish(). */
int functions_finish(const struct functions *functions);

#endif
