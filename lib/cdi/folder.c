/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder.c - the CDI specs of a folder
 *
 * Takes:  the path of a folder.
 * Gives:  what its specs say, in the order of their names.
 * Rule:   files that end in .yaml or .json are specs, as for CDI itself; only regular files are
 *         read. In a default folder most specs are not for vtopo, so one that has none of its words
 *         is not even parsed.
 * Not here: one spec (spec.c).
 */
#include "cdi/cdi.h"

#include "base/error.h"
#include "base/readfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPECS_MAX 4096
#define PROBLEMS_MAX 16 /* one finding each */

struct names {
    char **items;
    size_t count, cap;
};

struct folder {
    const char *path;
    int fd;
    bool lenient;
    struct vtopo_policy *policy;
    struct vtopo_error **reterr;
};

static bool is_spec(const char *name)
{
    const char *dot = strrchr(name, '.');

    return *name != '.' && dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".json"));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void clear_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

/* Notes a failure of one spec and forgets it, if specs may be wrong here. */
static int report_problem(struct folder *folder, int code, struct vtopo_error *error)
{
    struct policy_problem *problem = NULL;
    bool is_full;

    if (code != VTOPO_ERR_FILE || !folder->lenient) {
        if (folder->reterr)
            *folder->reterr = error;
        else
            vtopo_error_free(error);
        return code;
    }
    is_full = folder->policy->problems.count == PROBLEMS_MAX;
    if (!is_full)
        problem = vec_add(&folder->policy->problems);
    if (problem)
        problem->text = strdup(vtopo_error_message(error));
    vtopo_error_free(error);
    return is_full || (problem && problem->text) ? 0 : error_nomem(folder->reterr);
}

static int read_names(struct folder *folder, DIR *directory, struct names *names)
{
    struct dirent *entry;

    errno = 0;
    while ((entry = readdir(directory))) {
        char **name;

        if (!is_spec(entry->d_name))
            continue;
        if (names->count == SPECS_MAX)
            return error_set(folder->reterr, VTOPO_ERR_FILE, "'%s' has more than %d CDI specs",
                             folder->path, SPECS_MAX);
        name = vec_add(names);
        if (!name || !(*name = strdup(entry->d_name)))
            return error_nomem(folder->reterr);
        errno = 0;
    }
    if (errno)
        return error_set(folder->reterr, VTOPO_ERR_FILE, "cannot read '%s': %s", folder->path,
                         strerror(errno));
    if (names->count)
        qsort(names->items, names->count, sizeof(*names->items), compare_names);
    return 0;
}

static int list(struct folder *folder, struct names *names)
{
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);

    if (!directory) {
        int why = errno;

        if (fd >= 0)
            close(fd);
        return why == ENOMEM ? error_nomem(folder->reterr)
                             : error_set(folder->reterr, VTOPO_ERR_FILE, "cannot read '%s': %s",
                                         folder->path, strerror(why));
    }
    r = read_names(folder, directory, names);
    closedir(directory);
    return r;
}

/* Does the text have words of vtopo's at all? */
static bool has_our_words(const char *text, size_t length)
{
    return memmem(text, length, "clique-id", strlen("clique-id")) ||
           memmem(text, length, "attach-pci", strlen("attach-pci"));
}

/* A FIFO must not make us wait: O_NONBLOCK. */
static int open_spec(const struct folder *folder, const char *name, const char *path, int *ret_fd,
                     struct vtopo_error **reterr)
{
    struct stat status;
    int fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &status)) {
        int why = errno;

        if (fd >= 0)
            close(fd);
        return error_set(reterr, VTOPO_ERR_FILE, "cannot open '%s': %s", path, strerror(why));
    }
    if (!S_ISREG(status.st_mode)) {
        close(fd);
        return error_set(reterr, VTOPO_ERR_FILE, "'%s' is not a regular file", path);
    }
    *ret_fd = fd;
    return 0;
}

static int read_spec(const struct folder *folder, const char *name, const char *path,
                     struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length;
    int fd = -1, r = open_spec(folder, name, path, &fd, reterr);

    if (r)
        return r;
    r = read_open_file(fd, path, CDI_SPEC_MAX, VTOPO_ERR_FILE, &text, &length, reterr);
    close(fd);
    if (r || (folder->lenient && !has_our_words(text, length)))
        return r;
    return cdi_parse(text, length, path, folder->policy, reterr);
}

static int read_specs(struct folder *folder)
{
    size_t slash = strlen(folder->path);
    struct names names = {0};
    int r = list(folder, &names);

    while (slash > 1 && folder->path[slash - 1] == '/')
        slash--;
    for (size_t i = 0; !r && i < names.count; i++) {
        struct vtopo_error *error = NULL;
        autofree char *path = mem_printf("%.*s/%s", (int)slash, folder->path, names.items[i]);

        r = path ? read_spec(folder, names.items[i], path, &error) : error_nomem(&error);
        if (r)
            r = report_problem(folder, r, error);
    }
    clear_names(&names);
    return r;
}

int cdi_read_folder(const char *folder, bool lenient, struct vtopo_policy *policy,
                    struct vtopo_error **reterr)
{
    struct folder f = {folder, -1, lenient, policy, reterr};
    int r;

    f.fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f.fd < 0) {
        struct vtopo_error *error = NULL;

        if (lenient && errno == ENOENT)
            return 0;
        r = error_set(&error, VTOPO_ERR_FILE, "cannot open '%s': %s", folder, strerror(errno));
        return report_problem(&f, r, error);
    }
    r = read_specs(&f);
    close(f.fd);
    return r;
}
