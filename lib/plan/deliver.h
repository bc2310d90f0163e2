/* SPDX-License-Identifier: GPL-2.0-or-later */
/* deliver.h - what the domain carries for its guest */
#ifndef VTOPO_PLAN_DELIVER_H
#define VTOPO_PLAN_DELIVER_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/* Adds to plan.additions what policy deliver asks for.  Of a plan that is finished but for its
 * findings.  VTOPO_ERR_REFUSED where it cannot be known in advance, or is too large. */
int deliver_add(const struct facts *facts, struct vtopo_plan *plan,
                const struct reporter *reporter);

#endif
