/* SPDX-License-Identifier: GPL-2.0-or-later */
/* beside.c - see beside.h */
#include "sysfs/beside.h"

#include "base/error.h"
#include "base/readall.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is the last component of the path "sys"? */
static bool is_sys(const char *path)
{
    size_t length = strlen(path);

    while (length && path[length - 1] == '/')
        length--;
    return length >= 3 && !memcmp(path + length - 3, "sys", 3) &&
           (length == 3 || path[length - 4] == '/');
}

struct tree beside_open(const struct tree *tree, struct vtopo_error **error)
{
    struct tree beside = {.fd = -1, .name = tree->name, .reterr = error};

    if (is_sys(tree->name))
        beside.fd = openat(tree->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return beside;
}

#define BESIDE_MAX (4u << 20) /* a host of many containers has thousands of mounts */

/* 0 or an errno. */
static int read_text(const struct place *place, const char *name, char **ret_text)
{
    struct stat status;
    size_t length;
    int fd, why;

    if (place_open_file(place, name, &fd) || fd < 0)
        return ENOENT;
    why = fstat(fd, &status) || !S_ISREG(status.st_mode)
              ? EINVAL
              : read_all(fd, BESIDE_MAX, ret_text, &length);
    close(fd);
    if (!why && (length > BESIDE_MAX || strlen(*ret_text) != length))
        free(steal(*ret_text));
    return why;
}

int beside_read(const struct tree *tree, const char *folder, const char *name, char **ret_text)
{
    struct vtopo_error *error = NULL;
    struct tree beside = beside_open(tree, &error);
    struct place place = {.fd = -1};
    int code = beside.fd < 0 ? 0 : place_open(&beside, folder, strlen(folder), &place);

    *ret_text = NULL;
    if (!code && place.fd >= 0 && read_text(&place, name, ret_text) == ENOMEM)
        code = VTOPO_ERR_NOMEM;
    place_close(&place);
    if (beside.fd >= 0)
        tree_close(&beside);
    vtopo_error_free(error);
    return code == VTOPO_ERR_NOMEM ? error_nomem(tree->reterr) : 0;
}
