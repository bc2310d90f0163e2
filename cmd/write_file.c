/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * write_file.c - see write_file.h
 *
 * Takes:  a path, a text.
 * Gives:  the file, or a message and a status; the same for two files that belong together.
 * Rule:   the way to a file is walked once, and then the open directory stands for it: nobody can
 *         put another directory or link in between.
 * Not here: which files belong together (xml_output.c).
 */
#include "write_file.h"

#include "blocked_signals.h"
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY ((uid_t)-1)
#define MAX_LINKS 40 /* as many symbolic links as Linux follows */

/* What will be replaced: its directory and the name there, and how it is now. */
struct target {
    int directory; /* O_PATH; -1: none */
    char name[NAME_MAX + 1];
    bool exists;
    const char *why; /* it is not to be written; NULL: errno says it */
    struct stat now;
};

/* --- the way to a file --- */

struct walk {
    struct target *target;
    char rest[PATH_MAX]; /* what is still to be walked */
    unsigned links;      /* followed */
    bool is_linked;      /* the last name was a link */
    bool is_led;         /* by a link of somebody else's, */
    uid_t leader;        /* of this one's; NOBODY: of several people's */
    bool is_in_planted;  /* a directory on the way is somebody else's, where everybody may make some
                          */
};

static bool is_others(const struct stat *file)
{
    return file->st_uid != geteuid() && file->st_uid != 0;
}

/*
 * Where others may make files, such as /tmp, somebody else's link or file can have been put there
 * for us to fall into.  Linux has the same rule for opening files (fs.protected_symlinks,
 * fs.protected_regular), but it can be off, and a file that is replaced is never opened.
 */
static bool is_planted(const struct target *target)
{
    struct stat directory;

    if (!is_others(&target->now) || fstat(target->directory, &directory))
        return false;
    if (!S_ISLNK(target->now.st_mode))
        return (directory.st_mode & S_ISVTX) && (directory.st_mode & S_IWOTH);
    return (directory.st_mode & S_IWOTH) ||
           ((directory.st_mode & S_IWGRP) && target->now.st_uid != directory.st_uid);
}

/*
 * A directory, too, can be there before we make it ("mkdir -p /tmp/a/b" is content with it), with
 * links in it: so somebody else's links below it count as the directory would.
 */
static bool is_planted_here(struct walk *walk, bool last)
{
    struct target *target = walk->target;

    if (S_ISLNK(target->now.st_mode))
        return is_planted(target) || (walk->is_in_planted && is_others(&target->now));
    if (last)
        return is_planted(target);
    walk->is_in_planted |= is_planted(target);
    return false;
}

/*
 * Where only they make files, somebody's link is theirs to make, but not so that we write for them
 * where they may not: a timer of root's writes into the folder of a service.
 */
static bool is_led_astray(const struct walk *walk)
{
    struct stat directory;

    if (!walk->is_led)
        return false;
    if (walk->target->exists)
        return walk->target->now.st_uid != walk->leader;
    return fstat(walk->target->directory, &directory) || directory.st_uid != walk->leader;
}

static bool open_directory(struct target *target, const char *name)
{
    int from = target->directory < 0 ? AT_FDCWD : target->directory;
    int fd = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return false;
    if (target->directory >= 0)
        close(target->directory);
    target->directory = fd;
    return true;
}

/* @path is walked next, and after it what is left. */
static bool prepend(struct walk *walk, const char *path)
{
    char rest[PATH_MAX];

    if (*path == '/' && !open_directory(walk->target, "/"))
        return false;
    walk->is_in_planted &= *path != '/';
    errno = ENAMETOOLONG;
    if (snprintf(rest, sizeof(rest), "%s%s%s", path, *walk->rest ? "/" : "", walk->rest) >=
        (int)sizeof(rest))
        return false;
    memcpy(walk->rest, rest, sizeof(rest));
    return true;
}

static bool follow_link(struct walk *walk)
{
    char to[PATH_MAX];
    ssize_t length = readlinkat(walk->target->directory, walk->target->name, to, sizeof(to));

    if (length < 0)
        return false;
    errno = ELOOP;
    if (walk->links++ == MAX_LINKS)
        return false;
    errno = ENAMETOOLONG;
    if (length >= (ssize_t)sizeof(to))
        return false;
    to[length] = '\0';
    walk->is_linked |= !*walk->rest;
    return prepend(walk, to);
}

/* The next name of the way.  "a/" names what "a/." does: a directory. */
static bool next_name(struct walk *walk)
{
    const char *name = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(name, "/");
    const char *after = name + length;

    errno = ENAMETOOLONG;
    if (length > NAME_MAX)
        return false;
    snprintf(walk->target->name, sizeof(walk->target->name), "%.*s", length ? (int)length : 1,
             length ? name : ".");
    if (*after && !after[strspn(after, "/")])
        memcpy(walk->rest, ".", 2);
    else
        memmove(walk->rest, after, strlen(after) + 1);
    return true;
}

/* One name further; @ret_done: that was the last. */
static bool step(struct walk *walk, bool *ret_done)
{
    struct target *target = walk->target;

    if (!next_name(walk))
        return false;
    target->exists = !fstatat(target->directory, target->name, &target->now, AT_SYMLINK_NOFOLLOW);
    *ret_done = !*walk->rest;
    if (!target->exists) {
        if (errno == ENOENT && walk->is_linked)
            target->why = "it is a link to a file that is not there";
        return errno == ENOENT && *ret_done && !walk->is_linked;
    }
    if (is_planted_here(walk, *ret_done)) {
        target->why = "it is somebody else's, in a directory where everybody may make files";
        return false;
    }
    if (S_ISLNK(target->now.st_mode)) {
        *ret_done = false;
        if (is_others(&target->now)) {
            walk->leader =
                walk->is_led && walk->leader != target->now.st_uid ? NOBODY : target->now.st_uid;
            walk->is_led = true;
        }
        return follow_link(walk);
    }
    return *ret_done || open_directory(target, target->name);
}

/* On failure, too, the directory is to be closed. */
static bool find_target(const char *path, struct target *ret)
{
    struct walk walk = {.target = ret};
    bool done = false;

    *ret = (struct target){.directory = -1};
    errno = ENOENT;
    if (!*path || !open_directory(ret, *path == '/' ? "/" : ".") || !prepend(&walk, path))
        return false;
    while (!done) {
        if (!step(&walk, &done))
            return false;
    }
    if (is_led_astray(&walk))
        ret->why = "somebody else's link leads to what is not theirs";
    return !ret->why;
}

static void close_target(struct target *target)
{
    if (target->directory >= 0)
        close(target->directory);
}

/* --- two names, one file --- */

static bool is_one_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_same_target(const struct target *a, const struct target *b)
{
    struct stat in_a, in_b;

    if (a->exists != b->exists)
        return false;
    if (a->exists)
        return is_one_file(&a->now, &b->now);
    return !strcmp(a->name, b->name) && !fstat(a->directory, &in_a) &&
           !fstat(b->directory, &in_b) && is_one_file(&in_a, &in_b);
}

bool is_same_file(const char *a, const char *b)
{
    struct target at_a, at_b = {.directory = -1};
    bool same = find_target(a, &at_a) && find_target(b, &at_b) && is_same_target(&at_a, &at_b);

    close_target(&at_a);
    close_target(&at_b);
    return same;
}

bool is_open_file(const char *path, int fd)
{
    struct target target;
    struct stat file;
    bool same = find_target(path, &target) && target.exists && !fstat(fd, &file) &&
                S_ISREG(file.st_mode) && is_one_file(&target.now, &file);

    close_target(&target);
    return same;
}

/* --- a new file --- */

struct new_file {
    const char *path; /* as the user wrote it */
    struct target target;
    char temporary[32];
    char old[32]; /* where the old file is, once the new one is in its place; "": there was none */
    bool placed;
    bool swapped; /* the old file has the name of the temporary one */
};

static int complain_file(const char *program, const char *path, const char *why)
{
    complain(program, "cannot write '%s': %s", path, why);
    return STATUS_FILE;
}

static int find_file(const char *program, const char *path, struct target *ret)
{
    if (!find_target(path, ret))
        return complain_file(program, path, ret->why ? ret->why : strerror(errno));
    if (ret->exists && !S_ISREG(ret->now.st_mode))
        return complain_file(program, path, "not a regular file");
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

static bool make_name(char name[32])
{
    unsigned long long number;

    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
        return false;
    snprintf(name, 32, ".vtopo-%016llx", number);
    return true;
}

static bool write_into(int fd, const struct target *target, const char *text, size_t length)
{
    bool done = write_all(fd, text, length) && copy_mode_and_owner(fd, target) && !fsync(fd);
    int why = errno;

    if (close(fd) && done)
        return false;
    errno = why;
    return done;
}

/* False: the temporary file is gone again. */
static bool write_temporary(struct new_file *file, const char *text, size_t length)
{
    int fd, why;

    if (!make_name(file->temporary))
        return false;
    fd = openat(file->target.directory, file->temporary,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    if (write_into(fd, &file->target, text, length))
        return true;
    why = errno;
    unlinkat(file->target.directory, file->temporary, 0);
    errno = why;
    return false;
}

static void free_file(struct new_file *file)
{
    close_target(&file->target);
    free(file);
}

int new_file(const char *program, const char *path, const char *text, size_t length,
             struct new_file **ret_file)
{
    struct new_file *file = calloc(1, sizeof(*file));
    int status;

    if (!file) {
        complain(program, "%s", vtopo_strerror(VTOPO_ERR_NOMEM));
        return STATUS_NOMEM;
    }
    file->path = path;
    status = find_file(program, path, &file->target);
    if (!status && !write_temporary(file, text, length))
        status = complain_file(program, path, strerror(errno));
    if (status)
        free_file(file);
    else
        *ret_file = file;
    return status;
}

/* --- into its place, and back --- */

static bool move(const struct new_file *file, const char *from, const char *to, unsigned flags)
{
    return !renameat2(file->target.directory, from, file->target.directory, to, flags);
}

/* Some file systems know no flags. */
static bool lacks_flags(void)
{
    return errno == EINVAL || errno == ENOSYS;
}

/* Without a swap: a second link to the old file, and where there are no links, it moves aside. */
static bool place_beside_old(struct new_file *file)
{
    int directory = file->target.directory, why;

    if (!make_name(file->old))
        return false;
    if (linkat(directory, file->target.name, directory, file->old, 0) &&
        !move(file, file->target.name, file->old, 0)) {
        *file->old = '\0';
        return false;
    }
    if (move(file, file->temporary, file->target.name, 0))
        return true;
    why = errno;
    /* Where both are links to one file, this does nothing and succeeds. */
    move(file, file->old, file->target.name, 0);
    unlinkat(directory, file->old, 0);
    *file->old = '\0';
    errno = why;
    return false;
}

static bool place(struct new_file *file)
{
    const char *name = file->target.name;

    if (!file->target.exists) {
        /* What has come since is not ours; it may be our other file, where case does not count. */
        return move(file, file->temporary, name, RENAME_NOREPLACE) ||
               (lacks_flags() && move(file, file->temporary, name, 0));
    }
    file->swapped = move(file, file->temporary, name, RENAME_EXCHANGE);
    return file->swapped || (lacks_flags() && place_beside_old(file));
}

/* Why a file cannot take the place of another one. */
static const char *why_not_placed(int error)
{
    return error == EBUSY ? "it is a mount point, and cannot be replaced as a whole"
                          : strerror(error);
}

int new_file_place(const char *program, struct new_file *file)
{
    file->placed = place(file);
    return file->placed ? STATUS_DONE : complain_file(program, file->path, why_not_placed(errno));
}

/* A rename is on the disk only when its directory is; but it is done, so this cannot fail any more.
 */
static void sync_directory(const struct target *target)
{
    int directory = openat(target->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0)
        return;
    fsync(directory);
    close(directory);
}

void new_file_keep(struct new_file *file)
{
    if (!file)
        return;
    if (file->swapped)
        unlinkat(file->target.directory, file->temporary, 0);
    if (*file->old)
        unlinkat(file->target.directory, file->old, 0);
    sync_directory(&file->target);
    free_file(file);
}

static void restore(const struct new_file *file)
{
    if (file->swapped)
        move(file, file->temporary, file->target.name, RENAME_EXCHANGE);
    else if (*file->old)
        move(file, file->old, file->target.name, 0);
    else
        unlinkat(file->target.directory, file->target.name, 0);
}

void new_file_drop(struct new_file *file)
{
    if (!file)
        return;
    if (file->placed)
        restore(file);
    if (!file->placed || file->swapped)
        unlinkat(file->target.directory, file->temporary, 0);
    free_file(file);
}

/* --- one file alone: nothing can fail after it, so nothing has to be put back --- */

static int replace(const char *program, struct new_file *file)
{
    int status = STATUS_DONE;

    if (!move(file, file->temporary, file->target.name, 0)) {
        status = complain_file(program, file->path, strerror(errno));
        new_file_drop(file);
        return status;
    }
    new_file_keep(file);
    return status;
}

int write_file(const char *program, const char *path, const char *text, size_t length)
{
    struct blocked_signals blocked;
    struct new_file *file;
    int status;

    block_signals(&blocked);
    status = new_file(program, path, text, length, &file);
    if (!status && signal_has_come(&blocked))
        new_file_drop(file);
    else if (!status)
        status = replace(program, file);
    unblock_signals(&blocked);
    return status;
}
