/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overrides_undo.c - take marked properties and aliases out
 *
 * Takes:  a parsed domain and an undo made from its model.
 * Gives:  edits.
 * Rule:   what is empty afterwards goes with what is taken out, and so does the declaration of a
 *         prefix that nothing uses any more, unless it was the user's; somebody's comment stays.
 * Not here: which are marked (model/mark.h).
 */
#include "domxml/overrides.h"

#include "domxml/qemu_prefix.h"
#include "model/mark.h"
#include "model/record.h"

#include <string.h>

static const struct scan_element *element_at(const struct vtopo_domain *domain, size_t element)
{
    return &domain->scan.elements.items[element];
}

/* Elements that are left empty go, too; children come after their parents. */
static void mark_emptied(const struct vtopo_domain *domain, bool *gone)
{
    for (size_t i = domain->scan.elements.count; i-- > 1;)
        gone[i] = gone[i] || (element_at(domain, i)->first_child != SCAN_NONE &&
                              scan_is_emptied(&domain->scan, domain->text, i, gone));
}

/* So many declarations are looked at: each costs a walk through the text. */
#define PREFIXES_MAX 16

/* Vtopo declares a prefix only where there is none. */
bool overrides_find_idle_prefix(struct vtopo_domain *domain)
{
    const struct scan_element *root = element_at(domain, 0);
    autofree bool *gone = NULL;

    domain->model.idle_prefix = domain->qemu.prefix && mark_prefix_is_theirs(&domain->model);
    if (domain->model.idle_prefix || !domain->qemu.prefix)
        return true;
    for (size_t i = 0; i < domain->model.overrides.count; i++) {
        if (domain->model.overrides.items[i].marked)
            return true;
    }
    gone = calloc(domain->scan.elements.count + 1, sizeof(*gone));
    for (size_t i = 0; gone && i < root->attributes && i < PREFIXES_MAX; i++) {
        if (qemu_prefix_is_idle(domain, gone,
                                &domain->scan.attributes.items[root->first_attribute + i]))
            domain->model.idle_prefix = true;
    }
    return gone;
}

static bool mark_gone(const struct vtopo_domain *domain, const struct undo *undo, bool *gone)
{
    for (size_t i = 0; i < undo->overrides.count; i++) {
        const struct domain_override *o;

        if (undo->overrides.items[i] >= domain->model.overrides.count)
            return false;
        o = &domain->model.overrides.items[undo->overrides.items[i]];
        gone[o->element] = true;
        if (o->command_line)
            gone[o->option] = true;
    }
    return true;
}

static bool undo_properties(struct edits *edits, const struct vtopo_domain *domain,
                            const struct undo *undo)
{
    autofree bool *gone = calloc(domain->scan.elements.count + 1, sizeof(*gone));

    if (!gone) {
        edits->no_memory = true;
        return true;
    }
    if (!mark_gone(domain, undo, gone))
        return false;
    mark_emptied(domain, gone);
    for (size_t i = 1; i < domain->scan.elements.count; i++) {
        if (gone[i] && !gone[element_at(domain, i)->parent])
            edits_remove(edits, i);
    }
    if (!domain->model.idle_prefix)
        qemu_prefix_remove_unused(edits, domain, gone);
    return true;
}

/* One that libvirt would drop, in whose place vtopo's own was written, comes back. */
static void undo_alias(struct edits *edits, const struct vtopo_domain *domain, size_t alias,
                       const struct record_device *before)
{
    const struct scan_attribute *name = scan_attribute(&domain->scan, domain->text, alias, "name");

    if (before && before->alias && name)
        edits_set_value(edits, name, before->alias);
    else
        edits_remove(edits, alias);
}

bool overrides_undo(struct edits *edits, const struct vtopo_domain *domain, const struct undo *undo)
{
    for (size_t i = 0; i < undo->aliases.count; i++) {
        size_t alias;

        if (undo->aliases.items[i] >= domain->model.devices.count)
            return false;
        alias = scan_child(&domain->scan, domain->text,
                           domain->model.devices.items[undo->aliases.items[i]].element, "alias");
        if (alias != SCAN_NONE)
            undo_alias(edits, domain, alias,
                       record_of_device(&domain->model, undo->aliases.items[i]));
    }
    return !undo->overrides.count || undo_properties(edits, domain, undo);
}
