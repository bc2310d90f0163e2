/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted_file.c - see trusted_file.h */
#include "firmware/trusted_file.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Links are followed: packages have some. */
static int open_file(const struct firmware_places *places, const char *path)
{
    char whole[PATH_MAX];
    int length = snprintf(whole, sizeof(whole), "%s%s", places->root, path);

    if (length < 0 || (size_t)length >= sizeof(whole)) {
        errno = ENOENT;
        return -1;
    }
    return open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static bool is_trusted(const struct firmware_places *places, int fd)
{
    struct stat status;

    return !fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_uid == places->owner &&
           !(status.st_mode & (S_IWGRP | S_IWOTH));
}

int trusted_file_read(const struct firmware_places *places, const char *path, size_t limit,
                      char **ret_text, size_t *ret_length, bool *ret_there,
                      struct vtopo_error **reterr)
{
    struct vtopo_error *error = NULL;
    int fd = open_file(places, path), r = 0;

    *ret_text = NULL;
    *ret_length = 0;
    *ret_there = fd >= 0 || errno != ENOENT;
    if (fd < 0)
        return errno == ENOMEM ? error_nomem(reterr) : 0;
    if (is_trusted(places, fd))
        r = read_open_file(fd, path, limit, VTOPO_ERR_FILE, ret_text, ret_length, &error);
    close(fd);
    vtopo_error_free(error);
    return r == VTOPO_ERR_NOMEM ? error_nomem(reterr) : 0;
}
