/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.c - see policy.h */
#include "policy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int read_file_of_policy(const char *path, struct vtopo_policy **ret_policy,
                               struct vtopo_error **reterr)
{
    /* A file that is there and cannot be read is an error, too. */
    if (!path && (!access(DEFAULT_CONFIG, F_OK) || errno != ENOENT))
        path = DEFAULT_CONFIG;
    if (!path)
        return vtopo_policy_new(ret_policy, reterr);
    return vtopo_policy_read(path, ret_policy, reterr);
}

int read_policy(const char *path, const struct vtopo_domain *domain,
                struct vtopo_policy **ret_policy, struct vtopo_error **reterr)
{
    struct vtopo_policy *policy = NULL;
    int r = read_file_of_policy(path, &policy, reterr);

    if (!r)
        r = vtopo_policy_take_domain(policy, domain, reterr);
    if (r) {
        vtopo_policy_free(policy);
        return r;
    }
    *ret_policy = policy;
    return 0;
}

int read_default_cdi(struct vtopo_policy *policy, const char *host,
                     const struct vtopo_domain *domain, struct vtopo_error **reterr)
{
    if ((host && strcmp(host, "/sys") != 0) || !vtopo_domain_assigned_count(domain))
        return 0;
    return vtopo_policy_read_default_cdi(policy, reterr);
}
