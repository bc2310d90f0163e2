/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache_file.c - see cache_file.h
 *
 * Takes:  the path of an emulator, which anybody may have written.
 * Gives:  what libvirt knows of it, and whether that is to be believed.
 * Rule:   a file of the cache's owner (root) that nobody else may write, about this very path, and
 *         about the file that is there now: libvirt compares the time of its last change, too
 *         (virQEMUCapsIsValid()).  Of the emulator nothing but that time is asked, and only once
 *         there is such a file: libvirt has run it before.
 * Not here: what is in the file (cache_text.c).
 */
#include "emulator/cache_file.h"

#include "base/error.h"
#include "base/readfile.h"
#include "emulator/cache_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SHA-256 in hexadecimal digits, ".xml" and a NUL. */
#define NAME_SIZE (2 * SHA256_DIGEST_SIZE + 5)

/* virFileCacheGetFileName() */
static void name_of(const char *path, char ret[NAME_SIZE])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_init(&context);
    sha256_update(&context, strlen(path), (const uint8_t *)path);
    sha256_digest(&context, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(ret + 2 * i, 3, "%02x", digest[i]);
    memcpy(ret + 2 * sizeof(digest), ".xml", sizeof(".xml"));
}

/* -1: errno says why. */
static int open_file(const struct emulator_cache *cache, const char *name)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/%s", cache->folder, name);

    if (length < 0 || (size_t)length >= sizeof(path)) {
        errno = ENOENT;
        return -1;
    }
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

static bool is_trusted(const struct emulator_cache *cache, int fd)
{
    struct stat status;

    return !fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_uid == cache->owner &&
           !(status.st_mode & (S_IWGRP | S_IWOTH));
}

/* @ret_valid: false: it is nothing to be used. */
static int read_text(const struct emulator_cache *cache, int fd, const char *name,
                     struct cache_text *ret, bool *ret_valid, struct vtopo_error **reterr)
{
    struct vtopo_error *error = NULL;
    autofree char *text = NULL;
    size_t length = 0;
    int r;

    *ret = (struct cache_text){0};
    *ret_valid = false;
    if (!is_trusted(cache, fd))
        return 0;
    r = read_open_file(fd, name, CACHE_TEXT_MAX, VTOPO_ERR_FILE, &text, &length, &error);
    vtopo_error_free(error);
    if (r)
        return r == VTOPO_ERR_NOMEM ? error_nomem(reterr) : 0;
    return cache_text_parse(text, length, ret, ret_valid, reterr);
}

/* Libvirt follows links (stat()) and counts seconds. */
static bool is_current(const struct cache_text *text)
{
    struct stat status;

    return !stat(text->emulator.path, &status) && status.st_ctim.tv_sec == text->changed;
}

/* What is not known is not kept. */
static void forget(struct host_emulator *emulator, enum emulator_state state)
{
    char *path = steal(emulator->path);

    emulator_clear(emulator);
    emulator->path = path;
    emulator->state = state;
}

static int set_state(const char *path, enum emulator_state state, struct host_emulator *ret,
                     struct vtopo_error **reterr)
{
    *ret = (struct host_emulator){.path = strdup(path), .state = state};
    return ret->path ? 0 : error_nomem(reterr);
}

static int report_closed(const char *path, int why, struct host_emulator *ret, bool *ret_found,
                         struct vtopo_error **reterr)
{
    switch (why) {
    case ENOENT:
    case ENOTDIR:
        return 0;
    case ENOMEM:
        return error_nomem(reterr);
    default:
        *ret_found = true;
        return set_state(path, why == ELOOP ? EMULATOR_UNUSABLE : EMULATOR_UNREADABLE, ret, reterr);
    }
}

/* One that is about another path than its name says is nothing of libvirt's. */
static int find(const struct emulator_cache *cache, int fd, const char *name, const char *path,
                struct host_emulator *ret, struct vtopo_error **reterr)
{
    struct cache_text text;
    bool valid;
    int r = read_text(cache, fd, name, &text, &valid, reterr);

    if (r)
        return r;
    if (!valid || strcmp(text.emulator.path, path)) {
        emulator_clear(&text.emulator);
        return set_state(path, EMULATOR_UNUSABLE, ret, reterr);
    }
    *ret = text.emulator;
    if (!is_current(&text))
        forget(ret, EMULATOR_STALE);
    return 0;
}

int cache_file_find(const struct emulator_cache *cache, const char *path, struct host_emulator *ret,
                    bool *ret_found, struct vtopo_error **reterr)
{
    char name[NAME_SIZE];
    int fd, r;

    *ret = (struct host_emulator){0};
    *ret_found = false;
    if (!emulator_is_path(path))
        return 0;
    name_of(path, name);
    fd = open_file(cache, name);
    if (fd < 0)
        return report_closed(path, errno, ret, ret_found, reterr);
    r = find(cache, fd, name, path, ret, reterr);
    close(fd);
    *ret_found = !r;
    return r;
}

int cache_file_read(const struct emulator_cache *cache, const char *name, struct host_emulator *ret,
                    bool *ret_found, struct vtopo_error **reterr)
{
    char expected[NAME_SIZE];
    struct cache_text text;
    bool valid;
    int fd = open_file(cache, name), r;

    *ret = (struct host_emulator){0};
    *ret_found = false;
    if (fd < 0)
        return errno == ENOMEM ? error_nomem(reterr) : 0;
    r = read_text(cache, fd, name, &text, &valid, reterr);
    close(fd);
    if (r || !valid)
        return r;
    name_of(text.emulator.path, expected);
    *ret_found = !strcmp(name, expected);
    if (!*ret_found) {
        emulator_clear(&text.emulator);
        return 0;
    }
    *ret = text.emulator;
    if (!is_current(&text))
        forget(ret, EMULATOR_STALE);
    return 0;
}
