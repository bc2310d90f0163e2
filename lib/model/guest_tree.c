/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_tree.c - see guest_tree.h */
#include "model/guest_tree.h"

#include <string.h>

static void add_own(struct guest_tree *tree, const struct domain_controller *c)
{
    bool addressed = c->address.kind == ADDRESS_PCI;

    if (c->index >= tree->end)
        tree->end = c->index + 1;
    tree->at[c->index] = (struct guest_controller){
        .there = true,
        .placed = addressed,
        .model = c->model,
        .bus = addressed ? c->address.at.bus : 0,
        .slot = addressed ? c->address.at.slot : 0,
        .function = addressed ? c->address.at.function : 0,
        .own = c,
    };
}

void guest_tree_make(const struct domain *domain, struct guest_tree *ret_tree)
{
    memset(ret_tree, 0, sizeof(*ret_tree));
    for (size_t i = 0; i < domain->controllers.count; i++)
        add_own(ret_tree, &domain->controllers.items[i]);
    guest_tree_find_expanders(ret_tree);
}

void guest_tree_add(struct guest_tree *tree, unsigned index,
                    const struct guest_controller *controller)
{
    if (index >= tree->end)
        tree->end = index + 1;
    tree->at[index] = *controller;
    tree->at[index].there = true;
}

/* The ways up as far as they are known: every controller is looked at once. */
struct climb {
    enum { UNKNOWN, ON_THE_WAY, KNOWN } state[DOMAIN_INDEXES];
    uint8_t way[DOMAIN_INDEXES]; /* the controllers on the present one, lowest first */
};

static bool ends_here(const struct guest_controller *c)
{
    return !c->there || !c->placed;
}

static void find_expander(struct guest_tree *tree, struct climb *climb, unsigned index)
{
    size_t count = 0;
    uint8_t expander = 0;
    bool looped;

    while (climb->state[index] == UNKNOWN) {
        climb->state[index] = ON_THE_WAY;
        climb->way[count++] = (uint8_t)index;
        if (!ends_here(&tree->at[index]))
            index = tree->at[index].bus;
    }
    looped = climb->state[index] == KNOWN ? tree->at[index].looped : !ends_here(&tree->at[index]);
    if (climb->state[index] == KNOWN)
        expander = tree->at[index].expander;
    while (count) {
        struct guest_controller *c = &tree->at[climb->way[--count]];

        if (c->there && model_is_expander(c->model))
            expander = climb->way[count];
        c->expander = looped ? 0 : expander;
        c->looped = looped;
        climb->state[climb->way[count]] = KNOWN;
    }
}

void guest_tree_find_expanders(struct guest_tree *tree)
{
    struct climb climb = {0};

    for (unsigned i = 0; i < tree->end; i++) {
        if (tree->at[i].there)
            find_expander(tree, &climb, i);
    }
}

bool guest_tree_is_below(const struct guest_tree *tree, unsigned bus, unsigned top)
{
    for (unsigned steps = 0; steps < DOMAIN_INDEXES; steps++) {
        if (bus == top)
            return true;
        if (!bus || !tree->at[bus].there || !tree->at[bus].placed)
            return false;
        bus = tree->at[bus].bus;
    }
    return false;
}

bool guest_tree_is_on_root(const struct guest_controller *controller)
{
    return !controller->placed || !controller->bus;
}

bool model_is_root_bus(enum controller_model model)
{
    return model == CTRL_PCIE_ROOT || model == CTRL_PCI_ROOT || model_is_expander(model);
}

bool model_is_expander(enum controller_model model)
{
    return model == CTRL_EXPANDER || model == CTRL_PCI_EXPANDER;
}

bool model_can_be_taken_over(enum controller_model model)
{
    return model_is_expander(model) || model == CTRL_ROOT_PORT || model == CTRL_UPSTREAM ||
           model == CTRL_DOWNSTREAM || model == CTRL_PCI_BRIDGE;
}

bool model_is_bridge(enum controller_model model)
{
    return model == CTRL_PCIE_TO_PCI || model == CTRL_PCI_BRIDGE || model == CTRL_DMI_TO_PCI;
}
