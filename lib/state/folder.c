/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder.c - see folder.h
 *
 * Takes:  the path of a folder, names and texts of files.
 * Gives:  files there.
 * Rule:   a file is whole or not there, whatever happens: it is written under another name,
 *         synced, renamed, and the folder is synced.  Nothing is followed that is a link, and a
 *         folder that others than its owner may enter is not used: who could write there could
 *         have definitions replaced, and who could read there would have passwords.
 * Not here: what is in the files (virt/history.c, spool.c, notes.c).
 */
#include "state/folder.h"

#include "base/mem.h"
#include "base/readfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES 50
#define LOCK_PAUSE_NS (20 * 1000 * 1000)

#define NAME_SIZE 80

static int fail(const struct folder *folder, const char *problem, struct vtopo_error **reterr)
{
    int why = errno;

    return error_set(reterr, VTOPO_ERR_FILE, "'%s', %s, %s: %s", folder->path, folder->what,
                     problem, strerror(why));
}

/* --- the folder --- */

static int make_folder(const struct folder *folder, struct vtopo_error **reterr)
{
    autofree char *parent = strdup(folder->path);
    char *slash = parent ? strrchr(parent, '/') : NULL;

    if (!parent)
        return error_nomem(reterr);
    if (slash && slash != parent) {
        *slash = '\0';
        if (mkdir(parent, 0755) && errno != EEXIST)
            return fail(folder, "cannot be made", reterr);
    }
    if (mkdir(folder->path, 0700) && errno != EEXIST)
        return fail(folder, "cannot be made", reterr);
    return 0;
}

static int check_owner(const struct folder *folder, struct vtopo_error **reterr)
{
    struct stat st;

    if (fstat(folder->fd, &st))
        return fail(folder, "cannot be read", reterr);
    if (st.st_uid != geteuid() || st.st_mode & 077)
        return error_set(reterr, VTOPO_ERR_FILE,
                         "'%s', %s, is open to others: it must be the caller's own, with mode 0700",
                         folder->path, folder->what);
    return 0;
}

int folder_open(const char *path, const char *what, bool make, struct folder *ret,
                struct vtopo_error **reterr)
{
    int r;

    *ret = (struct folder){.path = path, .what = what, .fd = -1};
    r = make ? make_folder(ret, reterr) : 0;
    if (r)
        return r;
    ret->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (ret->fd < 0)
        return errno == ENOENT && !make ? 0 : fail(ret, "cannot be opened", reterr);
    r = check_owner(ret, reterr);
    if (r)
        folder_close(ret);
    return r;
}

int folder_lock(const struct folder *folder, struct vtopo_error **reterr)
{
    static const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};

    for (int i = 0; i < LOCK_TRIES; i++) {
        if (!flock(folder->fd, LOCK_EX | LOCK_NB))
            return 0;
        if (errno != EWOULDBLOCK)
            return fail(folder, "cannot be locked", reterr);
        nanosleep(&pause, NULL);
    }
    return error_set(reterr, VTOPO_ERR_FILE, "'%s', %s, is in use by another process", folder->path,
                     folder->what);
}

void folder_close(struct folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = -1;
}

int folder_list(const struct folder *folder,
                int (*wanted)(void *data, const char *name, struct vtopo_error **reterr),
                void *data, struct vtopo_error **reterr)
{
    int again = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    const struct dirent *entry;

    if (!dir) {
        if (again >= 0)
            close(again);
        return fail(folder, "cannot be read", reterr);
    }
    while (!r && (entry = readdir(dir)))
        r = wanted(data, entry->d_name, reterr);
    closedir(dir);
    return r;
}

/* --- files --- */

int folder_read(const struct folder *folder, const char *name, size_t limit, char **ret_text,
                struct vtopo_error **reterr)
{
    size_t length;
    int file, r;

    *ret_text = NULL;
    if (folder->fd < 0)
        return 0;
    file = openat(folder->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? 0 : fail(folder, "has a file that cannot be opened", reterr);
    r = read_open_file(file, name, limit, VTOPO_ERR_FILE, ret_text, &length, reterr);
    close(file);
    return r;
}

static bool write_whole(int file, const char *text)
{
    size_t length = strlen(text);

    while (length) {
        ssize_t n = write(file, text, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        length -= (size_t)n;
    }
    return !fsync(file);
}

int folder_write(const struct folder *folder, const char *name, const char *text,
                 struct vtopo_error **reterr)
{
    char temporary[NAME_SIZE];
    int file;
    bool done;

    snprintf(temporary, sizeof(temporary), "%s.new", name);
    unlinkat(folder->fd, temporary, 0); /* of one that was killed */
    file =
        openat(folder->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return fail(folder, "cannot be written to", reterr);
    done = write_whole(file, text);
    done = !close(file) && done;
    done = done && !renameat(folder->fd, temporary, folder->fd, name) && !fsync(folder->fd);
    if (done)
        return 0;
    fail(folder, "cannot be written to", reterr);
    unlinkat(folder->fd, temporary, 0);
    return VTOPO_ERR_FILE;
}

int folder_remove(const struct folder *folder, const char *name, struct vtopo_error **reterr)
{
    if (folder->fd < 0 || !unlinkat(folder->fd, name, 0) || errno == ENOENT)
        return 0;
    return fail(folder, "cannot be written to", reterr);
}
