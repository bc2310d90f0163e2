/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket.c - see socket.h
 *
 * Takes:  a path, or a folder.
 * Gives:  a socket that listens, under its final name.
 * Rule:   virt-launcher tries every file of its folder as a socket and remembers the name that
 *         answered, so nothing else is put there, not for a moment either, and nothing is renamed.
 *         Who binds has the folder locked, so that two do not take the same name over.
 * Not here: which name that is (socket_name.c).
 */
#include "socket.h"

#include "base/error.h"
#include "socket_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 40
#define LOCK_PAUSE_NS 50000000
#define BACKLOG 64

static int failed(struct vtopo_error **reterr, const char *what, const char *path)
{
    return error_set(reterr, VTOPO_ERR_FILE, "cannot %s '%s': %s", what, path, strerror(errno));
}

/* The folder, locked; close() unlocks it. */
static int lock_folder(const char *folder, int *ret_fd, struct vtopo_error **reterr)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), tries = LOCK_TRIES;

    if (fd < 0)
        return failed(reterr, "open the folder", folder);
    while (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK || !tries--) {
            int r = failed(reterr, "lock the folder", folder);

            close(fd);
            return r;
        }
        nanosleep(&pause, NULL);
    }
    *ret_fd = fd;
    return 0;
}

/* Nothing is there afterwards, or it stays and that is an error. */
static int clear_way(const char *path, struct vtopo_error **reterr)
{
    struct stat file;

    if (lstat(path, &file))
        return errno == ENOENT ? 0 : failed(reterr, "look for", path);
    if (!S_ISSOCK(file.st_mode))
        return error_set(reterr, VTOPO_ERR_REFUSED, "'%s' is there, and is no socket", path);
    if (!socket_is_dead(path))
        return error_set(reterr, VTOPO_ERR_REFUSED, "somebody listens on '%s'", path);
    return unlink(path) ? failed(reterr, "remove the dead socket", path) : 0;
}

/* For its owner and group: the group is the folder's where Kubernetes sets fsGroup. */
static int bind_and_listen(struct listening *listening, struct vtopo_error **reterr)
{
    struct sockaddr_un address = socket_address(listening->path);
    mode_t before = umask(0117);
    int r;

    listening->fd = socket_new();
    r = listening->fd < 0 || bind(listening->fd, (struct sockaddr *)&address, sizeof(address)) ||
        listen(listening->fd, BACKLOG) || lstat(listening->path, &listening->file);
    umask(before);
    if (!r)
        return 0;
    r = failed(reterr, "listen on", listening->path);
    if (listening->fd >= 0)
        close(listening->fd);
    listening->fd = -1;
    return r;
}

static int open_locked(const char *path, struct listening *ret, struct vtopo_error **reterr)
{
    int r = clear_way(path, reterr);

    strcpy(ret->path, path);
    return r ? r : bind_and_listen(ret, reterr);
}

static int too_long(const char *path, struct vtopo_error **reterr)
{
    return error_set(reterr, VTOPO_ERR_FILE, "'%s' is longer than the %zu bytes of a socket's name",
                     path, sizeof(((struct listening *)0)->path) - 1);
}

int listening_open(const char *path, struct listening *ret, struct vtopo_error **reterr)
{
    char folder[sizeof(ret->path)];
    const char *slash = strrchr(path, '/');
    int fd, r;

    *ret = (struct listening){.fd = -1};
    if (strlen(path) >= sizeof(ret->path))
        return too_long(path, reterr);
    if (!slash || !slash[1])
        return error_set(reterr, VTOPO_ERR_USAGE, "'%s' is no path of a socket", path);
    snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
    r = lock_folder(folder, &fd, reterr);
    if (r)
        return r;
    r = open_locked(path, ret, reterr);
    close(fd);
    return r;
}

int listening_open_in(const char *folder, const char *container, struct listening *ret,
                      struct vtopo_error **reterr)
{
    char path[sizeof(ret->path)];
    int fd, r;

    *ret = (struct listening){.fd = -1};
    r = lock_folder(folder, &fd, reterr);
    if (r)
        return r;
    if (!socket_name(folder, container, path, sizeof(path)))
        r = too_long(folder, reterr);
    if (!r)
        r = open_locked(path, ret, reterr);
    close(fd);
    return r;
}

void listening_close(struct listening *listening)
{
    struct stat file;

    if (listening->fd < 0)
        return;
    if (!lstat(listening->path, &file) && file.st_dev == listening->file.st_dev &&
        file.st_ino == listening->file.st_ino)
        unlink(listening->path);
    close(listening->fd);
    listening->fd = -1;
}
