/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what a plan is made from: the same for every step, and never changed
 */
#ifndef VTOPO_PLAN_GROUND_FACTS_H
#define VTOPO_PLAN_GROUND_FACTS_H

#include "model/domain.h"
#include "model/guest_tree.h"
#include "model/host.h"
#include "model/policy.h"

struct facts {
    const struct vtopo_host *host;
    const struct domain *input;    /* as it is */
    const struct domain *origin;   /* without what vtopo put in, */
    const struct domain *base;     /* and without what it takes over: what the plan builds on */
    const struct guest_tree *tree; /* of base */
    const struct vtopo_policy *policy;
};

#endif
