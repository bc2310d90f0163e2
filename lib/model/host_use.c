/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_use.c - names of what a host does with a function (host.h) */
#include "model/host.h"

#include <string.h>

static const char *const names[] = {
    [HOST_USE_NONE] = "none",   [HOST_USE_UP] = "up",           [HOST_USE_MEMBER] = "member",
    [HOST_USE_ROUTE] = "route", [HOST_USE_CONSOLE] = "console", [HOST_USE_DISK] = "disk",
};

const char *host_use_name(enum host_use use)
{
    return names[use];
}

bool host_use_parse(const char *name, enum host_use *ret_use)
{
    for (size_t i = HOST_USE_NONE; i < sizeof(names) / sizeof(*names); i++) {
        if (!strcmp(names[i], name)) {
            *ret_use = (enum host_use)i;
            return true;
        }
    }
    return false;
}
