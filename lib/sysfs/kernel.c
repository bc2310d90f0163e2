/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.c - see kernel.h
 *
 * Takes:  a tree (beside.h).
 * Gives:  what proc/sys/kernel/osrelease beside it says.
 * Rule:   of what cannot be read or is no release nothing is known.
 */
#include "sysfs/kernel.h"

#include "base/error.h"
#include "sysfs/beside.h"

#include <string.h>

#define FOLDER "proc/sys/kernel"

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
    struct tree beside = beside_open(tree, &error);
    char text[SHORT_TEXT];
    bool found = false;
    int code;

    *ret_release = '\0';
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
