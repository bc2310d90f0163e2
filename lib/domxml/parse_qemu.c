/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_qemu.c - what QEMU gets besides what libvirt says: <qemu:override>
 *
 * Takes:  the children of <domain> in libvirt's namespace for QEMU, with whatever prefix.
 * Gives:  domain.overrides, and where in the text new ones go.
 * Rule:   as libvirt 9.0 reads them (src/qemu/qemu_domain.c, qemuDomainDefNamespaceParse()); what
 *         it would refuse is passed over.
 * Not here: arguments (parse_commandline.c); which of them are vtopo's own (model/mark.h).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/overrides.h"
#include "model/mark.h"

#include <string.h>

bool qemu_is(const struct node *node, const char *name)
{
    return node->namespace && !strcmp(node->namespace, QEMU_NAMESPACE) && !strcmp(node->name, name);
}

const struct node *qemu_next(const struct node *node, const char *name)
{
    while (node && !qemu_is(node, name))
        node = node->next;
    return node;
}

int qemu_add_override(const struct reader *reader, struct domain_override override,
                      const char *alias, const char *name, const char *value)
{
    struct domain_override *added = vec_add(&reader->domain->model.overrides);

    if (!added)
        return error_nomem(reader->reterr);
    added->command_line = override.command_line;
    added->element = override.element;
    added->option = override.option;
    added->alias = strdup(alias);
    added->name = strdup(name);
    added->type = override.type ? strdup(override.type) : NULL;
    added->value = value ? strdup(value) : NULL;
    if (added->alias && added->name && (added->type || !override.type) && (added->value || !value))
        return 0;
    return error_nomem(reader->reterr);
}

static int parse_property(const struct reader *reader, const struct node *property,
                          const char *alias)
{
    const char *name = node_attribute(property, "name");
    struct domain_override override = {.element = node_element(property)};

    if (!name)
        return 0;
    override.type = (char *)node_attribute(property, "type");
    return qemu_add_override(reader, override, alias, name, node_attribute(property, "value"));
}

/* Remembers where properties of this device go, if this is the first <qemu:override>. */
static int add_device(const struct reader *reader, const struct node *device, const char *alias)
{
    struct qemu_places *places = &reader->domain->qemu;
    const struct node *frontend = qemu_next(device->children, "frontend");
    struct qemu_device *added;

    if (node_element(device->parent) != places->override)
        return 0;
    added = vec_add(&places->devices);
    if (!added)
        return error_nomem(reader->reterr);
    added->element = node_element(device);
    added->frontend = frontend ? node_element(frontend) : SCAN_NONE;
    added->alias = strdup(alias);
    return added->alias ? 0 : error_nomem(reader->reterr);
}

static int parse_properties(const struct reader *reader, const struct node *frontend,
                            const char *alias)
{
    int r = 0;

    for (const struct node *property = qemu_next(frontend->children, "property"); !r && property;
         property = qemu_next(property->next, "property"))
        r = parse_property(reader, property, alias);
    return r;
}

static int parse_override_device(const struct reader *reader, const struct node *device)
{
    const char *alias = node_attribute(device, "alias");
    int r;

    if (!alias)
        return 0;
    r = add_device(reader, device, alias);
    for (const struct node *frontend = qemu_next(device->children, "frontend"); !r && frontend;
         frontend = qemu_next(frontend->next, "frontend"))
        r = parse_properties(reader, frontend, alias);
    return r;
}

static int parse_override(const struct reader *reader, const struct node *override)
{
    int r = 0;

    for (const struct node *device = qemu_next(override->children, "device"); !r && device;
         device = qemu_next(device->next, "device"))
        r = parse_override_device(reader, device);
    return r;
}

/* The first that <domain> declares. */
static int read_prefix(const struct reader *reader)
{
    for (size_t i = 0; i < reader->document->namespace_count; i++) {
        const struct node_namespace *declared = &reader->document->namespaces[i];

        if (declared->prefix && declared->href && !strcmp(declared->href, QEMU_NAMESPACE))
            return reader_copy(reader, declared->prefix, &reader->domain->qemu.prefix);
    }
    return 0;
}

static void set_place(const struct node *node, size_t *place)
{
    if (*place == SCAN_NONE)
        *place = node_element(node);
}

int parse_qemu(const struct reader *reader, const struct node *root)
{
    struct qemu_places *places = &reader->domain->qemu;
    int r = read_prefix(reader);

    for (const struct node *node = root->children; !r && node; node = node->next) {
        if (qemu_is(node, "override")) {
            set_place(node, &places->override);
            r = parse_override(reader, node);
        } else if (qemu_is(node, "commandline")) {
            set_place(node, &places->commandline);
        } else if (qemu_is(node, "deprecation")) {
            set_place(node, &places->deprecation);
        }
    }
    if (!r)
        r = parse_commandline(reader, root);
    if (!r &&
        (!mark_overrides(&reader->domain->model) || !overrides_find_idle_prefix(reader->domain)))
        r = error_nomem(reader->reterr);
    return r;
}
