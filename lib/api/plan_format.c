/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_format.c - a plan as text (vtopo/plan.h)
 *
 * Takes:  a plan.
 * Gives:  a drawing for people, JSON, NCCL's topology file.
 * Rule:   apart from plan.c, so that a program that is linked with the static library and prints no
 *         plan has none of it.
 * Not here: what the texts look like (lib/report, lib/peer).
 */
#include "vtopo/plan.h"

#include "peer/nccl_file.h"
#include "plan/ground/plan.h"
#include "report/explain.h"
#include "report/json_plan.h"

int vtopo_plan_format(const struct vtopo_plan *plan, enum vtopo_plan_style style, bool colour,
                      char **ret_text, struct vtopo_error **reterr)
{
    if (style == VTOPO_PLAN_JSON)
        return plan_to_json(plan, ret_text, reterr);
    return explain_plan(plan, colour, ret_text, reterr);
}

int vtopo_plan_nccl_topo(const struct vtopo_plan *plan, char **ret_text,
                         struct vtopo_error **reterr)
{
    return nccl_topo_file(plan, ret_text, reterr);
}
