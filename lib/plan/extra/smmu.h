/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smmu.h - an SMMUv3 for each expander with devices of iommufd (policy smmu) */
#ifndef VTOPO_PLAN_EXTRA_SMMU_H
#define VTOPO_PLAN_EXTRA_SMMU_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/* Adds to plan.additions, once controllers have their indexes. */
int smmu_add(const struct facts *facts, struct vtopo_plan *plan, const struct reporter *reporter);

#endif
