/* SPDX-License-Identifier: GPL-2.0-or-later */
/* folder.h - a folder of files for its owner alone, each of which is there whole or not at all */
#ifndef VTOPO_STATE_FOLDER_H
#define VTOPO_STATE_FOLDER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct folder {
    const char *path;
    const char *what; /* for messages: "where replaced definitions are kept" */
    int fd;           /* -1: it is not there */
};

/*
 * @make       make it if it is not there, and the folder above it
 * @ret        its texts are the caller's; close it with folder_close(), also after a failure
 * VTOPO_ERR_FILE: it cannot be used, or others than its owner can get at it
 */
int folder_open(const char *path, const char *what, bool make, struct folder *ret,
                struct vtopo_error **reterr);
void folder_close(struct folder *folder);

/* For this process alone, until it is closed.  VTOPO_ERR_FILE: for a second another process has had
 * it. */
int folder_lock(const struct folder *folder, struct vtopo_error **reterr);

/* The names in it that @wanted takes, one after the other; an error of its own ends it. */
int folder_list(const struct folder *folder,
                int (*wanted)(void *data, const char *name, struct vtopo_error **reterr),
                void *data, struct vtopo_error **reterr);

/* @ret_text  free with free(); NULL: there is no such file, or no folder */
int folder_read(const struct folder *folder, const char *name, size_t limit, char **ret_text,
                struct vtopo_error **reterr);
/* In place of what it has; it is on the disk when this returns. */
int folder_write(const struct folder *folder, const char *name, const char *text,
                 struct vtopo_error **reterr);
/* That it is not there is fine. */
int folder_remove(const struct folder *folder, const char *name, struct vtopo_error **reterr);

#endif
