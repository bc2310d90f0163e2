/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewrite.c - all of a rewrite in one call (vtopo/rewrite.h)
 *
 * Takes:  the text of a domain, a host, a policy.
 * Gives:  the rewritten text and the plan.
 * Rule:   the domain's own policy is put over the caller's, which stays as it is.
 * Not here: the steps (domain.c, host.c, plan.c).
 */
#include "vtopo/rewrite.h"

#include "base/error.h"
#include "model/policy_key.h"

#include <stdlib.h>

/* What to call the text in messages. */
#define NAME "domain"

static int make_plan(const struct vtopo_domain *domain, const struct vtopo_host *host,
                     const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
                     struct vtopo_error **reterr)
{
    struct vtopo_host *own = NULL;
    int r = 0;

    if (!host)
        r = vtopo_host_read_details("/sys", domain, vtopo_policy_details(policy), &own, reterr);
    if (!r)
        r = vtopo_plan_make(host ? host : own, domain, policy, ret_plan, reterr);
    vtopo_host_free(own);
    return r;
}

/* A copy of the policy that shares all lists but those that the domain writes. */
static int plan_domain(const struct vtopo_domain *domain, const struct vtopo_host *host,
                       const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
                       struct vtopo_error **reterr)
{
    struct vtopo_policy own = policy ? *policy : policy_default;
    int r;

    own.domain_devices.items = NULL;
    own.domain_devices.count = own.domain_devices.cap = 0;
    r = policy_copy_lists(policy ? policy : &policy_default, &own) ? 0 : error_nomem(reterr);
    if (!r)
        r = vtopo_policy_apply_domain(&own, domain, reterr);
    if (!r)
        r = make_plan(domain, host, &own, ret_plan, reterr);
    policy_clear_lists(&own);
    free(own.domain_devices.items);
    return r;
}

int vtopo_rewrite(const char *text, size_t length, const struct vtopo_host *host,
                  const struct vtopo_policy *policy, char **ret_text, size_t *ret_length,
                  struct vtopo_plan **ret_plan, struct vtopo_error **reterr)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_plan *plan = NULL;
    int r = vtopo_domain_parse(text, length, NAME, &domain, reterr);

    if (!r)
        r = plan_domain(domain, host, policy, &plan, reterr);
    if (!r)
        r = vtopo_plan_apply(plan, domain, ret_text, ret_length, reterr);
    if (!r && ret_plan) {
        *ret_plan = plan;
        plan = NULL;
    }
    vtopo_plan_free(plan);
    vtopo_domain_free(domain);
    return r;
}
