/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan.c - see plan.h */
#include "plan/ground/plan.h"

void plan_free(struct vtopo_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->controllers.count; i++)
        free(plan->controllers.items[i].alias);
    for (size_t i = 0; i < plan->devices.count; i++)
        free(plan->devices.items[i].alias);
    for (size_t i = 0; i < plan->devices.count; i++)
        free(plan->devices.items[i].vgpu_type);
    host_clear(&plan->extract.host);
    domain_clear(&plan->extract.domain);
    for (size_t i = 0; i < plan->overrides.count; i++) {
        free(plan->overrides.items[i].value);
        free(plan->overrides.items[i].alias);
    }
    free(plan->overrides.items);
    additions_clear(&plan->additions);
    free(plan->controllers.items);
    free(plan->announced.items);
    free(plan->cards.items);
    free(plan->devices.items);
    free(plan->bus_fixes.items);
    free(plan->ports_off.items);
    free(plan->removed.items);
    free(plan->budgets.items);
    findings_clear(&plan->findings);
    undo_clear(&plan->undo);
    free(plan->adopted.items);
    free(plan->difference);
    free(plan->lack);
    free(plan->source);
    free(plan);
}
