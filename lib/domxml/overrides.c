/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overrides.c - properties of devices for QEMU, and the aliases that tie them to their devices
 *
 * Takes:  a parsed domain and a plan made from its model.
 * Gives:  edits.
 * Rule:   new properties join what the domain has: its <qemu:override> (a second one is not read by
 *         every libvirt), its <qemu:device> of the same alias, its prefix. Everything is written as
 *         libvirt prints it.
 * Not here: which properties (plan/extra/override_wish.c), taking them out (overrides_undo.c), the
 *           namespace (qemu_prefix.c).
 */
#include "domxml/overrides.h"

#include "base/buffer.h"
#include "domxml/qemu_prefix.h"

#include <string.h>

/* --- lines, without printf() --- */

/* Begins a line in libvirt's form: "\n" between lines, @indent blanks before each. */
static void begin_line(struct buffer *out, size_t indent)
{
    if (out->length)
        buffer_add(out, "\n");
    buffer_add_times(out, " ", indent);
}

/* A line of tags: @what are texts up to NULL. */
static void add_line(struct buffer *out, size_t indent, const char *const what[])
{
    begin_line(out, indent);
    for (; *what; what++)
        buffer_add(out, *what);
}

#define ADD_LINE(out, indent, ...)                                                                 \
    add_line((out), (indent), (const char *const[]){__VA_ARGS__, NULL})

static void append_lines(struct edits *edits, size_t element, const struct buffer *lines)
{
    if (lines->failed)
        edits->no_memory = true;
    else
        edits_append_child(edits, element, lines->text);
}

/* --- properties --- */

/* The properties of one alias, in the order of the plan. */
struct group {
    const struct plan_override **first;
    size_t count;
    const struct qemu_device *device; /* what the domain has for it; NULL: nothing */
};

/* All that go into <qemu:override>: groups in the order of their first property in the plan. */
struct groups {
    struct group *items;
    size_t count;
    const struct plan_override **properties; /* by alias */
};

static void clear_groups(struct groups *groups)
{
    free(groups->items);
    free(groups->properties);
}

static int compare_properties(const void *a, const void *b)
{
    const struct plan_override *x = *(const struct plan_override *const *)a,
                               *y = *(const struct plan_override *const *)b;
    int order = strcmp(x->alias, y->alias);

    return order ? order : (x > y) - (x < y); /* both are in plan->overrides */
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    return (*x->first > *y->first) - (*x->first < *y->first);
}

static int compare_devices(const void *a, const void *b)
{
    const struct qemu_device *x = *(const struct qemu_device *const *)a,
                             *y = *(const struct qemu_device *const *)b;
    int order = strcmp(x->alias, y->alias);

    return order ? order : (x > y) - (x < y); /* document order */
}

static void split(struct groups *groups, size_t properties)
{
    for (size_t i = 0; i < properties; i++) {
        const struct plan_override **at = &groups->properties[i];
        struct group *last = groups->count ? &groups->items[groups->count - 1] : NULL;

        if (last && !strcmp((*last->first)->alias, (*at)->alias))
            last->count++;
        else
            groups->items[groups->count++] = (struct group){at, 1, NULL};
    }
}

/* The first <qemu:device> of each alias; both lists go by alias. False: out of memory. */
static bool find_devices(const struct vtopo_domain *domain, struct groups *groups)
{
    size_t count = domain->qemu.devices.count, at = 0;
    autofree const struct qemu_device **devices = calloc(count + 1, sizeof(*devices));

    if (!devices)
        return false;
    for (size_t i = 0; i < count; i++)
        devices[i] = &domain->qemu.devices.items[i];
    qsort(devices, count, sizeof(*devices), compare_devices);
    for (size_t i = 0; i < groups->count; i++) {
        const char *alias = (*groups->items[i].first)->alias;

        while (at < count && strcmp(devices[at]->alias, alias) < 0)
            at++;
        if (at < count && !strcmp(devices[at]->alias, alias))
            groups->items[i].device = devices[at];
    }
    return true;
}

/* False: out of memory. */
static bool make_groups(const struct vtopo_domain *domain, const struct vtopo_plan *plan,
                        struct groups *ret)
{
    size_t room = plan->overrides.count, properties = 0;

    *ret = (struct groups){.items = calloc(room + 1, sizeof(*ret->items)),
                           .properties = calloc(room + 1, sizeof(*ret->properties))};
    if (!ret->items || !ret->properties)
        return false;
    for (size_t i = 0; i < plan->overrides.count; i++) {
        if (!plan->overrides.items[i].command_line)
            ret->properties[properties++] = &plan->overrides.items[i];
    }
    qsort(ret->properties, properties, sizeof(*ret->properties), compare_properties);
    split(ret, properties);
    if (!find_devices(domain, ret))
        return false;
    qsort(ret->items, ret->count, sizeof(*ret->items), compare_groups);
    return true;
}

static void add_properties(struct buffer *out, const struct group *group,
                           const struct qemu_prefix *prefix, size_t indent)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct plan_override *o = group->first[i];

        ADD_LINE(out, indent, "<", prefix->text, "property name='", o->name, "' type='", o->type,
                 "' value='", o->value, "'/>");
    }
}

static void add_device(struct buffer *out, const struct group *group,
                       const struct qemu_prefix *prefix, size_t indent)
{
    const char *p = prefix->text;

    ADD_LINE(out, indent, "<", p, "device alias='", (*group->first)->alias, "'>");
    ADD_LINE(out, indent + 2, "<", p, "frontend>");
    add_properties(out, group, prefix, indent + 4);
    ADD_LINE(out, indent + 2, "</", p, "frontend>");
    ADD_LINE(out, indent, "</", p, "device>");
}

/* The devices that the domain has nothing for. */
static void add_new_devices(struct buffer *out, const struct groups *groups,
                            const struct qemu_prefix *prefix, size_t indent)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (!groups->items[i].device)
            add_device(out, &groups->items[i], prefix, indent);
    }
}

/* Into the <qemu:device> that the domain has for this alias. */
static void extend_device(struct edits *edits, const struct vtopo_domain *domain,
                          const struct group *group)
{
    const struct qemu_device *device = group->device;
    bool has_frontend = device->frontend != SCAN_NONE;
    size_t parent = has_frontend ? device->frontend : device->element;
    struct qemu_prefix prefix = qemu_prefix_of(domain, parent);
    autobuffer struct buffer lines = {0};

    if (!has_frontend)
        ADD_LINE(&lines, 0, "<", prefix.text, "frontend>");
    add_properties(&lines, group, &prefix, has_frontend ? 0 : 2);
    if (!has_frontend)
        ADD_LINE(&lines, 0, "</", prefix.text, "frontend>");
    append_lines(edits, parent, &lines);
}

static void append_to_root(struct edits *edits, const struct vtopo_domain *domain,
                           const struct buffer *lines)
{
    if (lines->failed)
        edits->no_memory = true;
    else if (domain->qemu.deprecation != SCAN_NONE)
        /* libvirt prints capabilities and deprecation last. */
        edits_insert_before(edits, domain->qemu.deprecation, lines->text);
    else
        edits_append_child(edits, 0, lines->text);
}

static void extend_override(struct edits *edits, const struct vtopo_domain *domain,
                            const struct groups *groups)
{
    struct qemu_prefix prefix = qemu_prefix_of(domain, domain->qemu.override);
    autobuffer struct buffer lines = {0};

    add_new_devices(&lines, groups, &prefix, 0);
    if (lines.length || lines.failed)
        append_lines(edits, domain->qemu.override, &lines);
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->items[i].device)
            extend_device(edits, domain, &groups->items[i]);
    }
}

static void new_override(struct edits *edits, const struct vtopo_domain *domain,
                         const struct groups *groups, const struct qemu_prefix *prefix)
{
    autobuffer struct buffer lines = {0};

    ADD_LINE(&lines, 0, "<", prefix->text, "override>");
    add_new_devices(&lines, groups, prefix, 2);
    ADD_LINE(&lines, 0, "</", prefix->text, "override>");
    append_to_root(edits, domain, &lines);
}

/* --- the command line, for old versions of libvirt --- */

static void add_arguments(struct buffer *out, const struct vtopo_plan *plan,
                          const struct qemu_prefix *prefix, size_t indent)
{
    for (size_t i = 0; i < plan->overrides.count; i++) {
        const struct plan_override *o = &plan->overrides.items[i];

        if (!o->command_line)
            continue;
        ADD_LINE(out, indent, "<", prefix->text, "arg value='-set'/>");
        ADD_LINE(out, indent, "<", prefix->text, "arg value='device.", o->alias, ".", o->name, "=",
                 o->value, "'/>");
    }
}

static void extend_commandline(struct edits *edits, const struct vtopo_domain *domain,
                               const struct vtopo_plan *plan)
{
    struct qemu_prefix prefix = qemu_prefix_of(domain, domain->qemu.commandline);
    autobuffer struct buffer lines = {0};

    add_arguments(&lines, plan, &prefix, 0);
    append_lines(edits, domain->qemu.commandline, &lines);
}

static void new_commandline(struct edits *edits, const struct vtopo_domain *domain,
                            const struct vtopo_plan *plan, const struct qemu_prefix *prefix)
{
    autobuffer struct buffer lines = {0};

    ADD_LINE(&lines, 0, "<", prefix->text, "commandline>");
    add_arguments(&lines, plan, prefix, 2);
    ADD_LINE(&lines, 0, "</", prefix->text, "commandline>");
    append_to_root(edits, domain, &lines);
}

static bool has_any(const struct vtopo_plan *plan, bool command_line)
{
    for (size_t i = 0; i < plan->overrides.count; i++) {
        if (plan->overrides.items[i].command_line == command_line)
            return true;
    }
    return false;
}

static void write_overrides(struct edits *edits, const struct vtopo_domain *domain,
                            const struct vtopo_plan *plan, const struct qemu_prefix *prefix)
{
    struct groups groups;

    if (!make_groups(domain, plan, &groups))
        edits->no_memory = true;
    else if (domain->qemu.override == SCAN_NONE)
        new_override(edits, domain, &groups, prefix);
    else
        extend_override(edits, domain, &groups);
    clear_groups(&groups);
}

static void write_properties(struct edits *edits, const struct vtopo_domain *domain,
                             const struct vtopo_plan *plan)
{
    bool overrides = has_any(plan, false), arguments = has_any(plan, true);
    struct qemu_prefix prefix = {""};

    if ((overrides && domain->qemu.override == SCAN_NONE) ||
        (arguments && domain->qemu.commandline == SCAN_NONE))
        prefix = qemu_prefix_for_child(edits, domain);
    if (arguments && domain->qemu.commandline == SCAN_NONE)
        new_commandline(edits, domain, plan, &prefix);
    else if (arguments)
        extend_commandline(edits, domain, plan);
    if (overrides)
        write_overrides(edits, domain, plan, &prefix);
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
    autobuffer struct buffer line = {0};

    if (name) { /* one that libvirt would drop */
        edits_set_value(edits, name, alias);
        return;
    }
    ADD_LINE(&line, 0, "<alias name='", alias, "'/>");
    behind = child_behind_alias(domain, element);
    if (behind == SCAN_NONE)
        append_lines(edits, element, &line);
    else if (line.failed)
        edits->no_memory = true;
    else
        edits_insert_before(edits, behind, line.text);
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
    if (plan->overrides.count)
        write_properties(edits, domain, plan);
    return write_aliases(edits, domain, plan);
}
