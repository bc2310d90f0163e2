/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.c - read a plan through the public interface (vtopo/plan.h)
 *
 * Takes:  a plan.
 * Gives:  its findings, one value at a time; the whole of it as text.
 * Rule:   what a getter returns belongs to the plan.
 * Not here: making plans and the XML of them (rewrite.c), what the texts look like (explain/,
 * json/).
 */
#include "vtopo/plan.h"

#include "domxml/domxml.h"
#include "peer/nccl_file.h"
#include "plan/ground/plan.h"
#include "report/explain.h"
#include "report/json_plan.h"

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

const char *vtopo_plan_finding_text(const struct vtopo_plan *plan, size_t at)
{
    return plan->findings.items[at].text;
}

int vtopo_plan_format(const struct vtopo_plan *plan, const struct vtopo_host *host,
                      const struct vtopo_domain *domain, enum vtopo_plan_style style, bool colour,
                      char **ret_text, struct vtopo_error **reterr)
{
    (void)host;
    (void)domain;
    if (style == VTOPO_PLAN_JSON)
        return plan_to_json(plan, ret_text, reterr);
    return explain_plan(plan, colour, ret_text, reterr);
}

int vtopo_plan_nccl_topo(const struct vtopo_plan *plan, const struct vtopo_host *host,
                         const struct vtopo_domain *domain, char **ret_text,
                         struct vtopo_error **reterr)
{
    (void)host;
    (void)domain;
    return nccl_topo_file(plan, ret_text, reterr);
}

void vtopo_plan_free(struct vtopo_plan *plan)
{
    plan_free(plan);
}
