/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan_source.c - see plan_source.h */
#include "json/plan_source.h"

#include "base/printable.h"
#include "model/link_text.h"

#include <stdio.h>
#include <string.h>

const char *plan_string(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

int plan_read_number(struct plan_source *source, const char *where, const json_t *object,
                     const char *key, json_int_t min, json_int_t max, json_int_t absent,
                     json_int_t *ret_number)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);

    *ret_number = absent;
    if (json_is_null(value))
        return 0;
    if (!json_is_integer(value) || number < min || number > max)
        return plan_wrong(source, where, key, "must be a number in range, or null");
    *ret_number = number;
    return 0;
}

int plan_read_bdf(struct plan_source *source, const char *where, const json_t *object,
                  const char *key, struct bdf *ret_bdf, bool *ret_known)
{
    const json_t *value = json_object_get(object, key);

    *ret_known = false;
    if (json_is_null(value))
        return 0;
    if (!json_is_string(value) || !bdf_parse(json_string_value(value), ret_bdf))
        return plan_wrong(source, where, key, "must be a PCI address, or null");
    *ret_known = true;
    return 0;
}

int plan_read_link(struct plan_source *source, const char *where, const json_t *object,
                   struct host_link *ret_link)
{
    const json_t *value = json_object_get(object, "link");

    *ret_link = (struct host_link){0};
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value) || !link_parse(json_string_value(value), ret_link))
        return plan_wrong(source, where, "link", "must be like \"16.0 GT/s x16\", or null");
    return 0;
}

struct expected *plan_add(struct plan_source *source, const char *name)
{
    struct expected *item = vec_add(source->list);

    if (!item)
        return NULL;
    *item = (struct expected){.name = strdup(name ? name : "device"), .node = EXPECTED_ANY};
    if (!item->name)
        return NULL;
    printable(item->name, false);
    return item;
}

int plan_read_ids(struct plan_source *source, const char *where, const json_t *object,
                  struct expected *item)
{
    const char *ids = plan_string(object, "vendor_device");
    unsigned vendor, device;
    int end = 0;

    if (!ids)
        return 0;
    if (sscanf(ids, "%4x:%4x%n", &vendor, &device, &end) != 2 || ids[end])
        return plan_wrong(source, where, "vendor_device", "must be like \"10de:2330\", or null");
    item->has_ids = true;
    item->vendor = (uint16_t)vendor;
    item->device = (uint16_t)device;
    return 0;
}

int plan_read_list(struct plan_source *source, const json_t *json, const char *key,
                   plan_entry_reader *read)
{
    const json_t *list = json_object_get(json, key), *value;
    char where[48];
    size_t i;
    int code = json_is_array(list) ? 0 : plan_wrong(source, NULL, key, "must be a list");

    if (code)
        return code;
    json_array_foreach((json_t *)list, i, value)
    {
        snprintf(where, sizeof(where), "%s[%zu]", key, i);
        if (!json_is_object(value))
            code = plan_wrong(source, NULL, where, "must be an object");
        else
            code = read(source, where, value);
        if (code)
            break;
    }
    return code;
}
