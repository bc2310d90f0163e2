/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm_versions.h - versions that libvirt knows and the policy does not say */
#ifndef VTOPO_CMD_VM_VERSIONS_H
#define VTOPO_CMD_VM_VERSIONS_H

#include "virt/connection.h"

#include <vtopo/domain.h>
#include <vtopo/policy.h>

/* Puts libvirt's own, and QEMU's if it is known for this domain, into the policy where that says
 * nothing.  Returns 0 or VTOPO_ERR_NOMEM. */
int vm_learn_versions(virConnectPtr conn, const struct vtopo_domain *domain,
                      struct vtopo_policy *policy, struct vtopo_error **reterr);

/* The keys of the policy that are about it. */
#define VM_VERSIONS 2
extern const char *const vm_version_keys[VM_VERSIONS];

#endif
