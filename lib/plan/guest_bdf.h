/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_bdf.h - the PCI addresses that the guest will see */
#ifndef VTOPO_PLAN_GUEST_BDF_H
#define VTOPO_PLAN_GUEST_BDF_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/* Sets the guest BDFs of plan.devices and plan.controllers; findings for other devices whose guest
 * BDF changes. */
int guest_bdf_predict(const struct facts *facts, struct vtopo_plan *plan,
                      const struct reporter *reporter);

#endif
