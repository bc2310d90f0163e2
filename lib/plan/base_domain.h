/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base_domain.h - the domain that a plan builds on: as if vtopo had never been there
 */
#ifndef VTOPO_PLAN_BASE_DOMAIN_H
#define VTOPO_PLAN_BASE_DOMAIN_H

#include "plan/guest_cells.h"

/* Views of the input; facts.origin and facts.base are among them, or the input itself. */
struct base_domain {
    struct domain undone;       /* without what a former rewrite put in */
    struct guest_cells lacking; /* what that lacks of cells; perhaps added to it */
    struct domain adopted;      /* with marks on what is taken over */
    struct domain rest;         /* without that */
};

/* What of others a plan takes over. */
struct taking_over {
    bool allowed;     /* ports of an undo, and expanders of others if the policy says so */
    const bool *lone; /* for each device: below one that was, and was then not placed; or NULL */
};

/*
 * @facts  origin and base are set
 * @plan   gets what is taken out ("undo") and what is taken over ("adopted")
 * @ret    free with base_domain_clear(), also after a failure; what facts points at
 */
int base_domain_find(struct facts *facts, const struct policy_index *index,
                     const struct taking_over *taking_over, struct vtopo_plan *plan,
                     const struct reporter *reporter, struct base_domain *ret);
void base_domain_clear(struct base_domain *base);

#endif
