/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_plan_read.c - read the plan that a guest finds in fw_cfg
 *
 * Takes:  JSON (schemas/guest-plan.schema.json).
 * Gives:  where each device is to be, with its node, the ports above it and its link; ports with a
 *         link.
 * Rule:   keys that are not needed are not looked at, and new ones do no harm; what is needed must
 *         be right.
 * Not here: writing it (plan/guest_plan.c).
 */
#include "json/plan_source.h"

#include <stdio.h>

/* There is no name but the ids. */
static int add_item(struct plan_source *source, const char *where, const json_t *json,
                    const char *name, struct expected **ret_item)
{
    struct expected *item = plan_add(source, name);
    int code;

    if (!item)
        return error_nomem(source->reterr);
    *ret_item = item;
    code = plan_read_bdf(source, where, json, "bdf", &item->bdf, &item->has_bdf);
    if (!code && !item->has_bdf)
        code = plan_wrong(source, where, "bdf", "must be a PCI address");
    return code ? code : plan_read_link(source, where, json, &item->link);
}

static int read_ports(struct plan_source *source, const char *where, const json_t *json,
                      struct expected *item)
{
    const json_t *list = json_object_get(json, "ports"), *value;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) > EXPECTED_PORTS)
        return plan_wrong(source, where, "ports", "must be a list of PCI addresses");
    json_array_foreach((json_t *)list, i, value)
    {
        if (!json_is_string(value) || !bdf_parse(json_string_value(value), &item->ports[i]))
            return plan_wrong(source, where, "ports", "must be a list of PCI addresses");
    }
    item->port_count = json_array_size(list);
    item->has_ports = true;
    return 0;
}

static int read_device(struct plan_source *source, const char *where, const json_t *json)
{
    struct expected *item = NULL;
    json_int_t cell = -1;
    int code = add_item(source, where, json, plan_string(json, "vendor_device"), &item);

    if (!code)
        code = plan_read_ids(source, where, json, item);
    if (!code)
        code = plan_read_number(source, where, json, "cell", 0, IDSET_LIMIT, -1, &cell);
    if (code)
        return code;
    item->node = (int)cell;
    return read_ports(source, where, json, item);
}

static int read_port(struct plan_source *source, const char *where, const json_t *json)
{
    struct expected *item;

    return add_item(source, where, json, "port", &item);
}

int guest_plan_read(struct plan_source *source, const json_t *json)
{
    json_int_t version = 0;
    int code = plan_read_number(source, NULL, json, "version", 1, 1, 0, &version);

    if (!code)
        code = plan_read_list(source, json, "ports", read_port);
    return code ? code : plan_read_list(source, json, "devices", read_device);
}
