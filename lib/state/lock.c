/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock.c - see lock.h
 *
 * Takes:  a folder of its owner alone.
 * Gives:  locks on bytes of a file there, a byte for each.
 * Rule:   locks of open files (fcntl(2), F_OFD_SETLK), which can be asked about without taking
 *         them: who asks never keeps anybody from having one.
 */
#include "state/lock.h"

#include "state/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "vtopod.lock"

static struct flock range_of(enum lock lock, short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = lock, .l_len = 1};
}

static int open_folder(const char *path, bool make, struct folder *ret, struct vtopo_error **reterr)
{
    return folder_open(path, "where vtopod's locks are", make, ret, reterr);
}

static int open_file(const struct folder *folder, int flags, int *ret_fd,
                     struct vtopo_error **reterr)
{
    *ret_fd = openat(folder->fd, NAME, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (*ret_fd >= 0 || (errno == ENOENT && !(flags & O_CREAT)))
        return 0;
    return error_set(reterr, VTOPO_ERR_FILE, "'%s/" NAME "' cannot be opened: %s", folder->path,
                     strerror(errno));
}

int lock_open(const char *folder, int *ret_fd, struct vtopo_error **reterr)
{
    struct folder open;
    int r = open_folder(folder, true, &open, reterr);

    *ret_fd = -1;
    if (!r)
        r = open_file(&open, O_RDWR | O_CREAT, ret_fd, reterr);
    folder_close(&open);
    return r;
}

bool lock_take(int fd, enum lock lock)
{
    struct flock range = range_of(lock, F_WRLCK);

    return !fcntl(fd, F_OFD_SETLK, &range);
}

void lock_give(int fd, enum lock lock)
{
    struct flock range = range_of(lock, F_UNLCK);

    fcntl(fd, F_OFD_SETLK, &range);
}

static int ask(int fd, enum lock lock, bool *ret_held, struct vtopo_error **reterr)
{
    struct flock range = range_of(lock, F_WRLCK);

    if (fcntl(fd, F_OFD_GETLK, &range))
        return error_set(reterr, VTOPO_ERR_FILE, "a lock of vtopod cannot be asked about: %s",
                         strerror(errno));
    *ret_held = range.l_type != F_UNLCK;
    return 0;
}

int lock_is_held(const char *folder, enum lock lock, bool *ret_held, struct vtopo_error **reterr)
{
    struct folder open;
    int fd = -1, r = open_folder(folder, false, &open, reterr);

    *ret_held = false;
    if (!r && open.fd >= 0)
        r = open_file(&open, O_RDWR, &fd, reterr);
    folder_close(&open);
    if (!r && fd >= 0)
        r = ask(fd, lock, ret_held, reterr);
    if (fd >= 0)
        close(fd);
    return r;
}
