/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.c - see kernel.h
 *
 * Takes:  a tree whose root is called "sys", as that of a running host and of a copy of one.
 * Gives:  what proc/sys/kernel/osrelease beside it says.
 * Rule:   a tree of another name is taken from somewhere else, and what is beside it is not its
 *         own: of that, and of anything that cannot be read or is no release, nothing is known.
 * Not here: everything below the root.
 */
#include "sysfs/kernel.h"

#include "base/error.h"

#include <fcntl.h>
#include <string.h>

#define FOLDER "proc/sys/kernel"

/* Is the last component of the path "sys"? */
static bool is_sys(const char *path)
{
    size_t length = strlen(path);

    while (length && path[length - 1] == '/')
        length--;
    return length >= 3 && !memcmp(path + length - 3, "sys", 3) &&
           (length == 3 || path[length - 4] == '/');
}

static int read_release(const struct tree *beside, char text[SHORT_TEXT], bool *ret_found)
{
    struct place place;
    int code = place_open(beside, FOLDER, strlen(FOLDER), &place);

    if (!code && place.fd >= 0)
        code = place_read_short(&place, "osrelease", text, ret_found);
    place_close(&place);
    return code;
}

int kernel_read(const struct tree *tree, char ret_release[KERNEL_RELEASE_SIZE])
{
    struct vtopo_error *error = NULL;
    struct tree beside = {.fd = -1, .name = tree->name, .reterr = &error};
    char text[SHORT_TEXT];
    bool found = false;
    int code;

    *ret_release = '\0';
    if (is_sys(tree->name))
        beside.fd = openat(tree->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (beside.fd < 0)
        return 0;
    code = read_release(&beside, text, &found);
    tree_close(&beside);
    vtopo_error_free(error);
    if (code == VTOPO_ERR_NOMEM)
        return error_nomem(tree->reterr);
    if (!code && found && host_is_kernel_release(text))
        memcpy(ret_release, text, strlen(text) + 1);
    return 0;
}
