/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * implied_index.c - see implied_index.h
 *
 * Takes:  a domain, what an undo takes out of it and brings back.
 * Gives:  edits: an index for each PCI controller that has none, if any of them would get another.
 * Rule:   libvirt gives the lowest index that is free (parse_controllers.c), which is a lower one
 *         when vtopo's controllers are gone: addresses on that bus, and the plan, go by the one
 *         that it has now.
 */
#include "domxml/implied_index.h"

#include "base/buffer.h"

#include <stdlib.h>

struct indexes {
    bool goes[DOMAIN_INDEXES]; /* the controller with that index */
    bool given[DOMAIN_INDEXES];
};

static void find_indexes(const struct domain *model, const struct undo *undo, struct indexes *ret)
{
    *ret = (struct indexes){.goes = {false}};
    for (size_t i = 0; i < undo->controllers.count; i++)
        ret->goes[model->controllers.items[undo->controllers.items[i]].index] = true;
    for (size_t i = 0; i < model->controllers.count; i++) {
        const struct domain_controller *c = &model->controllers.items[i];

        ret->given[c->index] = c->index_given && !ret->goes[c->index];
    }
    for (size_t i = 0; i < undo->restored.count; i++)
        ret->given[model->record.controllers.items[undo->restored.items[i]].controller.index] =
            true;
    for (size_t i = 0; i < undo->ports_new.count; i++)
        ret->given[undo->ports_new.items[i].index] = true;
}

static bool is_implied(const struct indexes *indexes, const struct domain_controller *controller)
{
    return !controller->index_given && !indexes->goes[controller->index];
}

static bool any_changes(const struct domain *model, const struct indexes *indexes)
{
    unsigned lowest = 0;

    for (size_t i = 0; i < model->controllers.count; i++) {
        const struct domain_controller *c = &model->controllers.items[i];

        if (!is_implied(indexes, c))
            continue;
        while (lowest < DOMAIN_INDEXES && indexes->given[lowest])
            lowest++;
        if (lowest++ != c->index)
            return true;
    }
    return false;
}

void implied_indexes_write(struct edits *edits, const struct vtopo_domain *domain,
                           const struct undo *undo)
{
    const struct domain *model = &domain->model;
    struct indexes indexes;

    find_indexes(model, undo, &indexes);
    if (!any_changes(model, &indexes))
        return;
    for (size_t i = 0; i < model->controllers.count; i++) {
        const struct domain_controller *c = &model->controllers.items[i];
        autofree char *index = NULL;

        if (!is_implied(&indexes, c))
            continue;
        index = mem_printf("%u", c->index);
        edits->no_memory |= !index;
        if (index)
            edits_add_attribute(edits, c->element,
                                scan_attribute(&domain->scan, domain->text, c->element, "type"),
                                "index", index);
    }
}
