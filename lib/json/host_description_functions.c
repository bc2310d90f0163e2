/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_functions.c - the functions of a host description
 *
 * Takes:  {"bdf": "0000:41:00.0", "parent": "0000:40:01.0", ...}.
 * Gives:  host->functions, and of each the bridge above it by its address.
 */
#include "json/host_reader.h"

#include "model/link_text.h"

#include <stdio.h>
#include <string.h>

static int read_port(const struct object *object, enum port_kind *ret_port)
{
    const char *text;
    int code = object_get_string(object, "port", &text);

    *ret_port = PORT_NONE;
    if (!code && text && !port_kind_parse(text, ret_port))
        code = object_wrong(object, "port", "'%.40s' is not root, upstream, downstream or bridge",
                            text);
    return code;
}

static int read_bars(const struct object *object, struct host_function *function)
{
    const json_t *list = json_object_get(object->json, "bars"), *value;
    size_t i;

    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > HOST_BARS)
        return object_wrong(object, "bars", "must be an array of at most %d", HOST_BARS);
    json_array_foreach(list, i, value)
    {
        const char *text = json_string_value(value);

        if (!json_is_null(value) && (!text || !bar_parse(text, &function->bars[i])))
            return object_wrong(object, "bars",
                                "'%.40s' is not like \"mem64 prefetch 64G\" or null",
                                text ? text : "");
    }
    return 0;
}

static int get_link(const struct object *object, const char *key, struct host_link *ret_link)
{
    const char *text;
    int code = object_get_string(object, key, &text);

    if (!code && text && !link_parse(text, ret_link))
        code = object_wrong(object, key, "'%.40s' is not like \"16.0 GT/s x16\"", text);
    return code;
}

/* "0000:3a" */
static int read_root(const struct object *object, struct bdf *ret_root, bool *ret_found)
{
    const char *text;
    char address[32];
    int code = object_get_string(object, "root", &text);

    *ret_found = text;
    if (code || !text)
        return code;
    snprintf(address, sizeof(address), "%.20s:00.0", text);
    if (strlen(text) < strlen("0000:00") || !bdf_parse(address, ret_root))
        return object_wrong(object, "root", "'%.40s' is not the domain and bus of a root complex",
                            text);
    return 0;
}

static int read_use(const struct object *object, enum host_use *ret_use)
{
    const char *text;
    int code = object_get_string(object, "use", &text);

    if (!code && text && !host_use_parse(text, ret_use))
        code = object_wrong(object, "use",
                            "'%.40s' is not none, up, member, route, console or disk", text);
    return code;
}

static int read_above(struct host_reader *reader, const struct object *object,
                      struct host_function *function)
{
    bool has_root, has_parent;
    struct bdf *parent = vec_add(&reader->parents);
    bool *above = vec_add(&reader->has_parent);
    int code = parent && above ? read_root(object, &function->root, &has_root)
                               : error_nomem(reader->source.reterr);

    if (!code)
        code = object_get_bdf(object, "parent", parent, &has_parent);
    if (code)
        return code;
    *above = has_parent;
    if (has_root == has_parent)
        return object_wrong(object, "root", "%s", "either this or 'parent' must be there");
    return 0;
}

static int read_ids(const struct object *object, struct host_function *function)
{
    uint32_t number;
    int code = object_need_hex(object, "class", 6, &function->class_code);

    if (!code)
        code = object_need_hex(object, "vendor", 4, &number);
    if (!code)
        function->vendor = (uint16_t)number;
    if (!code)
        code = object_need_hex(object, "device", 4, &number);
    if (!code)
        function->device = (uint16_t)number;
    if (!code)
        code = object_get_hex16(object, "subsystem_vendor", &function->subsystem_vendor);
    if (!code)
        code = object_get_hex16(object, "subsystem_device", &function->subsystem_device);
    if (!code)
        code = object_get_hex(object, "revision", 2, &number);
    if (!code)
        function->revision = (uint8_t)number;
    return code;
}

static int read_numbers(const struct object *object, struct host_function *function)
{
    json_int_t node = -1, group = -1;
    int code = object_get_int(object, "node", 0, IDSET_LIMIT - 1, &node);

    if (!code)
        code = object_get_int(object, "iommu_group", 0, INT32_MAX, &group);
    if (!code)
        code = object_get_unsigned(object, "vfs", 65535, &function->vfs);
    if (!code)
        code = object_get_unsigned(object, "vfs_total", 65535, &function->vfs_total);
    if (!code)
        code = object_get_bdf(object, "physfn", &function->physfn, &function->is_vf);
    function->node = (int)node;
    function->iommu_group = (int)group;
    return code;
}

int host_read_function(struct host_reader *reader, const json_t *json, const char *where,
                       size_t count)
{
    static const char *const keys[] = {
        "bdf",
        "root",
        "parent",
        "port",
        "class",
        "vendor",
        "device",
        "subsystem_vendor",
        "revision",
        "node",
        "subsystem_device",
        "iommu_group",
        "physfn",
        "vfs",
        "vfs_total",
        "smmu",
        "driver",
        "netdev",
        "bars",
        "link_max",
        "link_now",
        "vgpu_type",
        "use",
        NULL,
    };
    struct object object;
    struct host_function *function;
    int code = object_open(&reader->source, json, where, keys, &object);

    (void)count;
    if (code)
        return code;
    function = vec_add(&reader->host->functions);
    if (!function)
        return error_nomem(reader->source.reterr);
    code = object_need_bdf(&object, "bdf", &function->bdf);
    if (!code)
        code = read_above(reader, &object, function);
    if (!code)
        code = read_port(&object, &function->port);
    if (!code)
        code = read_ids(&object, function);
    if (!code)
        code = read_numbers(&object, function);
    if (!code)
        code = object_get_name(&object, "smmu", false, &function->smmu);
    if (!code)
        code = object_get_name(&object, "driver", false, &function->driver);
    if (!code)
        code = object_get_name(&object, "netdev", false, &function->netdev);
    if (!code)
        code = read_use(&object, &function->use);
    if (!code)
        code = object_get_name(&object, "vgpu_type", true, &function->vgpu_type);
    if (!code)
        code = read_bars(&object, function);
    if (!code)
        code = get_link(&object, "link_max", &function->link_max);
    if (!code)
        code = get_link(&object, "link_now", &function->link_now);
    return code;
}
