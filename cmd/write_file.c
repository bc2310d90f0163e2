/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write_file.c - see write_file.h */
#include "write_file.h"

#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as many symbolic links as Linux follows */

/* What will be replaced: its real path, and how it is now. */
struct target {
    char path[PATH_MAX];
    char directory[PATH_MAX];
    bool exists;
    bool planted; /* by somebody else */
    struct stat now;
};

/* The directory of @path and the name in it, with the directory's real path. */
static bool split(const char *path, struct target *ret)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char directory[PATH_MAX];
    int length = snprintf(directory, sizeof(directory), "%.*s", (int)(name - path), path);

    if (length >= (int)sizeof(directory) || strlen(name) >= sizeof(ret->path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (!realpath(length ? directory : ".", ret->directory))
        return false;
    length = snprintf(ret->path, sizeof(ret->path), "%s/%s",
                      strcmp(ret->directory, "/") ? ret->directory : "", name);
    errno = ENAMETOOLONG;
    return length < (int)sizeof(ret->path);
}

/*
 * Where everybody may make files, such as /tmp, somebody else's link or file can have been put
 * there for us to fall into.  Linux has the same rule for opening files (fs.protected_symlinks,
 * fs.protected_regular), but a file that is replaced is never opened.
 */
static bool is_planted(const struct target *target)
{
    struct stat directory;

    return !stat(target->directory, &directory) && (directory.st_mode & S_ISVTX) &&
           (directory.st_mode & S_IWOTH) && target->now.st_uid != geteuid() &&
           target->now.st_uid != 0;
}

/* @path or, if that is a symbolic link, what it names, becomes @path. */
static bool read_link(const struct target *target, char path[PATH_MAX])
{
    char to[PATH_MAX];
    ssize_t length = readlink(target->path, to, sizeof(to));

    if (length < 0)
        return false;
    errno = ENAMETOOLONG;
    if (length >= (ssize_t)sizeof(to))
        return false;
    to[length] = '\0';
    return snprintf(path, PATH_MAX, "%s%s%s", *to == '/' ? "" : target->directory,
                    *to == '/' ? "" : "/", to) < PATH_MAX;
}

static bool follow_links(const char *start, struct target *ret)
{
    char path[PATH_MAX];

    ret->planted = false;
    errno = ENAMETOOLONG;
    if (snprintf(path, sizeof(path), "%s", start) >= (int)sizeof(path))
        return false;
    for (int links = 0; links <= MAX_LINKS; links++) {
        if (!split(path, ret))
            return false;
        ret->exists = !lstat(ret->path, &ret->now);
        if (!ret->exists)
            return errno == ENOENT && !links;
        ret->planted = is_planted(ret);
        if (ret->planted)
            return false;
        if (!S_ISLNK(ret->now.st_mode))
            return true;
        if (!read_link(ret, path))
            return false;
    }
    errno = ELOOP;
    return false;
}

static int find_target(const char *program, const char *path, struct target *ret)
{
    if (!follow_links(path, ret)) {
        complain(program, "cannot write '%s': %s", path,
                 ret->planted
                     ? "it is somebody else's, in a directory where everybody may make files"
                     : strerror(errno));
        return STATUS_FILE;
    }
    if (ret->exists && !S_ISREG(ret->now.st_mode)) {
        complain(program, "cannot write '%s': not a regular file", path);
        return STATUS_FILE;
    }
    return STATUS_DONE;
}

/* The owner first: chown() takes the set-user-id bits of the mode away. */
static bool copy_mode_and_owner(int fd, const struct target *target)
{
    mode_t mask;

    if (!target->exists) {
        mask = umask(0);
        umask(mask);
        return !fchmod(fd, 0666 & ~mask);
    }
    return !fchown(fd, target->now.st_uid, target->now.st_gid) &&
           !fchmod(fd, target->now.st_mode & 07777);
}

struct new_file {
    struct target target;
    char temporary[PATH_MAX + 16];
};

/* False: the temporary file is gone again. */
static bool write_temporary(struct new_file *file, const char *text, size_t length)
{
    int fd, why;
    bool done;

    snprintf(file->temporary, sizeof(file->temporary), "%s/.vtopo-XXXXXX", file->target.directory);
    fd = mkostemp(file->temporary, O_CLOEXEC);
    if (fd < 0)
        return false;
    done = write_all(fd, text, length) && copy_mode_and_owner(fd, &file->target) && !fsync(fd);
    why = errno;
    if (close(fd) && done) {
        done = false;
        why = errno;
    }
    if (!done)
        unlink(file->temporary);
    errno = why;
    return done;
}

int new_file(const char *program, const char *path, const char *text, size_t length,
             struct new_file **ret_file)
{
    struct new_file *file = calloc(1, sizeof(*file));
    int status = STATUS_NOMEM;

    if (!file)
        complain(program, "%s", vtopo_strerror(VTOPO_ERR_NOMEM));
    else
        status = find_target(program, path, &file->target);
    if (!status && !write_temporary(file, text, length)) {
        complain(program, "cannot write '%s': %s", path, strerror(errno));
        status = STATUS_FILE;
    }
    if (status)
        free(file);
    else
        *ret_file = file;
    return status;
}

/* A rename is on the disk only when its directory is; but it is done, so this cannot fail any more.
 */
static void sync_directory(int directory)
{
    if (directory < 0)
        return;
    fsync(directory);
    close(directory);
}

int new_file_finish(const char *program, struct new_file *file)
{
    int directory = open(file->target.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int status = STATUS_DONE;

    if (rename(file->temporary, file->target.path)) {
        complain(program, "cannot write '%s': %s", file->target.path, strerror(errno));
        unlink(file->temporary);
        status = STATUS_FILE;
    }
    sync_directory(directory);
    free(file);
    return status;
}

void new_file_drop(struct new_file *file)
{
    if (file)
        unlink(file->temporary);
    free(file);
}

int write_file(const char *program, const char *path, const char *text, size_t length)
{
    struct new_file *file;
    int status = new_file(program, path, text, length, &file);

    return status ? status : new_file_finish(program, file);
}
