/* SPDX-License-Identifier: GPL-2.0-or-later */
/* define_others.h - what the other VMs of a libvirt mean for one of them */
#ifndef VTOPO_CMD_DEFINE_OTHERS_H
#define VTOPO_CMD_DEFINE_OTHERS_H

#include "virt/claims.h"

#include <vtopo/domain.h>
#include <vtopo/policy.h>

/* All VMs there are. */
struct others {
    struct definitions definitions;
    struct claims claims;
};

/* @ret: free with others_clear(), also after a failure */
int others_read(virConnectPtr conn, struct others *ret, struct vtopo_error **reterr);
void others_clear(struct others *others);

/* Where the policy pins vCPUs one to one, not to the CPUs that other VMs' are pinned to. */
int others_avoid_cpus(const struct others *others, const char *uuid, struct vtopo_policy *policy,
                      struct vtopo_error **reterr);

/*
 * Devices of a VM that another one claims, too: a line for each.
 *
 * @ret_lines  "" if there are none; free with free()
 */
int others_describe_shared(const struct others *others, const char *uuid,
                           const struct vtopo_domain *domain, char **ret_lines,
                           struct vtopo_error **reterr);

#endif
