/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stay_pairs.h - pairs of devices that stay, and are nearer or farther than on the host */
#ifndef VTOPO_PLAN_STAY_PAIRS_H
#define VTOPO_PLAN_STAY_PAIRS_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

int stay_pairs_report(const struct facts *facts, const struct vtopo_plan *plan,
                      const struct reporter *reporter);

#endif
