/* SPDX-License-Identifier: GPL-2.0-or-later */
/* links.h - ports that say the host's links, and which links the guest sees */
#ifndef VTOPO_PLAN_EXTRA_LINKS_H
#define VTOPO_PLAN_EXTRA_LINKS_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/* Sets plan.controllers[].link and adds to plan.overrides, where the policy asks for it. */
int links_assign(const struct facts *facts, struct vtopo_plan *plan,
                 const struct reporter *reporter);
/* Sets plan.devices[].shows_link, when all addresses are known.  @input: the domain as it is. */
void links_find_shown(const struct domain *input, struct vtopo_plan *plan);

#endif
