/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm_others.h - what the other VMs of a libvirt mean for one of them */
#ifndef VTOPO_CMD_VM_OTHERS_H
#define VTOPO_CMD_VM_OTHERS_H

#include "virt/claims.h"

#include <vtopo/domain.h>
#include <vtopo/policy.h>

/* All VMs there are. */
struct others {
    bool known; /* they are read, and read again only after others_clear() */
    struct definitions definitions;
    struct claims claims;
};

/* Unless they are known.  The functions below do it where they need them. */
int others_read(struct others *others, virConnectPtr conn, struct vtopo_error **reterr);
void others_clear(struct others *others);

/* A VM has another definition now: what it claims for those that come after it. */
int others_replace(struct others *others, const char *uuid, const char *xml,
                   struct vtopo_error **reterr);

/* Where the policy pins vCPUs one to one, not to the CPUs that other VMs have for themselves. */
int others_avoid_cpus(struct others *others, virConnectPtr conn, const char *uuid,
                      struct vtopo_policy *policy, struct vtopo_error **reterr);

/*
 * Devices of a VM that another one claims, too: a line for each.
 *
 * @ret_lines  "" if there are none; free with free()
 */
int others_describe_shared(struct others *others, virConnectPtr conn, const char *uuid,
                           const struct vtopo_domain *domain, char **ret_lines,
                           struct vtopo_error **reterr);

#endif
