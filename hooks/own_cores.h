/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own_cores.h - which cores are not for a VM, as far as the VM alone shows */
#ifndef VTOPO_HOOKS_OWN_CORES_H
#define VTOPO_HOOKS_OWN_CORES_H

#include <vtopo/domain.h>
#include <vtopo/policy.h>

/*
 * Has vCPUs of a core each (policy cells_pin "core"), and says in @policy that all other CPUs are
 * not for it.
 *
 * @ret_leaves  false: the policy does not ask for cores, or the domain is pinned to none
 * Returns 0 or a negative VTOPO_ERR_*.
 */
int leave_own_cores(const struct vtopo_domain *domain, struct vtopo_policy *policy,
                    bool *ret_leaves);

#endif
