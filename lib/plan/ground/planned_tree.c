/* SPDX-License-Identifier: GPL-2.0-or-later */
/* planned_tree.c - see planned_tree.h */
#include "plan/ground/planned_tree.h"

void planned_tree_add(const struct vtopo_plan *plan, struct guest_tree *tree)
{
    for (size_t i = 0; i < plan->removed.count; i++)
        tree->at[plan->removed.items[i]] = (struct guest_controller){0};
    while (tree->end && !tree->at[tree->end - 1].there)
        tree->end--;
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *c = &plan->controllers.items[i];

        guest_tree_add(tree, c->index,
                       &(struct guest_controller){
                           .placed = true,
                           .model = c->model,
                           .bus = (uint8_t)c->parent_index,
                           .slot = (uint8_t)c->slot,
                           .function = (uint8_t)c->function,
                           .planned = (uint16_t)i,
                       });
    }
    guest_tree_find_expanders(tree);
}

void planned_tree_make(const struct vtopo_plan *plan, const struct domain *domain,
                       struct guest_tree *ret_tree)
{
    guest_tree_make(domain, ret_tree);
    for (unsigned i = 0; i < ret_tree->end; i++) {
        if (ret_tree->at[i].there && ret_tree->at[i].own->marked)
            ret_tree->at[i] = (struct guest_controller){0};
    }
    planned_tree_add(plan, ret_tree);
}
