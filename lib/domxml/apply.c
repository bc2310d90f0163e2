/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.c - write a plan into a domain's text, and take one out again
 *
 * Takes:  a parsed domain and a plan, or an undo, made from its model.
 * Gives:  the new text.
 * Rule:   controllers are written as libvirt prints them (virDomainControllerDefFormat()), each
 *         behind the one with the next lower index; of an address only the values that libvirt
 * would print otherwise are touched. So libvirt's dump of our output is our output, and a diff
 *         shows what changed and nothing else. An undo puts back what the record has of the text.
 * Not here: an <address> (addresses.c), the record (record.c), where bytes go and how lines look
 * (edit.c), what QEMU gets besides (overrides.c).
 */
#include "domxml/domxml.h"

#include "base/buffer.h"
#include "base/error.h"
#include "domxml/addresses.h"
#include "domxml/edit.h"
#include "domxml/implied_index.h"
#include "domxml/node.h"
#include "domxml/overrides.h"
#include "domxml/record.h"
#include "domxml/removed.h"
#include "model/mark.h"
#include "model/record.h"
#include "model/target_link.h"

#include <stdio.h>
#include <string.h>

/*
 * The <model name> that libvirt fills in, and whether <target chassis port> and <target busNr>
 * belong there.
 */
static const struct {
    const char *name;
    bool has_port, has_bus_nr;
} models[] = {
    [CTRL_EXPANDER] = {"pxb-pcie", false, true},
    [CTRL_PCI_EXPANDER] = {"pxb", false, true},
    [CTRL_ROOT_PORT] = {"pcie-root-port", true, false},
    [CTRL_UPSTREAM] = {"x3130-upstream", false, false},
    [CTRL_DOWNSTREAM] = {"xio3130-downstream", true, false},
    [CTRL_PCIE_TO_PCI] = {"pcie-pci-bridge", false, false},
};

/* libvirt silently drops an alias with any other character. */
static bool is_alias(const char *text)
{
    for (; *text; text++) {
        char lower = (char)(*text | 0x20);

        if ((lower < 'a' || lower > 'z') && (*text < '0' || *text > '9') && *text != '_' &&
            *text != '-')
            return false;
    }
    return true;
}

static bool is_writable(const struct plan_controller *controller)
{
    return (size_t)controller->model < sizeof(models) / sizeof(*models) &&
           models[controller->model].name && (!controller->alias || is_alias(controller->alias));
}

/* --- text, without printf(): there are thousands of numbers --- */

static void add_decimal(struct buffer *out, unsigned value)
{
    char digits[16], *at = digits + sizeof(digits);

    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    buffer_add_bytes(out, at, (size_t)(digits + sizeof(digits) - at));
}

/* speed='32' width='16, behind @before. */
static void add_link(struct buffer *out, const struct plan_controller *controller,
                     const char *before)
{
    if (!controller->link_in_target)
        return;
    buffer_add(out, before);
    buffer_add(out, " speed='");
    buffer_add(out, target_speed_word(controller->link.speed));
    buffer_add(out, "' width='");
    add_decimal(out, controller->link.width);
}

/* The <target> line or lines, each with its line end. */
static void add_target(struct buffer *out, const struct plan_controller *controller)
{
    if (models[controller->model].has_port) {
        buffer_add(out, "  <target chassis='");
        add_decimal(out, controller->chassis);
        buffer_add(out, "' port='");
        address_add_hex(out, controller->port, 1);
        if (controller->hotplug_off)
            buffer_add(out, "' hotplug='off");
        if (controller->mem_reserve) {
            buffer_add(out, "' memReserve='");
            add_decimal(out, controller->mem_reserve);
        }
        add_link(out, controller, "'");
        buffer_add(out, "'/>\n");
    } else if (controller->link_in_target) {
        add_link(out, controller, "  <target");
        buffer_add(out, "'/>\n");
    } else if (models[controller->model].has_bus_nr) {
        buffer_add(out, "  <target busNr='");
        add_decimal(out, controller->bus_nr);
        if (controller->cell >= 0) {
            buffer_add(out, "'>\n    <node>");
            add_decimal(out, (unsigned)controller->cell);
            buffer_add(out, "</node>\n  </target>\n");
        } else {
            buffer_add(out, "'/>\n");
        }
    }
}

/* A newer libvirt, where no model is named, chooses QEMU's generic switch. */
static const char *name_model(const struct plan_controller *controller)
{
    const char *generic = controller->link_in_target ? generic_port_name(controller->model) : NULL;

    return generic ? generic : models[controller->model].name;
}

static void add_controller(struct buffer *out, const struct plan_controller *controller)
{
    const struct bdf at = {0, (uint8_t)controller->parent_index, (uint8_t)controller->slot,
                           (uint8_t)controller->function};

    buffer_add(out, "<controller type='pci' index='");
    add_decimal(out, controller->index);
    buffer_add(out, "' model='");
    buffer_add(out, controller_model_name(controller->model));
    buffer_add(out, "'>\n  <model name='");
    buffer_add(out, name_model(controller));
    buffer_add(out, "'/>\n");
    add_target(out, controller);
    if (controller->alias) {
        buffer_add(out, "  <alias name='");
        buffer_add(out, controller->alias);
        buffer_add(out, "'/>\n");
    }
    buffer_add(out, "  ");
    address_add(out, &at, controller->multifunction ? "on" : NULL);
    buffer_add(out, "\n</controller>");
}

/* --- controllers --- */

#define INDEX_MAX 255

/* Where new controllers go. */
struct places {
    size_t at[INDEX_MAX + 1];     /* the controller with this index */
    size_t behind[INDEX_MAX + 1]; /* the one behind which this index goes; SCAN_NONE: none */
    size_t before[INDEX_MAX + 1]; /* then the one before which it goes; SCAN_NONE: none */
    size_t last;                  /* without any: behind this */
};

/* The last child of that name. */
static size_t last_child(const struct vtopo_domain *domain, size_t parent, const char *name)
{
    const struct scan *scan = &domain->scan;
    size_t last = SCAN_NONE;

    for (size_t child = scan->elements.items[parent].first_child; child != SCAN_NONE;
         child = scan->elements.items[child].next) {
        if (!scan->elements.items[child].foreign &&
            scan_span_is(domain->text, scan->elements.items[child].name, name))
            last = child;
    }
    return last;
}

/*
 * Behind the controller with the next lower index, as libvirt prints them.  libvirt 9.0 prints
 * those that it adds behind all others: one that comes behind a higher index does not count, and
 * where none is left the new one goes before the first with a higher index.
 */
static void find_neighbours(const struct domain *model, const bool removed[INDEX_MAX + 1],
                            struct places *places)
{
    size_t order[INDEX_MAX + 1], first = SIZE_MAX; /* of the indexes above */

    for (size_t i = 0; i < model->controllers.count; i++) {
        if (model->controllers.items[i].index > INDEX_MAX ||
            removed[model->controllers.items[i].index])
            continue;
        places->at[model->controllers.items[i].index] = model->controllers.items[i].element;
        order[model->controllers.items[i].index] = i;
    }
    for (size_t i = INDEX_MAX + 1; i-- > 0;) {
        size_t lower = i;

        while (lower > 0 && (places->at[lower - 1] == SCAN_NONE || order[lower - 1] > first))
            lower--;
        places->behind[i] = lower ? places->at[lower - 1] : SCAN_NONE;
        places->before[i] = first == SIZE_MAX ? SCAN_NONE : model->controllers.items[first].element;
        if (places->at[i] != SCAN_NONE && order[i] < first)
            first = order[i];
    }
}

static struct places find_places(const struct vtopo_domain *domain,
                                 const bool removed[INDEX_MAX + 1])
{
    struct places places = {.last = SCAN_NONE};

    for (size_t i = 0; i <= INDEX_MAX; i++)
        places.at[i] = SCAN_NONE;
    find_neighbours(&domain->model, removed, &places);
    if (!domain->model.controllers.count) {
        places.last = last_child(domain, domain->devices, "controller");
        if (places.last == SCAN_NONE)
            places.last = last_child(domain, domain->devices, "emulator");
    }
    return places;
}

static void insert_controller(struct edits *edits, const struct vtopo_domain *domain,
                              const struct places *places, unsigned index, const char *lines)
{
    if (places->behind[index] != SCAN_NONE)
        edits_insert_behind(edits, places->behind[index], lines);
    else if (places->before[index] != SCAN_NONE)
        edits_insert_before(edits, places->before[index], lines);
    else if (places->last != SCAN_NONE)
        edits_insert_behind(edits, places->last, lines);
    else
        edits_prepend_child(edits, domain->devices, lines);
}

/* A controller to write: a planned one, or one that is announced. */
struct line {
    size_t controller; /* place in plan.controllers, and behind these in plan.announced */
    unsigned index;
    size_t place; /* twice how many others' come before, and one more for one of those */
};

static int compare_lines(const void *left, const void *right)
{
    const struct line *a = left, *b = right;

    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return (a->controller > b->controller) - (a->controller < b->controller);
}

/*
 * In the order of the plan, but around fillers and those that are announced as if these had been
 * there before: some have no mark (hotplug.c), or none that libvirt keeps, so --undo leaves them,
 * and the next rewrite is to give the same bytes.  NULL: out of memory.
 */
static struct line *sort_controllers(const struct vtopo_plan *plan)
{
    size_t planned = plan->controllers.count, count = planned + plan->announced.count;
    struct line *lines = calloc(count, sizeof(*lines));
    size_t before[INDEX_MAX + 2] = {0};

    for (size_t i = 0; lines && i < count; i++) {
        const struct plan_controller *c = i < planned ? &plan->controllers.items[i] : NULL;

        lines[i] =
            (struct line){i, c ? c->index : plan->announced.items[i - planned], !c || c->filler};
        before[lines[i].index + 1] += lines[i].place;
    }
    for (size_t i = 1; i <= INDEX_MAX + 1; i++)
        before[i] += before[i - 1];
    for (size_t i = 0; lines && i < count; i++)
        lines[i].place += 2 * before[lines[i].index];
    if (lines)
        qsort(lines, count, sizeof(*lines), compare_lines);
    return lines;
}

static bool can_write_controllers(const struct vtopo_plan *plan, const struct places *places)
{
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *controller = &plan->controllers.items[i];

        if (!is_writable(controller) || controller->index > INDEX_MAX ||
            places->at[controller->index] != SCAN_NONE)
            return false;
    }
    for (size_t i = 0; i < plan->announced.count; i++) {
        if (plan->announced.items[i] > INDEX_MAX ||
            places->at[plan->announced.items[i]] != SCAN_NONE)
            return false;
    }
    return true;
}

static void add_line(struct buffer *out, const struct vtopo_plan *plan, const struct line *line)
{
    if (line->controller < plan->controllers.count) {
        add_controller(out, &plan->controllers.items[line->controller]);
        return;
    }
    buffer_add(out, "<controller type='pci' index='");
    add_decimal(out, line->index);
    buffer_add(out, "' model='");
    buffer_add(out, controller_model_name(line->index ? CTRL_ROOT_PORT : CTRL_PCIE_ROOT));
    buffer_add(out, "'>" MARK_ANNOUNCED "</controller>");
}

static bool write_controllers(struct edits *edits, const struct vtopo_domain *domain,
                              const struct vtopo_plan *plan)
{
    autobuffer struct buffer lines = {0};
    autofree struct line *order = NULL;
    bool removed[INDEX_MAX + 1] = {false};
    struct places places;

    if (!plan->controllers.count)
        return true;
    if (domain->devices == SCAN_NONE)
        return false;
    for (size_t i = 0; i < plan->removed.count; i++)
        removed[plan->removed.items[i] % (INDEX_MAX + 1)] = true;
    places = find_places(domain, removed);
    if (!can_write_controllers(plan, &places))
        return false;
    order = sort_controllers(plan);
    for (size_t i = 0; order && i < plan->controllers.count + plan->announced.count; i++) {
        lines.length = 0;
        add_line(&lines, plan, &order[i]);
        if (lines.failed)
            break;
        insert_controller(edits, domain, &places, order[i].index, lines.text);
    }
    edits->no_memory |= !order || lines.failed;
    return true;
}

/* --- addresses --- */

/* Has the device no address, or one on a PCI bus? */
static bool is_movable(const struct domain_device *device)
{
    return device->address.kind == ADDRESS_NONE || device->address.kind == ADDRESS_PCI;
}

/* A slot of its own must not say that it has several functions: QEMU and libvirt go by what it
 * says. */
static enum address_multifunction multifunction_of(const struct plan_device *planned,
                                                   const struct domain_device *device)
{
    if (planned->multifunction)
        return MULTIFUNCTION_TURN_ON;
    /* An undo will take the element out, and nobody will know what it said. */
    if (planned->memory == MEMORY_MADE)
        return MULTIFUNCTION_REMOVE;
    return planned->single && device->address.multifunction == 1 ? MULTIFUNCTION_TURN_OFF
                                                                 : MULTIFUNCTION_AS_IT_IS;
}

static bool write_devices(struct edits *edits, const struct vtopo_domain *domain,
                          const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *planned = &plan->devices.items[i];
        const struct domain_device *device;

        if (planned->fate != FATE_MOVED)
            continue;
        if (planned->device >= domain->model.devices.count || planned->after.kind != ADDRESS_PCI)
            return false;
        device = &domain->model.devices.items[planned->device];
        if (!is_movable(device))
            return false;
        address_write(edits, domain, device->element, &planned->after.at,
                      multifunction_of(planned, device));
    }
    return true;
}

/* Writes an attribute of <target> into a controller that is not ours. */
static void write_target(struct edits *edits, const struct vtopo_domain *domain, size_t element,
                         const char *name, const char *value)
{
    const struct scan *scan = &domain->scan;
    size_t target = scan_child(scan, domain->text, element, "target");
    size_t model = scan_child(scan, domain->text, element, "model");
    const struct scan_attribute *attribute;
    const struct scan_element *found;
    autofree char *line = mem_printf("<target %s='%s'/>", name, value);

    if (!line) {
        edits->no_memory = true;
    } else if (target != SCAN_NONE) {
        attribute = scan_attribute(scan, domain->text, target, name);
        found = &scan->elements.items[target];
        if (attribute)
            edits_set_value(edits, attribute, value);
        else
            edits_add_attribute(
                edits, target,
                found->attributes
                    ? &scan->attributes.items[found->first_attribute + found->attributes - 1]
                    : NULL,
                name, value);
    } else if (model != SCAN_NONE) {
        edits_insert_behind(edits, model, line);
    } else {
        edits_prepend_child(edits, element, line);
    }
}

static bool write_bus_fixes(struct edits *edits, const struct vtopo_domain *domain,
                            const struct vtopo_plan *plan)
{
    const struct domain_controller *controllers[DOMAIN_INDEXES];

    domain_controllers_by_index(&domain->model, controllers);
    for (size_t i = 0; i < plan->bus_fixes.count; i++) {
        const struct domain_controller *controller = controllers[plan->bus_fixes.items[i].index];

        if (!controller)
            return false;
        if (controller->bus_nr < 0 ||
            (unsigned)controller->bus_nr != plan->bus_fixes.items[i].bus_nr) {
            char value[16];

            snprintf(value, sizeof(value), "%u", plan->bus_fixes.items[i].bus_nr);
            write_target(edits, domain, controller->element, "busNr", value);
        }
    }
    return true;
}

static bool write_ports_off(struct edits *edits, const struct vtopo_domain *domain,
                            const struct vtopo_plan *plan)
{
    const struct domain_controller *controllers[DOMAIN_INDEXES];

    domain_controllers_by_index(&domain->model, controllers);
    for (size_t i = 0; i < plan->ports_off.count; i++) {
        const struct domain_controller *controller = controllers[plan->ports_off.items[i]];

        if (!controller)
            return false;
        write_target(edits, domain, controller->element, "hotplug", "off");
    }
    return true;
}

/* Behind all else, because what comes in may come in at the same byte. */
static bool remove_ports(struct edits *edits, const struct vtopo_domain *domain,
                         const struct vtopo_plan *plan)
{
    const struct domain_controller *controllers[DOMAIN_INDEXES];

    domain_controllers_by_index(&domain->model, controllers);
    for (size_t i = 0; i < plan->removed.count; i++) {
        const struct domain_controller *controller = controllers[plan->removed.items[i]];

        if (!controller)
            return false;
        edits_remove(edits, controller->element);
    }
    return true;
}

struct edits domxml_edits(const struct vtopo_domain *domain)
{
    return (struct edits){.text = domain->text, .length = domain->length, .scan = &domain->scan};
}

int domxml_finish(struct edits *edits, bool ok, char **ret_text, size_t *ret_length,
                  struct vtopo_error **reterr)
{
    enum edits_result result = ok ? edits_apply(edits, ret_text, ret_length) : EDITS_OVERLAP;

    edits_clear(edits);
    switch (result) {
    case EDITS_OK:
        return 0;
    case EDITS_NOMEM:
        return error_nomem(reterr);
    case EDITS_OVERLAP:
        break;
    }
    return error_set(reterr, VTOPO_ERR_BUG, "the plan is not one of this domain");
}

int domxml_apply(const struct vtopo_domain *domain, const struct vtopo_domain *origin,
                 const struct vtopo_plan *plan, char **ret_text, size_t *ret_length,
                 struct vtopo_error **reterr)
{
    struct edits edits = domxml_edits(domain);
    /* Aliases come before addresses where both are new. */
    bool ok = write_controllers(&edits, domain, plan) && overrides_write(&edits, domain, plan) &&
              write_devices(&edits, domain, plan) && write_bus_fixes(&edits, domain, plan) &&
              write_ports_off(&edits, domain, plan) && remove_ports(&edits, domain, plan);

    if (ok && origin)
        record_write(&edits, domain, origin, plan);
    return domxml_finish(&edits, ok, ret_text, ret_length, reterr);
}

/* All of them: once the first is gone, the second would count. */
static void remove_addresses(struct edits *edits, const struct vtopo_domain *domain, size_t element)
{
    const struct scan_element *elements = domain->scan.elements.items;

    for (size_t child = elements[element].first_child; child != SCAN_NONE;
         child = elements[child].next) {
        if (!elements[child].foreign && scan_span_is(domain->text, elements[child].name, "address"))
            edits_remove(edits, child);
    }
}

/* The attributes become what they were, in the order in which libvirt prints them. */
static void restore_address(struct edits *edits, const struct vtopo_domain *domain, size_t element,
                            const struct record_device *before)
{
    const struct scan_attribute *behind =
        scan_attribute(&domain->scan, domain->text, element, "type");

    for (size_t i = 0; i < RECORD_ATTRIBUTES; i++) {
        const char *name = record_attribute_names[i], *text = before->texts[i];
        const struct scan_attribute *a = scan_attribute(&domain->scan, domain->text, element, name);

        if (a && !text)
            edits_remove_attribute(edits, a);
        else if (a && !scan_span_is(domain->text, a->value, text))
            edits_set_value(edits, a, text);
        else if (!a && text)
            edits_add_attribute(edits, element, behind, name, text);
        behind = a && text ? a : behind;
    }
}

static bool restore_device(struct edits *edits, const struct vtopo_domain *domain, size_t device)
{
    const struct record_device *before = record_of_device(&domain->model, device);
    size_t element = scan_child(&domain->scan, domain->text,
                                domain->model.devices.items[device].element, "address");

    if (!before || element == SCAN_NONE)
        return false;
    if (before->made)
        remove_addresses(edits, domain, domain->model.devices.items[device].element);
    else
        restore_address(edits, domain, element, before);
    return true;
}

static bool undo_device(struct edits *edits, const struct vtopo_domain *domain,
                        const struct undo_device *undone)
{
    static const enum address_multifunction wanted[] = {
        MULTIFUNCTION_REMOVE, MULTIFUNCTION_TURN_OFF, MULTIFUNCTION_TURN_ON};
    const struct domain_device *device;

    if (undone->device >= domain->model.devices.count)
        return false;
    device = &domain->model.devices.items[undone->device];
    if (!is_movable(device))
        return false;
    if (undone->restored)
        return restore_device(edits, domain, undone->device);
    if (undone->address.kind == ADDRESS_PCI) {
        address_write(edits, domain, device->element, &undone->address.at,
                      wanted[undone->address.multifunction + 1]);
        return true;
    }
    remove_addresses(edits, domain, device->element);
    return true;
}

/* An attribute of <target> becomes what it was; a <target> that says nothing else goes, unless it
 * was there. */
static bool undo_target(struct edits *edits, const struct vtopo_domain *domain, size_t controller,
                        bool bus_nr)
{
    const struct scan *scan = &domain->scan;
    const struct domain_controller *c;
    const struct record_target *before;
    const struct scan_attribute *attribute;
    size_t target;

    if (controller >= domain->model.controllers.count)
        return false;
    c = &domain->model.controllers.items[controller];
    before = record_of_target(&domain->model, c->index, bus_nr);
    target = scan_child(scan, domain->text, c->element, "target");
    attribute = target == SCAN_NONE
                    ? NULL
                    : scan_attribute(scan, domain->text, target, bus_nr ? "busNr" : "hotplug");
    if (!attribute)
        return false;
    if (before && before->on)
        edits_set_value(edits, attribute, "on");
    else if (!(before && before->only) && scan->elements.items[target].attributes == 1 &&
             scan->elements.items[target].first_child == SCAN_NONE)
        edits_remove(edits, target);
    else
        edits_remove_attribute(edits, attribute);
    return true;
}

/* The root ports that the undo adds, in the order of their indexes. */
static bool write_new_ports(struct edits *edits, const struct vtopo_domain *domain,
                            const struct undo *undo)
{
    bool removed[INDEX_MAX + 1] = {false};
    struct places places;

    if (!undo->ports_new.count)
        return true;
    if (domain->devices == SCAN_NONE)
        return false;
    for (size_t i = 0; i < undo->controllers.count; i++)
        removed[domain->model.controllers.items[undo->controllers.items[i]].index] = true;
    places = find_places(domain, removed);
    places.last = last_child(domain, domain->devices, "emulator"); /* where no controller stays */
    for (size_t i = 0; i < undo->ports_new.count; i++) {
        const struct undo_port *port = &undo->ports_new.items[i];
        const struct plan_controller c = {.model = CTRL_ROOT_PORT,
                                          .index = port->index,
                                          .slot = port->slot,
                                          .chassis = port->chassis,
                                          .port = port->slot << 3,
                                          .hotplug_off = port->off,
                                          .alias = port->alias};
        autobuffer struct buffer lines = {0};

        add_controller(&lines, &c);
        edits->no_memory |= lines.failed;
        if (!lines.failed)
            insert_controller(edits, domain, &places, port->index, lines.text);
    }
    return true;
}

int domxml_undo(const struct vtopo_domain *domain, const struct undo *undo, char **ret_text,
                size_t *ret_length, struct vtopo_error **reterr)
{
    struct edits edits = domxml_edits(domain);
    bool ok = true;

    for (size_t i = 0; ok && i < undo->controllers.count; i++) {
        ok = undo->controllers.items[i] < domain->model.controllers.count;
        if (ok)
            edits_remove(&edits,
                         domain->model.controllers.items[undo->controllers.items[i]].element);
    }
    ok = ok && write_new_ports(&edits, domain, undo);
    for (size_t i = 0; ok && i < domain->model.announced.count; i++)
        edits_remove(&edits, domain->model.announced.items[i].element);
    for (size_t i = 0; ok && i < undo->ports.count; i++)
        ok = undo_target(&edits, domain, undo->ports.items[i], false);
    for (size_t i = 0; ok && i < undo->bus_numbers.count; i++)
        ok = undo_target(&edits, domain, undo->bus_numbers.items[i], true);
    for (size_t i = 0; ok && i < undo->devices.count; i++)
        ok = undo_device(&edits, domain, &undo->devices.items[i]);
    ok = ok && overrides_undo(&edits, domain, undo);
    if (ok)
        implied_indexes_write(&edits, domain, undo);
    if (ok)
        removed_restore(&edits, domain, undo);
    if (ok && undo->record)
        record_remove(&edits, domain);
    return domxml_finish(&edits, ok, ret_text, ret_length, reterr);
}
