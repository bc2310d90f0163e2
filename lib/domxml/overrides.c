/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overrides.c - properties of devices for QEMU, and the aliases that tie them to their devices
 *
 * Takes:  a parsed domain and a plan, or an undo, made from its model.
 * Gives:  edits.
 * Rule:   new properties join what the domain has: its <qemu:override> (a second one is not read by
 *         every libvirt), its <qemu:device> of the same alias, its prefix. Everything is written as
 *         libvirt prints it. What is empty afterwards goes with what is taken out, and so does the
 *         declaration of a prefix that nothing uses any more.
 * Not here: which properties (plan/extra/override_wish.c), which are marked (model/mark.h).
 */
#include "domxml/overrides.h"

#include "domxml/node.h"

#include <stdio.h>
#include <string.h>

/* Longest prefix that is followed: nobody writes longer ones, and libvirt writes "qemu". */
#define PREFIX_MAX 64

static const struct scan_element *element_at(const struct vtopo_domain *domain, size_t element)
{
    return &domain->scan.elements.items[element];
}

/* "qemu:", or "" where the element is written without one. */
struct prefix {
    char text[PREFIX_MAX + 2];
};

static struct prefix prefix_of(const struct vtopo_domain *domain, size_t element)
{
    struct span name = element_at(domain, element)->name;
    const char *colon = memchr(domain->text + name.begin, ':', name.end - name.begin);
    size_t length = colon ? (size_t)(colon - (domain->text + name.begin)) + 1 : 0;
    struct prefix prefix = {""};

    if (length < sizeof(prefix.text))
        memcpy(prefix.text, domain->text + name.begin, length);
    return prefix;
}

/* --- the namespace --- */

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

/* Declares a prefix at <domain>: qemu, or if that stands for something else, qemu2... */
static struct prefix declare(struct edits *edits, const struct vtopo_domain *domain)
{
    const struct scan_element *root = element_at(domain, 0);
    const struct scan_attribute *last =
        root->attributes
            ? &domain->scan.attributes.items[root->first_attribute + root->attributes - 1]
            : NULL;
    char attribute[32] = "xmlns:qemu";
    struct prefix prefix;

    for (unsigned n = 2; is_declared(domain, attribute); n++)
        snprintf(attribute, sizeof(attribute), "xmlns:qemu%u", n);
    edits_add_attribute(edits, 0, last, attribute, QEMU_NAMESPACE);
    snprintf(prefix.text, sizeof(prefix.text), "%s:", strchr(attribute, ':') + 1);
    return prefix;
}

/* The prefix for a new child of <domain>; @ret_known: it is declared, or will be. */
static struct prefix prefix_for_child(struct edits *edits, const struct vtopo_domain *domain)
{
    struct prefix prefix;

    if (!domain->qemu.prefix || strlen(domain->qemu.prefix) > PREFIX_MAX)
        return declare(edits, domain);
    snprintf(prefix.text, sizeof(prefix.text), "%s:", domain->qemu.prefix);
    return prefix;
}

/* --- properties --- */

static bool is_first_of_alias(const struct vtopo_plan *plan, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (!plan->overrides.items[i].command_line &&
            !strcmp(plan->overrides.items[i].alias, plan->overrides.items[at].alias))
            return false;
    }
    return !plan->overrides.items[at].command_line;
}

/* The lines of all properties of one alias, @indent blanks before each. */
static bool add_properties(char **text, const struct vtopo_plan *plan, const char *alias,
                           const struct prefix *prefix, int indent)
{
    for (size_t i = 0; i < plan->overrides.count; i++) {
        const struct plan_override *o = &plan->overrides.items[i];

        if (o->command_line || strcmp(o->alias, alias) != 0)
            continue;
        if (!mem_append(text, "%s%*s<%sproperty name='%s' type='%s' value='%s'/>",
                        *text ? "\n" : "", indent, "", prefix->text, o->name, o->type, o->value))
            return false;
    }
    return true;
}

static bool add_device(char **text, const struct vtopo_plan *plan, const char *alias,
                       const struct prefix *prefix, int indent)
{
    const char *p = prefix->text;

    return mem_append(text, "%s%*s<%sdevice alias='%s'>\n%*s<%sfrontend>", *text ? "\n" : "",
                      indent, "", p, alias, indent + 2, "", p) &&
           add_properties(text, plan, alias, prefix, indent + 4) &&
           mem_append(text, "\n%*s</%sfrontend>\n%*s</%sdevice>", indent + 2, "", p, indent, "", p);
}

static const struct qemu_device *find_device(const struct vtopo_domain *domain, const char *alias)
{
    for (size_t i = 0; i < domain->qemu.devices.count; i++) {
        if (!strcmp(domain->qemu.devices.items[i].alias, alias))
            return &domain->qemu.devices.items[i];
    }
    return NULL;
}

/* Into the <qemu:device> that the domain has for this alias. */
static bool extend_device(struct edits *edits, const struct vtopo_domain *domain,
                          const struct qemu_device *device, const struct vtopo_plan *plan)
{
    bool has_frontend = device->frontend != SCAN_NONE;
    struct prefix prefix = prefix_of(domain, has_frontend ? device->frontend : device->element);
    autofree char *text = NULL, *frontend = NULL;

    if (!add_properties(&text, plan, device->alias, &prefix, has_frontend ? 0 : 2))
        return false;
    if (has_frontend) {
        edits_append_child(edits, device->frontend, text);
        return true;
    }
    frontend = mem_printf("<%sfrontend>\n%s\n</%sfrontend>", prefix.text, text, prefix.text);
    if (frontend)
        edits_append_child(edits, device->element, frontend);
    return frontend;
}

/* The devices that the domain has nothing for, as lines; NULL stays NULL where there are none. */
static bool collect_devices(const struct vtopo_domain *domain, const struct vtopo_plan *plan,
                            const struct prefix *prefix, int indent, char **text)
{
    bool ok = true;

    for (size_t i = 0; ok && i < plan->overrides.count; i++) {
        const char *alias = plan->overrides.items[i].alias;

        if (is_first_of_alias(plan, i) && !find_device(domain, alias))
            ok = add_device(text, plan, alias, prefix, indent);
    }
    return ok;
}

static void append_to_root(struct edits *edits, const struct vtopo_domain *domain,
                           const char *lines)
{
    /* libvirt prints capabilities and deprecation last. */
    if (domain->qemu.deprecation != SCAN_NONE)
        edits_insert_before(edits, domain->qemu.deprecation, lines);
    else
        edits_append_child(edits, 0, lines);
}

static bool extend_override(struct edits *edits, const struct vtopo_domain *domain,
                            const struct vtopo_plan *plan)
{
    struct prefix prefix = prefix_of(domain, domain->qemu.override);
    autofree char *text = NULL;
    bool ok = collect_devices(domain, plan, &prefix, 0, &text);

    if (ok && text)
        edits_append_child(edits, domain->qemu.override, text);
    for (size_t i = 0; ok && i < plan->overrides.count; i++) {
        const struct qemu_device *device = find_device(domain, plan->overrides.items[i].alias);

        if (device && is_first_of_alias(plan, i))
            ok = extend_device(edits, domain, device, plan);
    }
    return ok;
}

static bool new_override(struct edits *edits, const struct vtopo_domain *domain,
                         const struct vtopo_plan *plan, const struct prefix *prefix)
{
    autofree char *text = NULL, *all = NULL;

    if (!collect_devices(domain, plan, prefix, 2, &text))
        return false;
    all = mem_printf("<%soverride>\n%s\n</%soverride>", prefix->text, text, prefix->text);
    if (all)
        append_to_root(edits, domain, all);
    return all;
}

/* --- the command line, for old versions of libvirt --- */

static bool collect_arguments(const struct vtopo_plan *plan, const struct prefix *prefix,
                              int indent, char **text)
{
    bool ok = true;

    for (size_t i = 0; ok && i < plan->overrides.count; i++) {
        const struct plan_override *o = &plan->overrides.items[i];

        if (o->command_line)
            ok = mem_append(text, "%s%*s<%sarg value='-set'/>\n%*s<%sarg value='device.%s.%s=%s'/>",
                            *text ? "\n" : "", indent, "", prefix->text, indent, "", prefix->text,
                            o->alias, o->name, o->value);
    }
    return ok;
}

static bool extend_commandline(struct edits *edits, const struct vtopo_domain *domain,
                               const struct vtopo_plan *plan)
{
    struct prefix prefix = prefix_of(domain, domain->qemu.commandline);
    autofree char *text = NULL;

    if (!collect_arguments(plan, &prefix, 0, &text))
        return false;
    edits_append_child(edits, domain->qemu.commandline, text);
    return true;
}

static bool new_commandline(struct edits *edits, const struct vtopo_domain *domain,
                            const struct vtopo_plan *plan, const struct prefix *prefix)
{
    autofree char *text = NULL, *all = NULL;

    if (!collect_arguments(plan, prefix, 2, &text))
        return false;
    all = mem_printf("<%scommandline>\n%s\n</%scommandline>", prefix->text, text, prefix->text);
    if (all)
        append_to_root(edits, domain, all);
    return all;
}

static bool has_any(const struct vtopo_plan *plan, bool command_line)
{
    for (size_t i = 0; i < plan->overrides.count; i++) {
        if (plan->overrides.items[i].command_line == command_line)
            return true;
    }
    return false;
}

/* False: out of memory. */
static bool write_properties(struct edits *edits, const struct vtopo_domain *domain,
                             const struct vtopo_plan *plan)
{
    bool overrides = has_any(plan, false), arguments = has_any(plan, true), ok = true;
    bool new = (overrides && domain->qemu.override == SCAN_NONE) ||
               (arguments && domain->qemu.commandline == SCAN_NONE);
    struct prefix prefix = {""};

    if (new)
        prefix = prefix_for_child(edits, domain);
    if (arguments)
        ok = domain->qemu.commandline == SCAN_NONE ? new_commandline(edits, domain, plan, &prefix)
                                                   : extend_commandline(edits, domain, plan);
    if (ok && overrides)
        ok = domain->qemu.override == SCAN_NONE ? new_override(edits, domain, plan, &prefix)
                                                : extend_override(edits, domain, plan);
    return ok;
}

/* --- aliases --- */

/* libvirt prints an alias before these. */
static size_t child_behind_alias(const struct vtopo_domain *domain, size_t element)
{
    static const char *const names[] = {"acpi", "rom", "address"};
    size_t first = SCAN_NONE;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t child = scan_child(&domain->scan, domain->text, element, names[i]);

        first = child < first ? child : first; /* elements are in the order of the document */
    }
    return first;
}

static void write_alias(struct edits *edits, const struct vtopo_domain *domain, size_t element,
                        const char *alias)
{
    size_t old = scan_child(&domain->scan, domain->text, element, "alias"), behind;
    const struct scan_attribute *name =
        old == SCAN_NONE ? NULL : scan_attribute(&domain->scan, domain->text, old, "name");
    autofree char *line = mem_printf("<alias name='%s'/>", alias);

    if (!line) {
        edits->no_memory = true;
        return;
    }
    if (name) { /* one that libvirt would drop */
        edits_set_value(edits, name, alias);
        return;
    }
    behind = child_behind_alias(domain, element);
    if (behind == SCAN_NONE)
        edits_append_child(edits, element, line);
    else
        edits_insert_before(edits, behind, line);
}

static bool write_aliases(struct edits *edits, const struct vtopo_domain *domain,
                          const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (!device->alias)
            continue;
        if (device->device >= domain->model.devices.count)
            return false;
        write_alias(edits, domain, domain->model.devices.items[device->device].element,
                    device->alias);
    }
    return true;
}

bool overrides_write(struct edits *edits, const struct vtopo_domain *domain,
                     const struct vtopo_plan *plan)
{
    if (plan->overrides.count && !write_properties(edits, domain, plan))
        edits->no_memory = true;
    return write_aliases(edits, domain, plan);
}

/* --- undo --- */

static bool is_blank(const char *text, size_t begin, size_t end)
{
    while (begin < end && strchr(" \t\r\n", text[begin]))
        begin++;
    return begin == end;
}

/* Does nothing of an element stay but blanks?  Somebody's comment does. */
static bool is_emptied(const struct vtopo_domain *domain, const struct scan_element *e,
                       const bool *gone)
{
    size_t child = e->first_child, from = e->start.end;

    if (child == SCAN_NONE)
        return false;
    for (; child != SCAN_NONE; child = element_at(domain, child)->next) {
        if (!gone[child] || !is_blank(domain->text, from, element_at(domain, child)->start.begin))
            return false;
        from = element_at(domain, child)->end.end;
    }
    return is_blank(domain->text, from, e->end.begin);
}

/* Elements that are left empty go, too; children come after their parents. */
static void spread(const struct vtopo_domain *domain, bool *gone)
{
    for (size_t i = domain->scan.elements.count; i-- > 1;)
        gone[i] = gone[i] || is_emptied(domain, element_at(domain, i), gone);
}

static bool has_prefix(const char *text, struct span name, struct span prefix)
{
    size_t length = prefix.end - prefix.begin;

    return name.end - name.begin > length && text[name.begin + length] == ':' &&
           !memcmp(text + name.begin, text + prefix.begin, length);
}

/* Does an element or attribute that stays use the prefix? */
static bool is_used(const struct vtopo_domain *domain, const bool *gone, struct span prefix)
{
    const struct scan *scan = &domain->scan;

    for (size_t i = 0; i < scan->elements.count; i++) {
        const struct scan_element *e = &scan->elements.items[i];

        if (gone[i])
            continue;
        if (has_prefix(domain->text, e->name, prefix))
            return true;
        for (size_t k = 0; k < e->attributes; k++) {
            if (has_prefix(domain->text, scan->attributes.items[e->first_attribute + k].name,
                           prefix))
                return true;
        }
    }
    return false;
}

static void remove_unused_prefix(struct edits *edits, const struct vtopo_domain *domain,
                                 const bool *gone)
{
    const struct scan_element *root = element_at(domain, 0);

    for (size_t i = 0; i < root->attributes; i++) {
        const struct scan_attribute *a = &domain->scan.attributes.items[root->first_attribute + i];
        struct span prefix = {a->name.begin + strlen("xmlns:"), a->name.end};

        if (!scan_is_namespace(a) || a->name.end <= prefix.begin ||
            !scan_span_is(domain->text, a->value, QEMU_NAMESPACE))
            continue;
        if (!is_used(domain, gone, prefix))
            edits_remove_attribute(edits, a);
    }
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
    spread(domain, gone);
    for (size_t i = 1; i < domain->scan.elements.count; i++) {
        if (gone[i] && !gone[element_at(domain, i)->parent])
            edits_remove(edits, i);
    }
    remove_unused_prefix(edits, domain, gone);
    return true;
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
            edits_remove(edits, alias);
    }
    return !undo->overrides.count || undo_properties(edits, domain, undo);
}
