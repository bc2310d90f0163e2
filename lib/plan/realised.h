/* SPDX-License-Identifier: GPL-2.0-or-later */
/* realised.h - is the domain already what the plan wants? */
#ifndef VTOPO_PLAN_REALISED_H
#define VTOPO_PLAN_REALISED_H

#include "plan/ground/plan.h"

bool plan_is_realised(const struct vtopo_plan *plan, const struct domain *input);
/* What would change, in a few words: "2 of 8 host devices are not where they belong..."; NULL: out
 * of memory. */
char *realised_describe(const struct vtopo_plan *plan, const struct domain *input);

/*
 * Why the guest does not get the host's topology, in a few words, of a plan with its findings: an
 * assigned device is neither mapped to a cell nor kept by policy nor placed by somebody.
 * @ret_text: NULL if there is no such device.  False: out of memory.
 */
bool realised_find_lack(const struct vtopo_plan *plan, const struct domain *input, char **ret_text);

#endif
