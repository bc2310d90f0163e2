/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket.c - see socket.h
 *
 * Takes:  a path, or a folder.
 * Gives:  a socket that listens, under its final name.
 * Rule:   virt-launcher tries every file of its folder as a socket and remembers the name that
 *         answered, so nothing else is put there, not for a moment either, and nothing is renamed.
 *         Who binds has the folder locked, so that two do not take the same name over.
 */
#include "socket.h"

#include "base/error.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "vtopo-"
#define SUFFIX ".sock"
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

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memccpy(address.sun_path, path, '\0', sizeof(address.sun_path) - 1);
    return address;
}

/* Does nobody listen on the socket? */
static bool is_dead(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = new_socket();
    bool dead = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
                errno == ECONNREFUSED;

    if (fd >= 0)
        close(fd);
    return dead;
}

/* Nothing is there afterwards, or it stays and that is an error. */
static int clear_way(const char *path, struct vtopo_error **reterr)
{
    struct stat file;

    if (lstat(path, &file))
        return errno == ENOENT ? 0 : failed(reterr, "look for", path);
    if (!S_ISSOCK(file.st_mode))
        return error_set(reterr, VTOPO_ERR_REFUSED, "'%s' is there, and is no socket", path);
    if (!is_dead(path))
        return error_set(reterr, VTOPO_ERR_REFUSED, "somebody listens on '%s'", path);
    return unlink(path) ? failed(reterr, "remove the dead socket", path) : 0;
}

/* For its owner and group: the group is the folder's where Kubernetes sets fsGroup. */
static int bind_and_listen(struct listening *listening, struct vtopo_error **reterr)
{
    struct sockaddr_un address = address_of(listening->path);
    mode_t before = umask(0117);
    int r;

    listening->fd = new_socket();
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

/* A container's name, as Kubernetes allows it. */
static bool is_name(const char *container)
{
    size_t length = container ? strlen(container) : 0;

    for (size_t i = 0; i < length; i++) {
        if (!islower((unsigned char)container[i]) && !isdigit((unsigned char)container[i]) &&
            container[i] != '-')
            return false;
    }
    return length && length <= 63;
}

static bool has_form(const char *name, const char *begin)
{
    size_t length = strlen(name), rest = strlen(begin) + 16 + strlen(SUFFIX);

    return length == rest && !strncmp(name, begin, strlen(begin)) &&
           strspn(name + strlen(begin), "0123456789abcdef") == 16 &&
           !strcmp(name + length - strlen(SUFFIX), SUFFIX);
}

/* The path of a dead socket of an earlier run; all others of them are removed. */
static bool find_left(int folder_fd, const char *folder, const char *begin, struct listening *ret)
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    bool found = false;
    struct dirent *entry;

    while (entries && (entry = readdir(entries))) {
        char path[sizeof(ret->path)];
        struct stat file;

        if (!has_form(entry->d_name, begin) ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= sizeof(path) ||
            lstat(path, &file) || !S_ISSOCK(file.st_mode) || file.st_uid != geteuid() ||
            !is_dead(path))
            continue;
        if (found)
            unlink(path);
        else
            strcpy(ret->path, path);
        found = true;
    }
    if (entries)
        closedir(entries);
    else if (fd >= 0)
        close(fd);
    return found;
}

static int new_path(const char *folder, const char *begin, struct listening *ret,
                    struct vtopo_error **reterr)
{
    unsigned long long number = 0;
    int length;

    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        return failed(reterr, "get a random name in", folder);
    length = snprintf(ret->path, sizeof(ret->path), "%s/%s%016llx" SUFFIX, folder, begin, number);
    return length < (int)sizeof(ret->path) ? 0 : too_long(folder, reterr);
}

int listening_open_in(const char *folder, const char *container, struct listening *ret,
                      struct vtopo_error **reterr)
{
    char begin[96], path[sizeof(ret->path)];
    bool named = is_name(container);
    int fd, r;

    *ret = (struct listening){.fd = -1};
    snprintf(begin, sizeof(begin), PREFIX "%s%s", named ? container : "", named ? "-" : "");
    r = lock_folder(folder, &fd, reterr);
    if (r)
        return r;
    if (!find_left(fd, folder, begin, ret))
        r = new_path(folder, begin, ret, reterr);
    strcpy(path, ret->path);
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
