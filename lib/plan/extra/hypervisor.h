/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hypervisor.h - what hides the hypervisor from the guest (policy hide_hypervisor) */
#ifndef VTOPO_PLAN_EXTRA_HYPERVISOR_H
#define VTOPO_PLAN_EXTRA_HYPERVISOR_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/* Adds to plan.additions, once the devices are listed. */
int hypervisor_hide(const struct facts *facts, struct vtopo_plan *plan,
                    const struct reporter *reporter);
/* VTOPO_ERR_REFUSED if a device has a P2P clique although the policy hides the hypervisor. */
int hypervisor_check_cliques(const struct facts *facts, const struct vtopo_plan *plan,
                             const struct reporter *reporter);

#endif
