/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.c - see policy.h */
#include "policy.h"

#include <errno.h>
#include <unistd.h>

#define DEFAULT_CONFIG VTOPO_SYSCONFDIR "/vtopo/vtopo.json"

int read_policy(const char *path, struct vtopo_policy **ret_policy, struct vtopo_error **reterr)
{
    /* A file that is there and cannot be read is an error, too. */
    if (!path && (!access(DEFAULT_CONFIG, F_OK) || errno != ENOENT))
        path = DEFAULT_CONFIG;
    if (!path)
        return vtopo_policy_new(ret_policy, reterr);
    return vtopo_policy_read(path, ret_policy, reterr);
}
