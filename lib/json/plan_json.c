/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_json.c - see plan_json.h
 *
 * Rule:   keys are in a fixed order and never left out: what is not known, or makes no sense for a
 * kind of controller, is null.  Places in lists ("card", "controller") are places in this document.
 * Not here: the plan for people (explain/).
 */
#include "json/plan_json.h"

#include "core/class.h"
#include "core/error.h"

#include <jansson.h>
#include <string.h>

/* Takes over @value; a value that could not be made makes the whole document fail. */
struct writer {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    const struct domain *domain;
    bool failed;
};

static void put(struct writer *writer, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value))
        writer->failed = true;
}

static void append(struct writer *writer, json_t *list, json_t *value)
{
    if (json_array_append_new(list, value))
        writer->failed = true;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* Negative means that there is none. */
static json_t *number_or_null(int number)
{
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *bdf_or_null(bool known, const struct bdf *bdf)
{
    return known ? json_string(BDF_TEXT(bdf)) : json_null();
}

static json_t *root_complex(const struct bdf *root)
{
    return json_sprintf("%04x:%02x", root->domain, root->bus);
}

static json_t *place_or_null(size_t place)
{
    return place == PLAN_NONE ? json_null() : json_integer((json_int_t)place);
}

static bool has_bdf(const struct bdf *bdf)
{
    return bdf->domain || bdf->bus || bdf->slot || bdf->function;
}

/* What a controller stands for on the host. */
static json_t *write_counterpart(struct writer *writer, const struct plan_controller *controller)
{
    json_t *object = json_object();

    put(writer, object, "root_complex",
        controller->has_root ? root_complex(&controller->root) : json_null());
    put(writer, object, "node",
        controller->model == CTRL_EXPANDER ? number_or_null(controller->node) : json_null());
    put(writer, object, "switch", bdf_or_null(controller->has_switch, &controller->switch_bdf));
    return object;
}

static json_t *write_bus_range(struct writer *writer, const struct plan_controller *expander)
{
    json_t *range = json_object();

    put(writer, range, "first", json_integer(expander->bus_nr));
    put(writer, range, "last", json_integer(expander->bus_nr + expander->buses - 1));
    return range;
}

static json_t *write_controller(struct writer *writer, const struct plan_controller *controller)
{
    bool expander = controller->model == CTRL_EXPANDER;
    bool port = controller->model == CTRL_ROOT_PORT || controller->model == CTRL_DOWNSTREAM;
    json_t *object = json_object();

    put(writer, object, "index", json_integer(controller->index));
    put(writer, object, "model", text_or_null(controller_model_name(controller->model)));
    put(writer, object, "alias", text_or_null(controller->alias));
    put(writer, object, "parent", json_integer(controller->parent_index));
    put(writer, object, "slot", json_integer(controller->slot));
    put(writer, object, "function", json_integer(controller->function));
    put(writer, object, "guest_bdf", bdf_or_null(has_bdf(&controller->guest), &controller->guest));
    put(writer, object, "bus_range", expander ? write_bus_range(writer, controller) : json_null());
    put(writer, object, "cell", expander ? number_or_null(controller->cell) : json_null());
    put(writer, object, "chassis", port ? json_integer(controller->chassis) : json_null());
    put(writer, object, "port", port ? json_integer(controller->port) : json_null());
    put(writer, object, "hotplug", port ? json_boolean(!controller->hotplug_off) : json_null());
    put(writer, object, "spare", json_boolean(controller->spare));
    put(writer, object, "filler", json_boolean(controller->filler));
    put(writer, object, "host", write_counterpart(writer, controller));
    return object;
}

static json_t *write_controllers(struct writer *writer)
{
    json_t *list = json_array();

    for (size_t i = 0; i < writer->plan->controllers.count; i++)
        append(writer, list, write_controller(writer, &writer->plan->controllers.items[i]));
    return list;
}

/* The upstream ports above a card on the host, the one next to the root port first. */
static json_t *write_switches(struct writer *writer, const struct plan_card *card)
{
    const struct plan_device *device = &writer->plan->devices.items[card->first_device];
    json_t *list = json_array();
    size_t at = device->function;

    while (at != HOST_NONE) {
        const struct host_function *function = &writer->host->functions.items[at];

        if (function->port == PORT_UPSTREAM &&
            json_array_insert_new(list, 0, json_string(BDF_TEXT(&function->bdf))))
            writer->failed = true;
        at = function->parent;
    }
    return list;
}

static json_t *write_card(struct writer *writer, const struct plan_card *card)
{
    const struct plan_controller *port = &writer->plan->controllers.items[card->port];
    json_t *object = json_object();

    put(writer, object, "host_bdf", json_string(BDF_TEXT(&card->host)));
    put(writer, object, "node", number_or_null(card->node));
    put(writer, object, "root_complex", root_complex(&card->root));
    put(writer, object, "switches", write_switches(writer, card));
    put(writer, object, "cell", number_or_null(card->cell));
    put(writer, object, "controller", json_integer(port->index));
    return object;
}

static json_t *write_cards(struct writer *writer)
{
    json_t *list = json_array();

    for (size_t i = 0; i < writer->plan->cards.count; i++)
        append(writer, list, write_card(writer, &writer->plan->cards.items[i]));
    return list;
}

/* The address as the XML gives it. */
static json_t *write_address(struct writer *writer, const struct address *address)
{
    json_t *object;

    if (address->kind != ADDRESS_PCI)
        return json_null();
    object = json_object();
    put(writer, object, "controller", json_integer(address->at.bus));
    put(writer, object, "slot", json_integer(address->at.slot));
    put(writer, object, "function", json_integer(address->at.function));
    return object;
}

static void write_function(struct writer *writer, json_t *object, size_t at)
{
    const struct host_function *function =
        at == HOST_NONE ? NULL : &writer->host->functions.items[at];

    put(writer, object, "vendor_device",
        function ? json_sprintf("%04x:%04x", function->vendor, function->device) : json_null());
    put(writer, object, "class",
        function ? json_sprintf("%06x", function->class_code & 0xffffffU) : json_null());
    put(writer, object, "class_name",
        function ? json_string(class_word(function->class_code)) : json_null());
}

static json_t *write_device(struct writer *writer, const struct plan_device *device)
{
    static const char *const kinds[] = {
        [DEVICE_OTHER] = "other",
        [DEVICE_HOSTDEV_PCI] = "hostdev",
        [DEVICE_HOSTDEV_MDEV] = "mdev",
        [DEVICE_INTERFACE_HOSTDEV] = "interface",
        [DEVICE_INTERFACE_VDPA] = "vdpa",
        [DEVICE_DISK_NVME] = "nvme",
        [DEVICE_INTERFACE_NETWORK] = "network",
    };
    static const char *const fates[] = {
        [FATE_MOVED] = "moved",
        [FATE_STAYS] = "stays",
        [FATE_UNASSIGNED] = "unassigned",
    };
    const struct domain_device *named = &writer->domain->devices.items[device->device];
    json_t *object = json_object();

    put(writer, object, "host_bdf", bdf_or_null(device->function != HOST_NONE, &device->host));
    put(writer, object, "kind", json_string(kinds[named->kind]));
    put(writer, object, "name", text_or_null(named->label));
    put(writer, object, "line", json_integer(named->line));
    put(writer, object, "alias", text_or_null(named->alias));
    write_function(writer, object, device->function);
    put(writer, object, "fate", json_string(fates[device->fate]));
    put(writer, object, "card", place_or_null(device->card));
    put(writer, object, "address_before", write_address(writer, &device->before));
    put(writer, object, "address_after", write_address(writer, &device->after));
    put(writer, object, "guest_bdf_before",
        bdf_or_null(device->before_known, &device->guest_before));
    put(writer, object, "guest_bdf_after", bdf_or_null(device->after_known, &device->guest_after));
    return object;
}

static json_t *write_devices(struct writer *writer)
{
    json_t *list = json_array();

    for (size_t i = 0; i < writer->plan->devices.count; i++)
        append(writer, list, write_device(writer, &writer->plan->devices.items[i]));
    return list;
}

static json_t *write_budgets(struct writer *writer)
{
    json_t *list = json_array();

    for (size_t i = 0; i < writer->plan->budgets.count; i++) {
        const struct plan_budget *budget = &writer->plan->budgets.items[i];
        json_t *object = json_object();

        put(writer, object, "name", json_string(budget->name));
        put(writer, object, "unit", json_string(budget->bytes ? "bytes" : "count"));
        put(writer, object, "used", json_integer((json_int_t)budget->used));
        put(writer, object, "available",
            budget->unknown ? json_null() : json_integer((json_int_t)budget->available));
        append(writer, list, object);
    }
    return list;
}

static json_t *write_findings(struct writer *writer)
{
    json_t *list = json_array();

    for (size_t i = 0; i < writer->plan->findings.count; i++) {
        const struct finding *finding = &writer->plan->findings.items[i];
        json_t *object = json_object();

        put(writer, object, "id", json_string(finding_code(finding->id)));
        put(writer, object, "severity", json_string(severity_name(finding->severity)));
        put(writer, object, "title", json_string(finding_title(finding->id)));
        put(writer, object, "subject", json_string(finding->subject));
        put(writer, object, "text", json_string(finding->text));
        append(writer, list, object);
    }
    return list;
}

static json_t *write_plan(struct writer *writer)
{
    static const char *const mirrors[] = {
        [MIRROR_NUMA] = "numa",
        [MIRROR_ROOT] = "root",
        [MIRROR_SWITCH] = "switch",
        [MIRROR_EXACT] = "exact",
    };
    const struct vtopo_plan *plan = writer->plan;
    json_t *object = json_object();

    put(writer, object, "format", json_string("vtopo-plan"));
    put(writer, object, "version", json_integer(PLAN_JSON_VERSION));
    put(writer, object, "domain", text_or_null(writer->domain->name));
    put(writer, object, "mirror", json_string(mirrors[plan->mirror]));
    put(writer, object, "outcome",
        json_string(plan->outcome == PLAN_UNCHANGED ? "unchanged" : "layout"));
    put(writer, object, "realised", json_boolean(plan->realised));
    put(writer, object, "controllers", write_controllers(writer));
    put(writer, object, "cards", write_cards(writer));
    put(writer, object, "devices", write_devices(writer));
    put(writer, object, "budgets", write_budgets(writer));
    put(writer, object, "findings", write_findings(writer));
    return object;
}

int plan_to_json(const struct vtopo_plan *plan, const struct vtopo_host *host,
                 const struct domain *domain, char **ret_text, struct vtopo_error **reterr)
{
    struct writer writer = {.plan = plan, .host = host, .domain = domain};
    json_t *json = write_plan(&writer);
    char *text = writer.failed ? NULL : json_dumps(json, JSON_INDENT(2));
    size_t length = text ? strlen(text) : 0;

    json_decref(json);
    *ret_text = text ? realloc(text, length + 2) : NULL;
    if (!*ret_text) {
        free(text);
        return error_nomem(reterr);
    }
    memcpy(*ret_text + length, "\n", 2);
    return 0;
}
