/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * additions_instead.c - an element of a domain in whose place an addition comes
 *
 * Takes:  a parsed domain, the addition, which has the element as it is written.
 * Gives:  an edit of that element.
 * Rule:   it is the only one of its name there, and written as the planner saw it; otherwise the
 *         plan is none of this domain. One line stays one line.
 * Not here: elements that are added and attributes (additions.c), taking it out
 *         (additions_undo.c).
 */
#include "domxml/additions.h"

#include <string.h>

bool additions_have_parents(const struct vtopo_domain *domain, const struct additions *additions)
{
    const char *missing;

    for (size_t i = 0; i < additions->count; i++) {
        additions_parent(domain, additions->items[i].kind, additions->items[i].of, &missing);
        if (strchr(missing, '['))
            return false;
    }
    return true;
}

/* SCAN_NONE: there is none, or not only one. */
static size_t only_child(const struct vtopo_domain *domain, size_t parent, const char *name)
{
    const struct scan_element *items = domain->scan.elements.items;
    size_t found = SCAN_NONE;

    for (size_t child = items[parent].first_child; child != SCAN_NONE; child = items[child].next) {
        if (items[child].foreign || !scan_span_is(domain->text, items[child].name, name))
            continue;
        if (found != SCAN_NONE)
            return SCAN_NONE;
        found = child;
    }
    return found;
}

bool additions_write_instead(struct edits *edits, const struct vtopo_domain *domain,
                             const struct addition *addition)
{
    const struct addition_place *place = addition_place(addition->kind);
    const char *missing;
    size_t parent = additions_parent(domain, addition->kind, addition->of, &missing), element;
    struct span span;

    element = *missing ? SCAN_NONE : only_child(domain, parent, place->element);
    if (element == SCAN_NONE)
        return false;
    span.begin = domain->scan.elements.items[element].start.begin;
    span.end = scan_element_end(&domain->scan.elements.items[element]);
    if (!scan_span_is(domain->text, span, addition->old))
        return false;
    edits_replace(edits, span.begin, span.end - span.begin, addition->text);
    return true;
}
