/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu_prefix.c - see qemu_prefix.h */
#include "domxml/qemu_prefix.h"

#include "domxml/node.h"

#include <stdio.h>
#include <string.h>

static const struct scan_element *element_at(const struct vtopo_domain *domain, size_t element)
{
    return &domain->scan.elements.items[element];
}

struct qemu_prefix qemu_prefix_of(const struct vtopo_domain *domain, size_t element)
{
    struct span name = element_at(domain, element)->name;
    const char *colon = memchr(domain->text + name.begin, ':', name.end - name.begin);
    size_t length = colon ? (size_t)(colon - (domain->text + name.begin)) + 1 : 0;
    struct qemu_prefix prefix = {""};

    if (length < sizeof(prefix.text))
        memcpy(prefix.text, domain->text + name.begin, length);
    return prefix;
}

/* --- in use --- */

static bool has_prefix(const char *text, struct span name, const char *prefix, size_t length)
{
    return name.end - name.begin > length && text[name.begin + length] == ':' &&
           !memcmp(text + name.begin, prefix, length);
}

/* Does an element or attribute that stays use the prefix?  @gone NULL: all stay. */
static bool is_used(const struct vtopo_domain *domain, const bool *gone, const char *prefix,
                    size_t length)
{
    const struct scan *scan = &domain->scan;

    for (size_t i = 0; i < scan->elements.count; i++) {
        const struct scan_element *e = &scan->elements.items[i];

        if (gone && gone[i])
            continue;
        if (has_prefix(domain->text, e->name, prefix, length))
            return true;
        for (size_t k = 0; k < e->attributes; k++) {
            if (has_prefix(domain->text, scan->attributes.items[e->first_attribute + k].name,
                           prefix, length))
                return true;
        }
    }
    return false;
}

static bool is_declared(const struct vtopo_domain *domain, const char *attribute)
{
    const struct scan_element *root = element_at(domain, 0);

    for (size_t i = 0; i < root->attributes; i++) {
        if (scan_span_is(domain->text,
                         domain->scan.attributes.items[root->first_attribute + i].name, attribute))
            return true;
    }
    return false;
}

static bool is_taken(const struct vtopo_domain *domain, const char *attribute)
{
    const char *prefix = strchr(attribute, ':') + 1;

    return is_declared(domain, attribute) || is_used(domain, NULL, prefix, strlen(prefix));
}

/* Declares a prefix at <domain>: qemu, or if that stands for something else, or somebody uses it
 * without declaring it, qemu2... */
static struct qemu_prefix declare(struct edits *edits, const struct vtopo_domain *domain)
{
    const struct scan_element *root = element_at(domain, 0);
    const struct scan_attribute *last =
        root->attributes
            ? &domain->scan.attributes.items[root->first_attribute + root->attributes - 1]
            : NULL;
    char attribute[32] = "xmlns:qemu";
    struct qemu_prefix prefix;

    for (unsigned n = 2; is_taken(domain, attribute); n++)
        snprintf(attribute, sizeof(attribute), "xmlns:qemu%u", n);
    edits_add_attribute(edits, 0, last, attribute, QEMU_NAMESPACE);
    snprintf(prefix.text, sizeof(prefix.text), "%s:", strchr(attribute, ':') + 1);
    return prefix;
}

struct qemu_prefix qemu_prefix_for_child(struct edits *edits, const struct vtopo_domain *domain)
{
    struct qemu_prefix prefix;

    if (!domain->qemu.prefix || strlen(domain->qemu.prefix) > PREFIX_MAX)
        return declare(edits, domain);
    snprintf(prefix.text, sizeof(prefix.text), "%s:", domain->qemu.prefix);
    return prefix;
}

/* --- no longer in use --- */

bool qemu_prefix_is_idle(const struct vtopo_domain *domain, const bool *gone,
                         const struct scan_attribute *a)
{
    struct span prefix = {a->name.begin + strlen("xmlns:"), a->name.end};

    return scan_is_namespace(a) && a->name.end > prefix.begin &&
           scan_span_is(domain->text, a->value, QEMU_NAMESPACE) &&
           !is_used(domain, gone, domain->text + prefix.begin, prefix.end - prefix.begin);
}

void qemu_prefix_remove_unused(struct edits *edits, const struct vtopo_domain *domain,
                               const bool *gone)
{
    const struct scan_element *root = element_at(domain, 0);

    for (size_t i = 0; i < root->attributes; i++) {
        const struct scan_attribute *a = &domain->scan.attributes.items[root->first_attribute + i];

        if (qemu_prefix_is_idle(domain, gone, a))
            edits_remove_attribute(edits, a);
    }
}
