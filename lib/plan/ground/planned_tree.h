/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planned_tree.h - the guest's controllers as they will be: those of the domain and the plan's
 */
#ifndef VTOPO_PLAN_GROUND_PLANNED_TREE_H
#define VTOPO_PLAN_GROUND_PLANNED_TREE_H

#include "model/guest_tree.h"
#include "plan/ground/plan.h"

/* Puts the plan's controllers in; "planned" is their place in plan.controllers. */
void planned_tree_add(const struct vtopo_plan *plan, struct guest_tree *tree);
/* @domain as it is, with the plan's controllers in place of vtopo's own. */
void planned_tree_make(const struct vtopo_plan *plan, const struct domain *domain,
                       struct guest_tree *ret_tree);

#endif
