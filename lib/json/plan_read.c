/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_read.c - see plan_read.h
 *
 * Takes:  JSON (schemas/plan.schema.json, or schemas/guest-plan.schema.json).
 * Gives:  where each assigned device is to be, with its node, the ports above it and its link.
 * Rule:   keys that are not needed are not looked at, and new ones do no harm; what is needed must
 *         be right.
 * Not here: writing plans (json_plan.c), what those of the guest say (guest_plan_read.c), single
 *         values (plan_source.c).
 */
#include "json/plan_read.h"

#include "base/error.h"
#include "json/load.h"
#include "json/plan_source.h"

#include <string.h>

#define CONTROLLERS 256

/* A controller of the plan; those of others are not in it. */
struct port {
    bool known, expander, conventional; /* conventional: an expander that has a bridge in it */
    json_int_t parent;
    struct bdf guest, bridge;
    int cell;
};

struct reader {
    struct plan_source source;
    const json_t *cards;
    struct port ports[CONTROLLERS];
};

/* A port whose link is expected is compared, too. */
static int add_port(struct reader *r, const json_t *json, const struct port *port,
                    const struct host_link *link)
{
    struct expected *item;

    if (!link->speed || !port->known)
        return 0;
    item = plan_add(&r->source, plan_string(json, "alias"));
    if (!item)
        return error_nomem(r->source.reterr);
    item->has_bdf = true;
    item->bdf = port->guest;
    item->link = *link;
    return 0;
}

/* The bridge that QEMU puts into a conventional expander is the first on its root bus. */
static int read_bridge(struct plan_source *source, const char *where, const json_t *json,
                       struct port *port)
{
    json_int_t first = 0;
    int code = plan_read_number(source, where, json_object_get(json, "bus_range"), "first", 1, 255,
                                0, &first);

    if (!code && !first)
        return plan_wrong(source, where, "bus_range", "is missing");
    port->bridge = (struct bdf){0, (uint8_t)first, 0, 0};
    return code;
}

static int read_controller(struct plan_source *source, const char *where, const json_t *json)
{
    struct reader *r = (struct reader *)source; /* its first member */
    json_int_t index = 0, parent = 0, cell = -1;
    struct host_link link;
    struct port *port;
    const char *model = plan_string(json, "model");
    int code = plan_read_number(&r->source, where, json, "index", 1, CONTROLLERS - 1, 0, &index);

    if (!code && (!index || !model))
        code = plan_wrong(&r->source, where, index ? "model" : "index", "is missing");
    if (code)
        return code;
    port = &r->ports[index];
    code = plan_read_number(&r->source, where, json, "parent", 0, CONTROLLERS - 1, 0, &parent);
    if (!code)
        code = plan_read_number(&r->source, where, json, "cell", 0, IDSET_LIMIT, -1, &cell);
    if (!code)
        code = plan_read_bdf(&r->source, where, json, "guest_bdf", &port->guest, &port->known);
    if (!code)
        code = plan_read_link(&r->source, where, json, &link);
    port->conventional = !strcmp(model, "pci-expander-bus");
    port->expander = port->conventional || !strcmp(model, "pcie-expander-bus");
    if (!code && port->conventional)
        code = read_bridge(&r->source, where, json, port);
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

        if (port->expander)
            item->node = port->cell;
        if (port->expander && !port->conventional)
            break;
        if ((!port->conventional && !port->known) || count == EXPECTED_PORTS)
            return plan_wrong(&r->source, where, "card",
                              "leads to controllers that the plan does not have");
        ports[count++] = port->conventional ? port->bridge : port->guest;
        if (port->expander)
            break;
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
    int code = plan_read_number(&r->source, where, json, "card", 0, INT32_MAX, -1, &card);

    if (code || card < 0)
        return code; /* it stays where others have put it */
    there = json_array_get(r->cards, (size_t)card);
    if (!there)
        return plan_wrong(&r->source, where, "card", "there is no such card");
    code = plan_read_number(&r->source, "its card", there, "controller", 1, CONTROLLERS - 1, 0,
                            &index);
    return code ? code : find_ports(r, where, index, item);
}

/* Of what the guest sees itself. */
static int read_ids(struct reader *r, const char *where, const json_t *json, struct expected *item)
{
    const char *kind = plan_string(json, "kind");

    if (!kind)
        return plan_wrong(&r->source, where, "kind", "must be a string");
    if (strcmp(kind, "hostdev") != 0 && strcmp(kind, "interface") != 0)
        return 0;
    return plan_read_ids(&r->source, where, json, item);
}

static int read_device(struct plan_source *source, const char *where, const json_t *json)
{
    struct reader *r = (struct reader *)source; /* its first member */
    struct bdf host, guest = {0};
    struct expected *item;
    bool is_host = false, known = false;
    const char *fate = plan_string(json, "fate");
    int code = plan_read_bdf(&r->source, where, json, "host_bdf", &host, &is_host);

    if (!code)
        code = plan_read_bdf(&r->source, where, json, "guest_bdf_after", &guest, &known);
    if (code || !is_host || (fate && !strcmp(fate, "unassigned")))
        return code; /* no host device for sure, or none of the guest's */
    item = plan_add(&r->source, plan_string(json, "name"));
    if (!item)
        return error_nomem(r->source.reterr);
    item->has_bdf = known;
    if (!known)
        return 0;
    item->bdf = guest;
    code = read_ids(r, where, json, item);
    if (!code)
        code = read_place(r, where, json, item);
    return code ? code : plan_read_link(&r->source, where, json, &item->link);
}

static int read_plan(struct plan_source *source, const json_t *json)
{
    autofree struct reader *r = calloc(1, sizeof(*r));
    json_int_t version = 0;
    int code;

    if (!r)
        return error_nomem(source->reterr);
    r->source = *source;
    r->cards = json_object_get(json, "cards");
    code = plan_read_number(source, NULL, json, "version", 1, 1, 0, &version);
    if (!code && !json_is_array(r->cards))
        code = plan_wrong(source, NULL, "cards", "must be a list");
    if (!code)
        code = plan_read_list(&r->source, json, "controllers", read_controller);
    return code ? code : plan_read_list(&r->source, json, "devices", read_device);
}

static int read_format(struct plan_source *source, const json_t *json)
{
    const char *format = plan_string(json, "format");

    if (format && !strcmp(format, "vtopo-plan"))
        return read_plan(source, json);
    if (format && !strcmp(format, "vtopo-guest-plan"))
        return guest_plan_read(source, json);
    return error_set(source->reterr, VTOPO_ERR_FILE, "%s: not a plan of vtopo-xml --explain=json",
                     source->name);
}

int plan_read(const char *text, size_t length, const char *name, struct expectation *ret_list,
              struct vtopo_error **reterr)
{
    struct plan_source source = {.name = name, .reterr = reterr, .list = ret_list};
    json_error_t problem;
    bool no_memory;
    json_t *json;
    int code;

    if (length > PLAN_READ_MAX)
        return error_set(reterr, VTOPO_ERR_FILE, "%s: larger than %u MiB", name,
                         PLAN_READ_MAX >> 20);
    json = load_json(text, length, &no_memory, &problem);
    if (no_memory)
        return error_nomem(reterr);
    if (!json)
        return error_set(reterr, VTOPO_ERR_FILE, "%s:%d: not JSON: %s", name, problem.line,
                         problem.text);
    code = read_format(&source, json);
    json_decref(json);
    if (code)
        expectation_clear(ret_list);
    return code;
}
