/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metadata_folder.c - the files of device metadata that a container sees
 *
 * Takes:  a folder.
 * Gives:  the devices of its files, in the order of their paths.
 * Rule:   a file is called DRIVER-metadata.json, and is two to four names below the folder:
 *         resourceclaims/CLAIM/REQUEST/ or resourceclaimtemplates/CLAIM/REQUEST/, in early drafts
 *         CLAIM/REQUEST/. Only regular files are read, and no link is followed; how deep it goes,
 *         how many names there are and how large a file is has limits.
 * Source: k8s.io/dynamic-resource-allocation/api/metadata (ContainerDir, helpers.go);
 *         pkg/dra/utils.go of KubeVirt 1.8.0 (the early draft) and later.
 * Not here: what is in a file (device_metadata.c).
 */
#include "kubevirt/device_metadata.h"

#include "base/error.h"
#include "base/readfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX "-metadata.json"
#define DEPTH_MAX 4    /* of names below the folder */
#define NAMES_MAX 4096 /* of all of them together */

struct walk {
    struct device_metadata_list *list;
    struct vtopo_error **reterr;
    size_t names;
};

struct names {
    char **items;
    size_t count, cap;
};

static int note(struct walk *w, const char *path, const char *why)
{
    return device_metadata_add_problem(w->list, "'%s' cannot be read: %s", path, why)
               ? 0
               : error_nomem(w->reterr);
}

static bool is_file(const char *name)
{
    size_t length = strlen(name), suffix = strlen(SUFFIX);

    return length > suffix && !strcmp(name + length - suffix, SUFFIX);
}

/* A FIFO must not make us wait: O_NONBLOCK. */
static int read_one(struct walk *w, int folder, const char *name, const char *path)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW), r;
    struct vtopo_error *why = NULL;
    autofree char *text = NULL;
    struct stat status;
    size_t length;

    if (fd < 0)
        return note(w, path, strerror(errno));
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        close(fd);
        return note(w, path, "it is not a regular file");
    }
    r = read_open_file(fd, path, DEVICE_METADATA_FILE_MAX, VTOPO_ERR_FILE, &text, &length, &why);
    close(fd);
    if (!r)
        return device_metadata_parse(text, length, path, w->list, w->reterr);
    if (r == VTOPO_ERR_NOMEM)
        r = error_nomem(w->reterr);
    else
        r = device_metadata_add_problem(w->list, "%s", vtopo_error_message(why))
                ? 0
                : error_nomem(w->reterr);
    vtopo_error_free(why);
    return r;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_names(struct walk *w, DIR *directory, struct names *names)
{
    struct dirent *entry;

    while ((entry = readdir(directory))) {
        char **name;

        if (*entry->d_name == '.')
            continue;
        if (w->names == NAMES_MAX)
            break;
        w->names++;
        name = vec_add(names);
        if (!name || !(*name = strdup(entry->d_name)))
            return error_nomem(w->reterr);
    }
    if (names->count)
        qsort(names->items, names->count, sizeof(*names->items), compare_names);
    return 0;
}

static int walk(struct walk *w, int fd, const char *path, unsigned depth);

static int visit(struct walk *w, int folder, const char *name, const char *above, unsigned depth)
{
    autofree char *path = mem_printf("%s/%s", above, name);
    int fd;

    if (!path)
        return error_nomem(w->reterr);
    if (is_file(name))
        return read_one(w, folder, name, path);
    if (depth == DEPTH_MAX)
        return 0;
    fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOTDIR || errno == ELOOP ? 0 : note(w, path, strerror(errno));
    return walk(w, fd, path, depth + 1);
}

/* Closes @fd. */
static int walk(struct walk *w, int fd, const char *path, unsigned depth)
{
    DIR *directory = fdopendir(fd);
    struct names names = {0};
    int r;

    if (!directory) {
        close(fd);
        return error_nomem(w->reterr);
    }
    r = list_names(w, directory, &names);
    for (size_t i = 0; !r && i < names.count; i++)
        r = visit(w, dirfd(directory), names.items[i], path, depth);
    for (size_t i = 0; i < names.count; i++)
        free(names.items[i]);
    free(names.items);
    closedir(directory);
    return r;
}

int device_metadata_read(const char *folder, struct device_metadata_list *list,
                         struct vtopo_error **reterr)
{
    struct walk w = {.list = list, .reterr = reterr};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? 0 : note(&w, folder, strerror(errno));
    return walk(&w, fd, folder, 1);
}
