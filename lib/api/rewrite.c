/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewrite.c - the public calls that bring core and XML together: make a plan, apply it
 *
 * Takes:  vtopo_domain, vtopo_host, vtopo_policy.
 * Gives:  a plan; the rewritten text.
 * Rule:   what an earlier rewrite put in is first taken out of the text, then the plan is written;
 * so a rewrite gives the same bytes whether there was an earlier one or not.
 */
#include "base/error.h"
#include "domxml/domxml.h"
#include "plan/ground/plan.h"
#include "vtopo/plan.h"

#include <string.h>

int vtopo_plan_make(const struct vtopo_host *host, const struct vtopo_domain *domain,
                    const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
                    struct vtopo_error **reterr)
{
    return plan_make(host, &domain->model, policy ? policy : &policy_default, ret_plan, reterr);
}

bool vtopo_plan_is_realised(const struct vtopo_plan *plan)
{
    return plan->realised;
}

const char *vtopo_plan_difference(const struct vtopo_plan *plan)
{
    return plan->difference;
}

static int copy_text(const struct vtopo_domain *domain, char **ret_text, size_t *ret_length,
                     struct vtopo_error **reterr)
{
    char *copy = malloc(domain->length + 1);

    if (!copy)
        return error_nomem(reterr);
    memcpy(copy, domain->text, domain->length + 1);
    *ret_text = copy;
    *ret_length = domain->length;
    return 0;
}

/* Without what an earlier rewrite put in, parsed again, because every place in the text has moved.
 */
static int take_back(const struct vtopo_plan *plan, const struct vtopo_domain *domain,
                     struct vtopo_domain **ret_base, struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length;
    int r = domxml_undo(domain, &plan->undo, &text, &length, reterr);

    return r ? r : vtopo_domain_parse(text, length, domain->name, ret_base, reterr);
}

int vtopo_plan_apply(const struct vtopo_plan *plan, const struct vtopo_domain *domain,
                     char **ret_text, size_t *ret_length, struct vtopo_error **reterr)
{
    struct vtopo_domain *base = NULL;
    int r;

    if (plan->realised)
        return copy_text(domain, ret_text, ret_length, reterr);
    if (undo_is_empty(&plan->undo))
        return domxml_apply(domain, plan, ret_text, ret_length, reterr);
    r = take_back(plan, domain, &base, reterr);
    if (!r)
        r = domxml_apply(base, plan, ret_text, ret_length, reterr);
    vtopo_domain_free(base);
    return r;
}
