/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extract.h - what a plan keeps of its host and its domain, so that it can be printed without them
 */
#ifndef VTOPO_PLAN_GROUND_EXTRACT_H
#define VTOPO_PLAN_GROUND_EXTRACT_H

#include "plan/ground/plan.h"

/*
 * The last step of a plan: fills plan.extract, and what plan.devices say of their kind.  From then
 * on plan.devices[].function is a place in plan.extract.host.functions.
 *
 * @domain      the input, with what vtopo put in before
 * @with_cells  the same, or a view that has the cells that the plan adds
 *
 * False: out of memory; the plan is then good for plan_free() only.
 */
bool plan_extract_make(const struct vtopo_host *host, const struct domain *domain,
                       const struct domain *with_cells, struct vtopo_plan *plan);

#endif
