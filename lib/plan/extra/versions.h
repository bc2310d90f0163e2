/* SPDX-License-Identifier: GPL-2.0-or-later */
/* versions.h - how new the QEMU and the libvirt are that a domain is for */
#ifndef VTOPO_PLAN_EXTRA_VERSIONS_H
#define VTOPO_PLAN_EXTRA_VERSIONS_H

#include "plan/ground/facts.h"

/* Is libvirt older than overrides, so that only QEMU's -set is left? */
bool libvirt_lacks_overrides(const struct vtopo_policy *policy);
/* Is it known that QEMU is at least this (8001000 is 8.1)? */
bool qemu_is_at_least(const struct facts *facts, unsigned version);
/* Is it known that QEMU is older, by the policy, or as far as the domain's machine type goes? */
bool qemu_is_older(const struct facts *facts, unsigned version);

#endif
