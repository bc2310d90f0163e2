/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_controllers.c - <controller type='pci'>
 *
 * Takes:  <devices>.
 * Gives:  domain.controllers in document order, each with the index that libvirt would give it.
 * Rule:   a controller without an index gets the lowest free one, in document order, after all
 *         given ones. Announced ones have to be as right as all, and are then listed apart.
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "model/guest_tree.h"
#include "model/machine.h"
#include "model/mark.h"
#include "model/target_link.h"

#include <limits.h>
#include <string.h>

/* libvirt: "PCI controller index 256 too high, maximum is 255" */
#define INDEX_MAX 255

const struct node *next_in_devices(const struct node *root, const struct node *node)
{
    const struct node *list = node ? node->parent : node_child(root, "devices");

    /* libvirt takes the children of every <devices>. */
    for (; list; list = node_next(list, "devices"), node = NULL) {
        for (node = node ? node->next : list->children; node; node = node->next) {
            if (!node->namespace)
                return node;
        }
    }
    return NULL;
}

/* A number of <target>, or -1. */
static int target_number(const struct reader *reader, const struct node *target, const char *name,
                         uint64_t min, uint64_t max, int *ret_value)
{
    uint64_t value = UINT64_MAX;
    int r = node_number(reader, target, name, 0, max, &value);

    *ret_value = value == UINT64_MAX ? -1 : (int)value;
    if (!r && value < min)
        return reader_refuse(reader, target, "%s='%d' is out of range (at least %d)", name,
                             *ret_value, (int)min);
    return r;
}

/* <target><node>1</node></target> */
static int target_node(const struct reader *reader, const struct node *target, int *ret_node)
{
    const struct node *node = node_child(target, "node");
    autofree char *text = NULL;
    uint64_t value;

    *ret_node = -1;
    if (!node)
        return 0;
    text = node_text(node);
    if (!text)
        return error_nomem(reader->reterr);
    if (!*text)
        return 0;
    if (!libvirt_number(text, 10, INT_MAX, &value))
        return reader_refuse(reader, node, "'%s' is not a cell", CLIP(text));
    *ret_node = (int)value;
    return 0;
}

/* libvirt before 10.3 takes no notice of it, and later ones refuse what is no number. */
static unsigned mem_reserve_of(const struct node *target)
{
    const char *text = target ? node_attribute(target, "memReserve") : NULL;
    uint64_t kib;

    if (!text || !libvirt_number(text, 10, UINT64_MAX, &kib))
        return 0;
    return kib < UINT_MAX ? (unsigned)kib : UINT_MAX;
}

/* Older ones take no notice of these, and what newer ones refuse is not ours to refuse. */
static void set_link(const struct node *target, struct domain_controller *controller)
{
    const char *speed = target ? node_attribute(target, "speed") : NULL;
    const char *width = target ? node_attribute(target, "width") : NULL;
    uint64_t lanes = 0;

    controller->speed = speed ? target_speed_of(speed) : 0;
    if (width && libvirt_number(width, 10, UINT_MAX, &lanes))
        controller->width = (unsigned)lanes;
}

static int parse_target(const struct reader *reader, const struct node *node,
                        struct domain_controller *controller)
{
    const struct node *target = node_child(node, "target");
    int r;

    if (target && node_next(target, "target"))
        return reader_refuse(reader, node_next(target, "target"),
                             "is the second of controller %u: there may be one", controller->index);
    r = target_number(reader, target, "busNr", 1, 254, &controller->bus_nr);
    if (!r)
        r = target_number(reader, target, "chassis", 0, 255, &controller->chassis);
    if (!r)
        r = target_number(reader, target, "port", 0, 255, &controller->port);
    if (!r)
        r = node_switch(reader, target, "hotplug", &controller->hotplug);
    controller->mem_reserve = mem_reserve_of(target);
    set_link(target, controller);
    return r ? r : target_node(reader, target, &controller->node);
}

static int parse_names(const struct reader *reader, const struct node *node,
                       struct domain_controller *controller)
{
    const char *model = node_attribute(node, "model");
    int r =
        reader_copy(reader, node_child_attribute(node, "model", "name"), &controller->model_name);

    controller->model = model ? controller_model_of(model) : CTRL_OTHER;
    if (!r)
        r = reader_copy(reader, node_child_attribute(node, "alias", "name"), &controller->alias);
    if (r)
        return r;
    controller->generic = generic_port_is(controller->model_name);
    controller->marked = mark_is_of_controller(controller->alias);
    return 0;
}

static int parse_controller(const struct reader *reader, const struct node *node)
{
    struct domain_controller *controller = vec_add(&reader->domain->model.controllers);
    uint64_t index = UINT64_MAX;
    int r;

    if (!controller)
        return error_nomem(reader->reterr);
    controller->element = node_element(node);
    controller->line = node_line(reader, node);
    r = node_number(reader, node, "index", 10, INDEX_MAX, &index);
    controller->index_given = index != UINT64_MAX;
    controller->index = controller->index_given ? (unsigned)index : 0;
    if (!r)
        r = parse_names(reader, node, controller);
    if (!r)
        r = parse_target(reader, node, controller);
    return r ? r : parse_guest_address(reader, node, &controller->address);
}

/* Fills @by_index, whose entries are NULL or the controller with that index. */
static int assign_indexes(const struct reader *reader,
                          struct domain_controller *by_index[INDEX_MAX + 1])
{
    struct domain *model = &reader->domain->model;
    unsigned lowest = 0;

    for (size_t i = 0; i < model->controllers.count; i++) {
        struct domain_controller *controller = &model->controllers.items[i];

        if (!controller->index_given)
            continue;
        if (by_index[controller->index])
            return reader_refuse_line(reader, controller->line,
                                      "<controller>: PCI controller index %u is there twice, "
                                      "first in line %ld",
                                      controller->index, by_index[controller->index]->line);
        by_index[controller->index] = controller;
    }
    for (size_t i = 0; i < model->controllers.count; i++) {
        struct domain_controller *controller = &model->controllers.items[i];

        if (controller->index_given)
            continue;
        while (lowest <= INDEX_MAX && by_index[lowest])
            lowest++;
        if (lowest > INDEX_MAX)
            return reader_refuse_line(reader, controller->line,
                                      "<controller>: more than %d PCI controllers", INDEX_MAX + 1);
        controller->index = lowest;
        by_index[lowest] = controller;
    }
    return 0;
}

/* Index 0 is the root bus: bus 0 in every address. */
static int check_root(const struct reader *reader)
{
    const struct domain *model = &reader->domain->model;
    const struct machine *machine = domain_machine(model);

    if (!machine->rewritten)
        return 0;
    for (size_t i = 0; i < model->controllers.count; i++) {
        const struct domain_controller *controller = &model->controllers.items[i];

        if ((controller->model == machine->root) != (controller->index == 0))
            return reader_refuse_line(
                reader, controller->line,
                "<controller>: PCI controller %u: index 0 is %s, and only that", controller->index,
                controller_model_name(machine->root));
    }
    return 0;
}

static int check_loops(const struct reader *reader)
{
    const struct domain *model = &reader->domain->model;
    struct guest_tree tree;

    guest_tree_make(model, &tree);
    for (size_t i = 0; i < model->controllers.count; i++) {
        if (tree.at[model->controllers.items[i].index].looped)
            return reader_refuse_line(
                reader, model->controllers.items[i].line,
                "<controller>: PCI controller %u is in a loop of controllers, "
                "or below one",
                model->controllers.items[i].index);
    }
    return 0;
}

static bool is_announced(const struct vtopo_domain *domain, const struct domain_controller *c)
{
    const struct scan_element *e = &domain->scan.elements.items[c->element];

    return c->index_given && c->model == (c->index ? CTRL_ROOT_PORT : CTRL_PCIE_ROOT) &&
           e->attributes == 3 &&
           scan_span_is(domain->text, (struct span){e->start.end, e->end.begin}, MARK_ANNOUNCED);
}

static int set_announced_apart(const struct reader *reader)
{
    struct domain *model = &reader->domain->model;
    size_t left = 0;

    for (size_t i = 0; i < model->controllers.count; i++) {
        const struct domain_controller c = model->controllers.items[i];
        struct domain_announced *announced;

        if (!is_announced(reader->domain, &c)) {
            model->controllers.items[left++] = c;
            continue;
        }
        announced = vec_add(&model->announced);
        if (!announced)
            return error_nomem(reader->reterr);
        *announced = (struct domain_announced){c.index, c.element};
    }
    model->controllers.count = left;
    return 0;
}

int parse_controllers(const struct reader *reader, const struct node *root)
{
    struct domain_controller *by_index[INDEX_MAX + 1] = {0};
    int r = 0;

    for (const struct node *node = next_in_devices(root, NULL); !r && node;
         node = next_in_devices(root, node)) {
        if (node_is(node, "controller") && node_attribute_is(node, "type", "pci"))
            r = parse_controller(reader, node);
    }
    if (!r)
        r = assign_indexes(reader, by_index);
    if (!r)
        r = check_root(reader);
    if (!r)
        r = check_loops(reader);
    return r ? r : set_announced_apart(reader);
}
