/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive.c - see archive.h
 *
 * Rule:   the archive may be anything: files are opened with openat2(), which leaves the directory
 *         for no link.
 */
#include "archive.h"

#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* More is slow and finds nothing new. */
#define LINES_MAX 4000

static int open_beneath(int directory, const char *path, uint64_t flags, uint64_t mode)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };

    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/* Opens the directory that is to hold @path, and makes it; the last component's name goes to
 * *ret_name. */
static int open_parent(int root, char *path, const char **ret_name)
{
    int at = open_beneath(root, ".", O_DIRECTORY | O_RDONLY, 0), next;
    char *slash;

    while (at >= 0 && (slash = strchr(path, '/'))) {
        *slash = '\0';
        mkdirat(at, path, 0700);
        next = open_beneath(at, path, O_DIRECTORY | O_RDONLY, 0);
        close(at);
        at = next;
        path = slash + 1;
    }
    *ret_name = path;
    return at;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

static size_t decode_hex(char *text)
{
    size_t used = 0;

    for (const char *at = text; hex_digit(at[0]) >= 0 && hex_digit(at[1]) >= 0; at += 2)
        text[used++] = (char)(hex_digit(at[0]) << 4 | hex_digit(at[1]));
    return used;
}

static void make_file(int directory, const char *name, const char *content, size_t size)
{
    int fd = open_beneath(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0)
        return;
    must(write(fd, content, size) == (ssize_t)size);
    close(fd);
}

/* Splits @line at @separator; NULL: it is not there. */
static char *split(char *line, const char *separator)
{
    char *found = strstr(line, separator);

    if (!found)
        return NULL;
    *found = '\0';
    return found + strlen(separator);
}

static void make_entry(int root, char *line)
{
    char *target = split(line, " -> ");
    char *text = target ? NULL : split(line, " = ");
    char *hex = target || text ? NULL : split(line, " : ");
    const char *name;
    int directory = open_parent(root, line, &name);

    if (directory < 0)
        return;
    if (target)
        (void)!symlinkat(target, directory, name);
    else if (text) {
        text[strlen(text)] = '\n'; /* the line's own: the buffer has room for it */
        make_file(directory, name, text, strcspn(text, "\n") + 1);
    } else if (hex)
        make_file(directory, name, hex, decode_hex(hex));
    else
        mkdirat(directory, name, 0700);
    close(directory);
}

static void unpack(int root, const uint8_t *data, size_t size)
{
    char *text = malloc(size + 2), *line = text;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = text[size + 1] = '\0';
    for (size_t n = 0; n < LINES_MAX && line < text + size; n++) {
        size_t length = strcspn(line, "\n");

        line[length] = '\0';
        if (*line && *line != '#')
            make_entry(root, line);
        line += length + 1;
    }
    free(text);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)type;
    return at->level ? remove(path) : 0;
}

static char root_path[] = "/dev/shm/vtopo-fuzz-XXXXXX";

static void remove_root(void)
{
    nftw(root_path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    rmdir(root_path);
}

/* Empty, with or without its content of the call before. */
static int make_root(void)
{
    static int root = -1;

    if (root >= 0) {
        nftw(root_path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        return root;
    }
    must(mkdtemp(root_path) != NULL);
    atexit(remove_root);
    root = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(root >= 0);
    return root;
}

const char *archive_unpack(const uint8_t *data, size_t size)
{
    unpack(make_root(), data, size);
    return root_path;
}
