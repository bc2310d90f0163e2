/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_qemu.c - what QEMU gets besides what libvirt says: <qemu:override>
 *
 * Takes:  the children of <domain> in libvirt's namespace for QEMU, with whatever prefix.
 * Gives:  domain.overrides, the numbers of controllers that they change, and where new ones go.
 * Rule:   as libvirt 9.0 reads them (src/qemu/qemu_domain.c, qemuDomainDefNamespaceParse()); what
 *         it would refuse is passed over.
 * Not here: arguments (parse_commandline.c); which of them are vtopo's own (model/mark.h).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/overrides.h"
#include "model/mark.h"
#include "model/qemu_device.h"

#include <string.h>

/* An element of QEMU's namespace with this name. */
static bool qemu_is(const struct node *node, const char *name)
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

/* --- places of devices --- */

/* Does libvirt count it where it gives out "hostdev0", "hostdev1"...? */
static bool is_numbered(const struct node *node, bool interfaces)
{
    const char *alias = node_child_attribute(node, "alias", "name");

    if (!(interfaces ? node_is(node, "interface") && node_attribute_is(node, "type", "hostdev")
                     : node_is(node, "hostdev")))
        return false;
    return !alias_is_user(alias) || !strncmp(alias, MARK_PREFIX, strlen(MARK_PREFIX));
}

/* Interfaces are the first (qemuAssignDeviceAliases()).  NULL: there are fewer. */
static const struct node *numbered_hostdev(const struct node *root, uint64_t number)
{
    for (int interfaces = 1; interfaces >= 0; interfaces--) {
        for (const struct node *node = next_in_devices(root, NULL); node;
             node = next_in_devices(root, node)) {
            if (is_numbered(node, interfaces) && !number--)
                return node;
        }
    }
    return NULL;
}

/* The <hostdev> or the like that "hostdevN" is, SCAN_NONE: none. */
static size_t element_of_number(const struct node *root, const char *alias)
{
    static const char hostdev[] = "hostdev";
    const struct node *node = NULL;
    uint64_t number;

    if (!strncmp(alias, hostdev, strlen(hostdev)) &&
        libvirt_number(alias + strlen(hostdev), 10, 1024, &number))
        node = numbered_hostdev(root, number);
    return node ? node_element(node) : SCAN_NONE;
}

static void place_device(struct domain *model, const char *alias, size_t element)
{
    for (size_t i = 0; i < model->devices.count; i++) {
        struct domain_device *d = &model->devices.items[i];

        if (d->element == element || (d->alias && !strcmp(d->alias, alias)))
            d->placed_by_qemu = true;
    }
}

/* Marks the devices whose bus or place is not what libvirt says. */
static void find_placed_by_qemu(const struct reader *reader, const struct node *root)
{
    struct domain *model = &reader->domain->model;
    unsigned left = DOMAIN_QEMU_DEVICES; /* there are no places for more */

    for (size_t i = 0; left && i < model->overrides.count; i++) {
        const struct domain_override *o = &model->overrides.items[i];

        if (strcmp(o->name, "addr") != 0 && strcmp(o->name, "bus") != 0)
            continue;
        left--;
        place_device(model, o->alias, element_of_number(root, o->alias));
    }
}

/* 0 if it is no number that a bus or a chassis can have. */
static unsigned told_number(const struct domain_override *override)
{
    uint64_t number;

    return override->value && libvirt_number(override->value, 0, 255, &number) ? (unsigned)number
                                                                               : 0;
}

/* The last word counts. */
static void find_told_numbers(struct domain *model)
{
    for (size_t i = 0; i < model->overrides.count; i++) {
        const struct domain_override *o = &model->overrides.items[i];
        bool bus = !strcmp(o->name, "bus_nr");
        int index = bus || !strcmp(o->name, "chassis") ? qemu_bus_index(model, o->alias) : -1;

        for (size_t k = 0; index > 0 && k < model->controllers.count; k++) {
            struct domain_controller *c = &model->controllers.items[k];

            if (c->index == (unsigned)index)
                *(bus ? &c->told_bus_nr : &c->told_chassis) = told_number(o);
        }
    }
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
    if (!r) {
        find_placed_by_qemu(reader, root);
        find_told_numbers(&reader->domain->model);
    }
    if (!r &&
        (!mark_overrides(&reader->domain->model) || !overrides_find_idle_prefix(reader->domain)))
        r = error_nomem(reader->reterr);
    return r;
}
