/* SPDX-License-Identifier: GPL-2.0-or-later */
/* beside.c - see beside.h */
#include "sysfs/beside.h"

#include <fcntl.h>
#include <string.h>

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
