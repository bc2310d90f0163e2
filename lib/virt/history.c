/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.c - see history.h
 *
 * Takes:  a folder, the UUID of a VM, its definition.
 * Gives:  files UUID.NUMBER.xml there; the highest number is the newest.
 * Rule:   a file is whole or not there, whatever happens: it is written under another name,
 *         synced, renamed, and the folder is synced.  Nothing is followed that is a link, and
 *         a folder that others than its owner may enter is not used: the files have passwords.
 * Not here: what is defined (definition.c).
 */
#include "virt/history.h"

#include "base/mem.h"
#include "base/readfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UUID_LENGTH 36
#define NUMBER_FORMAT "%s.%08u.xml"
#define NAME_SIZE (UUID_LENGTH + sizeof(".12345678.xml"))
#define XML_MAX (16U * 1024 * 1024)

struct generations {
    unsigned *items; /* their numbers, ascending */
    size_t count, cap;
};

static int fail(const char *folder, const char *what, struct vtopo_error **reterr)
{
    int why = errno;

    return error_set(reterr, VTOPO_ERR_FILE, "'%s', where replaced definitions are kept, %s: %s",
                     folder, what, strerror(why));
}

/* --- the folder --- */

static int make_folder(const char *folder, struct vtopo_error **reterr)
{
    autofree char *parent = strdup(folder);
    char *slash = parent ? strrchr(parent, '/') : NULL;

    if (!parent)
        return error_nomem(reterr);
    if (slash && slash != parent) {
        *slash = '\0';
        if (mkdir(parent, 0755) && errno != EEXIST)
            return fail(folder, "cannot be made", reterr);
    }
    if (mkdir(folder, 0700) && errno != EEXIST)
        return fail(folder, "cannot be made", reterr);
    return 0;
}

static int check_owner(const char *folder, int fd, struct vtopo_error **reterr)
{
    struct stat st;

    if (fstat(fd, &st))
        return fail(folder, "cannot be read", reterr);
    if (st.st_uid != geteuid() || st.st_mode & 077)
        return error_set(
            reterr, VTOPO_ERR_FILE,
            "'%s', where replaced definitions are kept with their passwords, is open to others: it must be the caller's own, with mode 0700",
            folder);
    return 0;
}

/* @ret_fd -1: there is no such folder. */
static int open_folder(const char *folder, int *ret_fd, struct vtopo_error **reterr)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r;

    *ret_fd = -1;
    if (fd < 0)
        return errno == ENOENT ? 0 : fail(folder, "cannot be opened", reterr);
    r = check_owner(folder, fd, reterr);
    if (r)
        close(fd);
    else
        *ret_fd = fd;
    return r;
}

/* --- the files --- */

static void name_file(const char *uuid, unsigned number, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, NUMBER_FORMAT, uuid, number % 100000000);
}

static bool parse_name(const char *name, const char *uuid, unsigned *ret_number)
{
    char again[NAME_SIZE];
    size_t length = strlen(uuid);

    if (strncmp(name, uuid, length) || name[length] != '.')
        return false;
    *ret_number = (unsigned)strtoul(name + length + 1, NULL, 10);
    name_file(uuid, *ret_number, again);
    return !strcmp(again, name);
}

static int compare_numbers(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

    return (a > b) - (a < b);
}

static int list(const char *folder, int fd, const char *uuid, struct generations *generations,
                struct vtopo_error **reterr)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    const struct dirent *entry;
    unsigned number, *item = &number;

    if (!dir) {
        if (again >= 0)
            close(again);
        return fail(folder, "cannot be read", reterr);
    }
    while (item && (entry = readdir(dir))) {
        if (!parse_name(entry->d_name, uuid, &number))
            continue;
        item = vec_add(generations);
        if (item)
            *item = number;
    }
    closedir(dir);
    if (!item)
        return error_nomem(reterr);
    if (generations->count)
        qsort(generations->items, generations->count, sizeof(unsigned), compare_numbers);
    return 0;
}

static int read_one(const char *folder, int fd, const char *uuid, unsigned number, char **ret_xml,
                    struct vtopo_error **reterr)
{
    char name[NAME_SIZE];
    size_t length;
    int file, r;

    name_file(uuid, number, name);
    file = openat(fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return fail(folder, "has a file that cannot be opened", reterr);
    r = read_open_file(file, name, XML_MAX, VTOPO_ERR_FILE, ret_xml, &length, reterr);
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

static int write_one(const char *folder, int fd, const char *uuid, unsigned number, const char *xml,
                     struct vtopo_error **reterr)
{
    char name[NAME_SIZE], temporary[NAME_SIZE + sizeof(".new")];
    int file;
    bool done;

    name_file(uuid, number, name);
    snprintf(temporary, sizeof(temporary), "%s.new", name);
    unlinkat(fd, temporary, 0); /* of one that was killed */
    file = openat(fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return fail(folder, "cannot be written to", reterr);
    done = write_whole(file, xml);
    done = !close(file) && done;
    done = done && !renameat(fd, temporary, fd, name) && !fsync(fd);
    if (done)
        return 0;
    fail(folder, "cannot be written to", reterr);
    unlinkat(fd, temporary, 0);
    return VTOPO_ERR_FILE;
}

static void remove_old(int fd, const char *uuid, const struct generations *generations)
{
    for (size_t i = 0; i + HISTORY_GENERATIONS <= generations->count; i++) {
        char name[NAME_SIZE];

        name_file(uuid, generations->items[i], name);
        unlinkat(fd, name, 0);
    }
}

static int keep(const char *folder, int fd, const char *uuid, const char *xml,
                struct vtopo_error **reterr)
{
    struct generations generations = {0};
    autofree char *newest = NULL;
    int r = list(folder, fd, uuid, &generations, reterr);
    unsigned last = generations.count ? generations.items[generations.count - 1] : 0;

    if (!r && generations.count)
        r = read_one(folder, fd, uuid, last, &newest, reterr);
    if (!r && (!newest || strcmp(newest, xml)))
        r = write_one(folder, fd, uuid, last + 1, xml, reterr);
    if (!r && (!newest || strcmp(newest, xml)))
        remove_old(fd, uuid, &generations);
    free(generations.items);
    return r;
}

int history_keep(const char *folder, const char *uuid, const char *xml, struct vtopo_error **reterr)
{
    int fd, r = make_folder(folder, reterr);

    if (!r)
        r = open_folder(folder, &fd, reterr);
    if (r)
        return r;
    if (fd < 0) {
        errno = ENOENT;
        return fail(folder, "cannot be opened", reterr);
    }
    r = keep(folder, fd, uuid, xml, reterr);
    close(fd);
    return r;
}

static int find(const char *folder, int fd, const char *uuid, const char *current, char **ret_xml,
                struct vtopo_error **reterr)
{
    struct generations generations = {0};
    int r = list(folder, fd, uuid, &generations, reterr);

    for (size_t i = generations.count; !r && !*ret_xml && i > 0; i--) {
        r = read_one(folder, fd, uuid, generations.items[i - 1], ret_xml, reterr);
        if (!r && current && !strcmp(*ret_xml, current)) {
            free(*ret_xml);
            *ret_xml = NULL;
        }
    }
    free(generations.items);
    return r;
}

int history_find(const char *folder, const char *uuid, const char *current, char **ret_xml,
                 struct vtopo_error **reterr)
{
    int fd, r = open_folder(folder, &fd, reterr);

    *ret_xml = NULL;
    if (r || fd < 0)
        return r;
    r = find(folder, fd, uuid, current, ret_xml, reterr);
    close(fd);
    return r;
}
