/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_format.c - a plan as text (vtopo/plan.h)
 *
 * Takes:  a plan.
 * Gives:  a drawing for people, JSON, what the guest may know of it, NCCL's topology file.
 * Rule:   apart from plan.c, so that a program that is linked with the static library and prints no
 *         plan has none of it.
 * Not here: what the texts look like (lib/report, lib/peer).
 */
#include "vtopo/plan.h"

#include "base/error.h"
#include "peer/nccl_file.h"
#include "plan/ground/plan.h"
#include "plan/guest_plan.h"
#include "report/explain.h"
#include "report/json_plan.h"
#include "report/matrix.h"
#include "report/picture.h"

static int format_guest_plan(const struct vtopo_plan *plan, char **ret_text,
                             struct vtopo_error **reterr)
{
    const char *unknown = guest_plan_unknown(plan);

    if (unknown)
        return error_set(
            reterr, VTOPO_ERR_REFUSED,
            "no plan for the guest: the guest's address of %s is not known; define the domain first",
            unknown);
    if (!guest_plan_has_devices(plan))
        return error_set(reterr, VTOPO_ERR_REFUSED,
                         "no plan for the guest: no device has a place from vtopo");
    return guest_plan_format(plan, ret_text, reterr);
}

int vtopo_plan_format(const struct vtopo_plan *plan, enum vtopo_plan_style style, bool colour,
                      char **ret_text, struct vtopo_error **reterr)
{
    if (style == VTOPO_PLAN_JSON)
        return plan_to_json(plan, ret_text, reterr);
    if (style == VTOPO_PLAN_GUEST)
        return format_guest_plan(plan, ret_text, reterr);
    if (style == VTOPO_PLAN_MATRIX)
        return matrix_print(plan, colour, ret_text, reterr);
    if (style == VTOPO_PLAN_SVG || style == VTOPO_PLAN_DOT)
        return picture_print(plan, style == VTOPO_PLAN_SVG ? PICTURE_SVG : PICTURE_DOT, ret_text,
                             reterr);
    return explain_plan(plan, colour, ret_text, reterr);
}

int vtopo_plan_nccl_topo(const struct vtopo_plan *plan, char **ret_text,
                         struct vtopo_error **reterr)
{
    return nccl_topo_file(plan, ret_text, reterr);
}
