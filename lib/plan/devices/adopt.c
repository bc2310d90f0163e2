/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adopt.c - expanders that others made and that are taken over (policy adopt)
 *
 * Takes:  the domain as it is, what the policy says of its devices.
 * Gives:  marks on those expanders and all controllers below them, as if a former rewrite had made
 *         them, so that undo.c takes them out; a finding for each that host devices hang below and
 *         that is not taken over.
 * Rule:   nothing but assigned devices that move hang there, and only ports and switches (of
 *         i440fx: bridges), in whose place others are made.
 * Not here: which cards share a switch, which is known only when all are taken over (make.c).
 */
#include "model/machine.h"
#include "plan/devices/devices.h"

#include <stdio.h>

#define INDEXES DOMAIN_INDEXES

/* The controllers by index, and which buses are below an expander. */
struct tree {
    struct guest_tree guest;
    bool below[INDEXES];
    bool any_moves; /* is there a device to place? */
};

static bool device_is_below(const struct tree *tree, const struct domain_device *d)
{
    return d->address.kind == ADDRESS_PCI && tree->below[d->address.at.bus];
}

static bool any_assigned(const struct domain *domain, const struct tree *tree)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (device_is_below(tree, &domain->devices.items[i]) &&
            device_is_assigned(&domain->devices.items[i]))
            return true;
    }
    return false;
}

/* Is there anything below but the expander itself? */
static bool any_port(const struct tree *tree)
{
    bool any = false;

    for (unsigned i = 0; i < INDEXES; i++)
        any = any || (tree->guest.at[i].there && tree->below[i] &&
                      !model_is_expander(tree->guest.at[i].model));
    return any;
}

/* NULL: out of memory. */
static char *describe_obstacle(const struct domain_device *device, bool lone)
{
    const char *label = device->label ? device->label : "a device";

    if (!device_is_assigned(device))
        return mem_printf("%s is no host device", label);
    return lone
               ? mem_printf("%s shares no switch of the host with another one, and so stays", label)
               : mem_printf("the policy keeps %s where it is", label);
}

/* Which expander an <iommu> is on is not read: it can be any. */
static bool has_named_smmu(const struct domain *domain)
{
    return domain->guest_iommu && domain_machine(domain)->expander_smmu;
}

/* A conventional bridge is as good as slots of the expander itself, where there is nothing else. */
static bool can_be_rebuilt(const struct domain *domain, enum controller_model model)
{
    return model == CTRL_PCI_BRIDGE ? !domain_machine(domain)->express
                                    : model_can_be_taken_over(model);
}

/* The first thing that has to stay below the expander, or *ret_why NULL: there is none.  @lone may
 * be NULL. */
static int find_obstacle(const struct domain *domain, const struct tree *tree, const bool *stays,
                         const bool *lone, char **ret_why, struct vtopo_error **reterr)
{
    *ret_why = NULL;
    if (has_named_smmu(domain)) {
        *ret_why = mem_printf("an <iommu> of the domain may name it (pciBus)");
        return *ret_why ? 0 : error_nomem(reterr);
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (!device_is_below(tree, d) || (device_is_assigned(d) && !stays[i] && !(lone && lone[i])))
            continue;
        *ret_why = describe_obstacle(d, lone && lone[i]);
        return *ret_why ? 0 : error_nomem(reterr);
    }
    for (unsigned i = 0; i < INDEXES; i++) {
        const struct guest_controller *c = &tree->guest.at[i];

        if (!c->there || !tree->below[i] || can_be_rebuilt(domain, c->model))
            continue;
        *ret_why = mem_printf("controller %u is neither a port nor a switch", i);
        return *ret_why ? 0 : error_nomem(reterr);
    }
    return 0;
}

static void find_below(struct tree *tree, unsigned expander)
{
    for (unsigned bus = 0; bus < INDEXES; bus++)
        tree->below[bus] = guest_tree_is_below(&tree->guest, bus, expander);
}

static void mark(struct domain *domain, const struct tree *tree)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        struct domain_controller *c = &domain->controllers.items[i];

        c->marked = c->marked || tree->below[c->index];
    }
}

static int adopt_expander(struct domain *domain, struct tree *tree, unsigned index,
                          const bool *stays, const bool *lone, const struct reporter *reporter)
{
    autofree char *why = NULL;
    char subject[32];
    bool assigned;
    int r;

    find_below(tree, index);
    assigned = any_assigned(domain, tree);
    /* Empty ports cost the same as others; an expander without any costs next to nothing, and where
     * nothing is placed the domain stays as it is. */
    if (!assigned && (!any_port(tree) || !tree->any_moves))
        return 0;
    r = find_obstacle(domain, tree, stays, lone, &why, reporter->reterr);
    if (r)
        return r;
    if (!why)
        mark(domain, tree);
    if (!why || !assigned)
        return 0;
    snprintf(subject, sizeof(subject), "controller %u", index);
    return report_finding(reporter, FINDING_NOT_ADOPTED, subject,
                          "this expander is not taken over, because of what is %s it: %s",
                          has_named_smmu(domain) ? "on" : "below", why);
}

bool *devices_that_stay(const struct facts *facts, const struct policy_index *index)
{
    bool *stays = calloc(facts->input->devices.count + 1, sizeof(*stays));

    for (size_t i = 0; stays && i < facts->input->devices.count; i++) {
        const struct domain_device *d = &facts->input->devices.items[i];
        bool placed = device_is_placed(facts, d);
        size_t function = placed ? host_function_of(facts->host, d) : HOST_NONE;

        stays[i] = !placed || d->placed_by_qemu ||
                   (function != HOST_NONE &&
                    policy_of(index, d, &facts->host->functions.items[function]).keep > 0);
    }
    return stays;
}

int adopt_expanders(struct domain *domain, const bool *stays, const bool *lone,
                    const struct reporter *reporter)
{
    struct tree tree = {.any_moves = false};
    int r = 0;

    guest_tree_make(domain, &tree.guest);
    for (size_t i = 0; i < domain->devices.count; i++)
        tree.any_moves =
            tree.any_moves || (device_is_assigned(&domain->devices.items[i]) && !stays[i]);
    for (size_t i = 0; !r && i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (model_is_expander(c->model) && !c->marked)
            r = adopt_expander(domain, &tree, c->index, stays, lone, reporter);
    }
    return r;
}

int adoptable_expanders_find(const struct domain *domain, const bool *stays,
                             bool ret[DOMAIN_INDEXES], struct vtopo_error **reterr)
{
    struct tree tree;
    int r = 0;

    guest_tree_make(domain, &tree.guest);
    for (size_t i = 0; !r && i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];
        autofree char *why = NULL;

        if (!model_is_expander(c->model) || c->marked)
            continue;
        find_below(&tree, c->index);
        r = find_obstacle(domain, &tree, stays, NULL, &why, reterr);
        ret[c->index] = !r && !why && any_assigned(domain, &tree);
    }
    return r;
}
