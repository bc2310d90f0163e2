/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.c - make a plan, read it, apply it (vtopo/plan.h)
 *
 * Takes:  a domain, a host and a policy; then a plan.
 * Gives:  a plan; what is in it, one value at a time; the rewritten text.
 * Rule:   a plan refers to nothing that it was made from. What an earlier rewrite put in is first
 *         taken out of the text, then the plan is written, and what it adds besides comes last; so
 *         a rewrite gives the same bytes whether there was an earlier one or not.
 * Not here: decisions (lib/plan), a plan as text (plan_format.c).
 */
#include "vtopo/plan.h"

#include "base/error.h"
#include "domxml/domxml.h"
#include "plan/ground/plan.h"

#include <string.h>

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

int vtopo_plan_make(const struct vtopo_host *host, const struct vtopo_domain *domain,
                    const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
                    struct vtopo_error **reterr)
{
    struct vtopo_plan *plan = NULL;
    int r = plan_make(host, &domxml_plain(domain)->model, policy ? policy : &policy_default, &plan,
                      reterr);

    if (r)
        return r;
    r = copy_text(domain, &plan->source, &plan->source_length, reterr);
    if (r) {
        plan_free(plan);
        return r;
    }
    *ret_plan = plan;
    return 0;
}

bool vtopo_plan_is_realised(const struct vtopo_plan *plan)
{
    return plan->realised;
}

const char *vtopo_plan_difference(const struct vtopo_plan *plan)
{
    return plan->difference;
}

const char *vtopo_plan_lack(const struct vtopo_plan *plan)
{
    return plan->lack;
}

/* The plan holds places in the text: another text has other things there. */
static int check_source(const struct vtopo_plan *plan, const struct vtopo_domain *domain,
                        struct vtopo_error **reterr)
{
    if (domain->length == plan->source_length &&
        memcmp(domain->text, plan->source, domain->length) == 0)
        return 0;
    return error_set(reterr, VTOPO_ERR_USAGE, "%s is not the domain that the plan was made from",
                     domain->name);
}

/* Without what an earlier rewrite put in, parsed again, because every place in the text has moved.
 */
static int undo_domain(const struct undo *undo, const struct vtopo_domain *domain,
                       struct vtopo_domain **ret_base, struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length;
    int r = domxml_undo(domain, undo, &text, &length, reterr);

    return r ? r : vtopo_domain_parse(text, length, domain->name, ret_base, reterr);
}

/* What moves is written once, into the <address> that is there.  False: out of memory. */
static bool leave_moved_devices(struct undo *undo, const struct vtopo_plan *plan,
                                const struct domain *domain)
{
    autofree bool *moves = calloc(domain->devices.count + 1, sizeof(*moves));
    size_t left = 0;

    for (size_t i = 0; moves && i < plan->devices.count; i++)
        moves[plan->devices.items[i].device] = plan->devices.items[i].fate == FATE_MOVED;
    for (size_t i = 0; moves && i < undo->devices.count; i++) {
        if (!moves[undo->devices.items[i].device])
            undo->devices.items[left++] = undo->devices.items[i];
    }
    undo->devices.count = left;
    return moves;
}

/* Without the controllers that are taken over, as the plan was made (plan/make.c). */
static int remove_adopted(const struct vtopo_plan *plan, const struct vtopo_domain *origin,
                          struct vtopo_domain **ret_base, struct vtopo_error **reterr)
{
    bool adopted[DOMAIN_INDEXES] = {false};
    struct domain marked;
    struct undo undo;
    int r;

    for (size_t i = 0; i < plan->adopted.count; i++)
        adopted[plan->adopted.items[i]] = true;
    if (!domain_view(&origin->model, &marked))
        return error_nomem(reterr);
    for (size_t i = 0; i < marked.controllers.count; i++)
        marked.controllers.items[i].marked |= adopted[marked.controllers.items[i].index];
    if (!undo_make_to_rebuild(&marked, &undo)) {
        domain_view_clear(&marked);
        return error_nomem(reterr);
    }
    r = leave_moved_devices(&undo, plan, &marked) ? undo_domain(&undo, origin, ret_base, reterr)
                                                  : error_nomem(reterr);
    undo_clear(&undo);
    domain_view_clear(&marked);
    return r;
}

/* @origin: without what an earlier rewrite put in. */
static int apply_to_origin(const struct vtopo_plan *plan, const struct vtopo_domain *origin,
                           char **ret_text, size_t *ret_length, struct vtopo_error **reterr)
{
    struct vtopo_domain *base = NULL;
    int r;

    if (!plan->adopted.count)
        return domxml_apply(origin, origin, plan, ret_text, ret_length, reterr);
    r = remove_adopted(plan, origin, &base, reterr);
    if (!r)
        r = domxml_apply(base, origin, plan, ret_text, ret_length, reterr);
    vtopo_domain_free(base);
    return r;
}

/* @domain: without what an earlier rewrite added. */
static int apply_layout(const struct vtopo_plan *plan, const struct vtopo_domain *domain,
                        char **ret_text, size_t *ret_length, struct vtopo_error **reterr)
{
    struct vtopo_domain *origin = NULL;
    int r;

    if (undo_is_empty(&plan->undo))
        return apply_to_origin(plan, domain, ret_text, ret_length, reterr);
    r = undo_domain(&plan->undo, domain, &origin, reterr);
    if (!r)
        r = apply_to_origin(plan, origin, ret_text, ret_length, reterr);
    vtopo_domain_free(origin);
    return r;
}

int vtopo_plan_apply(const struct vtopo_plan *plan, const struct vtopo_domain *domain,
                     char **ret_text, size_t *ret_length, struct vtopo_error **reterr)
{
    struct vtopo_domain *laid_out = NULL;
    autofree char *text = NULL;
    size_t length;
    int r = check_source(plan, domain, reterr);

    if (r)
        return r;
    if (plan->realised)
        return copy_text(domain, ret_text, ret_length, reterr);
    domain = domxml_plain(domain);
    if (!plan->additions.count)
        return apply_layout(plan, domain, ret_text, ret_length, reterr);
    r = apply_layout(plan, domain, &text, &length, reterr);
    if (!r)
        r = vtopo_domain_parse(text, length, domain->name, &laid_out, reterr);
    if (!r)
        r = domxml_add(laid_out, &plan->additions, ret_text, ret_length, reterr);
    vtopo_domain_free(laid_out);
    return r;
}

size_t vtopo_plan_finding_count(const struct vtopo_plan *plan)
{
    return plan->findings.count;
}

enum vtopo_finding_id vtopo_plan_finding_id(const struct vtopo_plan *plan, size_t at)
{
    return (enum vtopo_finding_id)plan->findings.items[at].id;
}

enum vtopo_severity vtopo_plan_finding_severity(const struct vtopo_plan *plan, size_t at)
{
    return (enum vtopo_severity)plan->findings.items[at].severity;
}

const char *vtopo_plan_finding_subject(const struct vtopo_plan *plan, size_t at)
{
    return plan->findings.items[at].subject;
}

size_t vtopo_plan_finding_subject_count(const struct vtopo_plan *plan, size_t at)
{
    return finding_subject_count(&plan->findings.items[at]);
}

const char *vtopo_plan_finding_subject_at(const struct vtopo_plan *plan, size_t at, size_t number)
{
    return finding_subject_at(&plan->findings.items[at], number);
}

const char *vtopo_plan_finding_text(const struct vtopo_plan *plan, size_t at)
{
    return plan->findings.items[at].text;
}

const char *vtopo_plan_finding_list(const struct vtopo_plan *plan, size_t at)
{
    const struct finding *finding = &plan->findings.items[at];

    return finding->list ? finding->text + finding->list : "";
}

void vtopo_plan_free(struct vtopo_plan *plan)
{
    plan_free(plan);
}
