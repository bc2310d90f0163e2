/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_read.c - see plan_read.h
 *
 * Takes:  JSON (schemas/plan.schema.json).
 * Gives:  where each assigned device is to be, with its node, the ports above it and its link.
 * Rule:   keys that are not needed are not looked at, and new ones do no harm; what is needed must
 *         be right.
 * Not here: writing plans (json_plan.c).
 */
#include "json/plan_read.h"

#include "base/error.h"
#include "base/printable.h"
#include "model/link_text.h"
#include "json/load.h"

#include <stdio.h>
#include <string.h>

#define CONTROLLERS 256

/* A controller of the plan; those of others are not in it. */
struct port {
    bool known, expander;
    json_int_t parent;
    struct bdf guest;
    int cell;
};

struct reader {
    const char *name;
    struct vtopo_error **reterr;
    const json_t *cards;
    struct port ports[CONTROLLERS];
    struct expectation *list;
};

/* @where: "devices[3]"; NULL: the document. */
#define wrong(reader, where, key, why)                                                             \
    error_set((reader)->reterr, VTOPO_ERR_FILE, "%s: %s%s%s: %s", (reader)->name,                  \
              (where) ? (where) : "", (where) ? "." : "", key, why)

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* A whole number from @min to @max, or @absent for null. */
static int read_number(struct reader *r, const char *where, const json_t *object, const char *key,
                       json_int_t min, json_int_t max, json_int_t absent, json_int_t *ret_number)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);

    *ret_number = absent;
    if (json_is_null(value))
        return 0;
    if (!json_is_integer(value) || number < min || number > max)
        return wrong(r, where, key, "must be a number in range, or null");
    *ret_number = number;
    return 0;
}

/* An address, or null: then *ret_known is false. */
static int read_bdf(struct reader *r, const char *where, const json_t *object, const char *key,
                    struct bdf *ret_bdf, bool *ret_known)
{
    const json_t *value = json_object_get(object, key);

    *ret_known = false;
    if (json_is_null(value))
        return 0;
    if (!json_is_string(value) || !bdf_parse(json_string_value(value), ret_bdf))
        return wrong(r, where, key, "must be a PCI address, or null");
    *ret_known = true;
    return 0;
}

/* A link as the plan writes it; null, or no such key: not expected. */
static int read_link(struct reader *r, const char *where, const json_t *object,
                     struct host_link *ret_link)
{
    const json_t *value = json_object_get(object, "link");

    *ret_link = (struct host_link){0};
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value) || !link_parse(json_string_value(value), ret_link))
        return wrong(r, where, "link", "must be like \"16.0 GT/s x16\", or null");
    return 0;
}

/* A copy that is fit for a terminal. */
static struct expected *add(struct reader *r, const char *name)
{
    struct expected *item = vec_add(r->list);

    if (!item)
        return NULL;
    *item = (struct expected){.name = strdup(name ? name : "device"), .node = EXPECTED_ANY};
    if (!item->name)
        return NULL;
    printable(item->name, false);
    return item;
}

/* A port whose link is expected is compared, too. */
static int add_port(struct reader *r, const json_t *json, const struct port *port,
                    const struct host_link *link)
{
    struct expected *item;

    if (!link->speed || !port->known)
        return 0;
    item = add(r, string_of(json, "alias"));
    if (!item)
        return error_nomem(r->reterr);
    item->has_bdf = true;
    item->bdf = port->guest;
    item->link = *link;
    return 0;
}

static int read_controller(struct reader *r, const char *where, const json_t *json)
{
    json_int_t index = 0, parent = 0, cell = -1;
    struct host_link link;
    struct port *port;
    const char *model = string_of(json, "model");
    int code = read_number(r, where, json, "index", 1, CONTROLLERS - 1, 0, &index);

    if (!code && (!index || !model))
        code = wrong(r, where, index ? "model" : "index", "is missing");
    if (code)
        return code;
    port = &r->ports[index];
    code = read_number(r, where, json, "parent", 0, CONTROLLERS - 1, 0, &parent);
    if (!code)
        code = read_number(r, where, json, "cell", 0, IDSET_LIMIT, -1, &cell);
    if (!code)
        code = read_bdf(r, where, json, "guest_bdf", &port->guest, &port->known);
    if (!code)
        code = read_link(r, where, json, &link);
    port->expander = !strcmp(model, "pcie-expander-bus");
    port->parent = parent;
    port->cell = (int)cell;
    return code ? code : add_port(r, json, port, &link);
}

/* The ports above a card, and the node of the expander above these. */
static int find_ports(struct reader *r, const char *where, json_int_t index, struct expected *item)
{
    struct bdf ports[EXPECTED_PORTS];
    size_t count = 0;

    item->node = -1;
    for (; index; index = r->ports[index].parent) {
        const struct port *port = &r->ports[index];

        if (port->expander) {
            item->node = port->cell;
            break;
        }
        if (!port->known || count == EXPECTED_PORTS)
            return wrong(r, where, "card", "leads to controllers that the plan does not have");
        ports[count++] = port->guest;
    }
    item->has_ports = true;
    item->port_count = count;
    for (size_t i = 0; i < count; i++)
        item->ports[i] = ports[count - 1 - i];
    return 0;
}

static int read_place(struct reader *r, const char *where, const json_t *json,
                      struct expected *item)
{
    json_int_t card = -1, index = 0;
    const json_t *there;
    int code = read_number(r, where, json, "card", 0, INT32_MAX, -1, &card);

    if (code || card < 0)
        return code; /* it stays where others have put it */
    there = json_array_get(r->cards, (size_t)card);
    if (!there)
        return wrong(r, where, "card", "there is no such card");
    code = read_number(r, "its card", there, "controller", 1, CONTROLLERS - 1, 0, &index);
    return code ? code : find_ports(r, where, index, item);
}

/* Of what the guest sees itself: "10de:2330". */
static int read_ids(struct reader *r, const char *where, const json_t *json, struct expected *item)
{
    const char *kind = string_of(json, "kind"), *ids = string_of(json, "vendor_device");
    unsigned vendor, device;
    int end = 0;

    if (!kind)
        return wrong(r, where, "kind", "must be a string");
    if (!ids || (strcmp(kind, "hostdev") != 0 && strcmp(kind, "interface") != 0))
        return 0;
    if (sscanf(ids, "%4x:%4x%n", &vendor, &device, &end) != 2 || ids[end])
        return wrong(r, where, "vendor_device", "must be like \"10de:2330\", or null");
    item->has_ids = true;
    item->vendor = (uint16_t)vendor;
    item->device = (uint16_t)device;
    return 0;
}

static int read_device(struct reader *r, const char *where, const json_t *json)
{
    struct bdf host, guest = {0};
    struct expected *item;
    bool is_host = false, known = false;
    const char *fate = string_of(json, "fate");
    int code = read_bdf(r, where, json, "host_bdf", &host, &is_host);

    if (!code)
        code = read_bdf(r, where, json, "guest_bdf_after", &guest, &known);
    if (code || !is_host || (fate && !strcmp(fate, "unassigned")))
        return code; /* no host device for sure, or none of the guest's */
    item = add(r, string_of(json, "name"));
    if (!item)
        return error_nomem(r->reterr);
    item->has_bdf = known;
    if (!known)
        return 0;
    item->bdf = guest;
    code = read_ids(r, where, json, item);
    if (!code)
        code = read_place(r, where, json, item);
    return code ? code : read_link(r, where, json, &item->link);
}

static int read_list(struct reader *r, const json_t *json, const char *key,
                     int (*read)(struct reader *, const char *, const json_t *))
{
    const json_t *list = json_object_get(json, key), *value;
    char where[48];
    size_t i;
    int code = json_is_array(list) ? 0 : wrong(r, NULL, key, "must be a list");

    if (code)
        return code;
    json_array_foreach((json_t *)list, i, value)
    {
        snprintf(where, sizeof(where), "%s[%zu]", key, i);
        if (!json_is_object(value))
            code = wrong(r, NULL, where, "must be an object");
        else
            code = read(r, where, value);
        if (code)
            break;
    }
    return code;
}

static int read_plan(struct reader *r, const json_t *json)
{
    const char *format = string_of(json, "format");
    json_int_t version = 0;
    int code = 0;

    if (!format || strcmp(format, "vtopo-plan") != 0)
        return error_set(r->reterr, VTOPO_ERR_FILE, "%s: not a plan of vtopo-xml --explain=json",
                         r->name);
    code = read_number(r, NULL, json, "version", 1, 1, 0, &version);
    r->cards = json_object_get(json, "cards");
    if (!code && !json_is_array(r->cards))
        code = wrong(r, NULL, "cards", "must be a list");
    if (!code)
        code = read_list(r, json, "controllers", read_controller);
    return code ? code : read_list(r, json, "devices", read_device);
}

int plan_read(const char *text, size_t length, const char *name, struct expectation *ret_list,
              struct vtopo_error **reterr)
{
    autofree struct reader *r = calloc(1, sizeof(*r));
    json_error_t problem;
    bool no_memory;
    json_t *json;
    int code;

    if (!r)
        return error_nomem(reterr);
    *r = (struct reader){.name = name, .reterr = reterr, .list = ret_list};
    if (length > PLAN_READ_MAX)
        return error_set(reterr, VTOPO_ERR_FILE, "%s: larger than %u MiB", name,
                         PLAN_READ_MAX >> 20);
    json = load_json(text, length, &no_memory, &problem);
    if (no_memory)
        return error_nomem(reterr);
    if (!json)
        return error_set(reterr, VTOPO_ERR_FILE, "%s:%d: not JSON: %s", name, problem.line,
                         problem.text);
    code = read_plan(r, json);
    json_decref(json);
    if (code)
        expectation_clear(ret_list);
    return code;
}
