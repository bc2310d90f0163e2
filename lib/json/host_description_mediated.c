/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_mediated.c - mdevs and vDPA devices of a host description
 *
 * Takes:  {"uuid": "...", "parent": "0000:41:00.0", ...}; {"name": "vdpa0", ...}.
 * Gives:  host->mdevs and host->vdpas.
 */
#include "json/host_reader.h"

#include <string.h>

static bool is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i = 0;

    while (form[i] && text[i] &&
           (form[i] == '-' ? text[i] == '-' : strchr("0123456789abcdef", text[i]) != NULL))
        i++;
    return !form[i] && !text[i];
}

int host_read_mdev(struct host_reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"uuid", "parent", "type", "type_name", "iommu_group", NULL};
    struct object object;
    struct host_mdev *mdev;
    const char *uuid;
    bool has_parent = true;
    json_int_t group = -1;
    int code = object_open(&reader->source, json, where, keys, &object);

    (void)count;
    if (code)
        return code;
    mdev = vec_add(&reader->host->mdevs);
    if (!mdev)
        return error_nomem(reader->source.reterr);
    code = object_need_string(&object, "uuid", &uuid);
    if (!code && !is_uuid(uuid))
        code = object_wrong(&object, "uuid", "'%.40s' is not a UUID in lower case", uuid);
    if (!code)
        memcpy(mdev->uuid, uuid, sizeof(mdev->uuid));
    if (!code)
        code = object_get_bdf(&object, "parent", &mdev->parent, &has_parent);
    mdev->software = !has_parent;
    if (!code)
        code = object_get_name(&object, "type", false, &mdev->type);
    if (!code)
        code = object_get_name(&object, "type_name", true, &mdev->type_name);
    if (!code)
        code = object_get_int(&object, "iommu_group", 0, INT32_MAX, &group);
    mdev->iommu_group = (int)group;
    return code;
}

int host_read_vdpa(struct host_reader *reader, const json_t *json, const char *where, size_t count)
{
    static const char *const keys[] = {"name", "parent", "device", NULL};
    struct object object;
    struct host_vdpa *vdpa;
    bool has_parent = true;
    int code = object_open(&reader->source, json, where, keys, &object);

    (void)count;
    if (code)
        return code;
    vdpa = vec_add(&reader->host->vdpas);
    if (!vdpa)
        return error_nomem(reader->source.reterr);
    code = object_get_name(&object, "name", false, &vdpa->name);
    if (!code && !vdpa->name)
        code = object_wrong(&object, "name", "%s", "is missing");
    if (!code)
        code = object_get_bdf(&object, "parent", &vdpa->parent, &has_parent);
    vdpa->software = !has_parent;
    if (!code)
        code = object_get_name(&object, "device", false, &vdpa->device);
    return code;
}
