/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mediated.c - mdevs and vDPA devices, which are made on PCI functions
 *
 * Takes:  bus/mdev and bus/vdpa.
 * Gives:  host->mdevs and host->vdpas; the functions that they are on become wanted.
 * Rule:   the path of a device says which function it is on; one that is on none is software.
 */
#include "sysfs/mediated.h"

#include "base/error.h"

#include <ctype.h>
#include <string.h>

#define MDEV_DEVICES "bus/mdev/devices"
#define VDPA_DEVICES "bus/vdpa/devices"
#define UUID_LENGTH 36

/* A UUID as the kernel writes it: lower case. */
static bool parse_uuid(const char *text, char ret_uuid[UUID_LENGTH + 1])
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(text) != UUID_LENGTH)
        return false;
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
        ret_uuid[i] = (char)tolower((unsigned char)text[i]);
    }
    ret_uuid[UUID_LENGTH] = '\0';
    return true;
}

/* The name of an mdev's type is in the directory of its parent. */
static int read_mdev_type(struct functions *functions, const struct device_path *path,
                          struct host_mdev *mdev)
{
    const struct path_function *parent = device_path_parent(path);
    struct place place;
    autofree char *type_path =
        mem_printf("%.*s/mdev_supported_types/%s", (int)parent->end, path->path, mdev->type);
    int code = type_path ? place_open(functions->tree, type_path, strlen(type_path), &place)
                         : error_nomem(functions->tree->reterr);

    if (code)
        return code;
    if (place.fd >= 0)
        code = place_read(&place, "name", &mdev->type_name);
    if (!code && mdev->type_name && !is_printable_name(mdev->type_name))
        code = place_wrong(&place, "name", mdev->type_name, "not a name");
    place_close(&place);
    return code;
}

static int read_mdev_directory(struct functions *functions, const struct device_path *path,
                               struct host_mdev *mdev)
{
    struct place place;
    char text[PATH_MAX];
    const char *type = NULL;
    int code = place_open(functions->tree, path->path, strlen(path->path), &place);

    if (code || place.fd < 0)
        return code;
    code = place_read_iommu_group(&place, &mdev->iommu_group);
    if (!code)
        code = place_read_link_name(&place, "mdev_type", text, &type);
    if (!code && type && !is_plain_name(type))
        code = place_wrong(&place, "mdev_type", type, "not the name of a type");
    place_close(&place);
    if (code || !type)
        return code;
    mdev->type = strdup(type);
    return mdev->type ? read_mdev_type(functions, path, mdev)
                      : error_nomem(functions->tree->reterr);
}

/* Adds the mdev whose path is at work. */
static int add_mdev(struct functions *functions, const char *uuid)
{
    const struct path_function *parent = device_path_parent(&functions->path);
    struct host_mdev *mdev = vec_add(&functions->host->mdevs);
    int code;

    if (!mdev)
        return error_nomem(functions->tree->reterr);
    memcpy(mdev->uuid, uuid, UUID_LENGTH + 1);
    mdev->software = !parent;
    mdev->iommu_group = -1;
    if (!parent)
        return 0;
    mdev->parent = parent->bdf;
    code = read_mdev_directory(functions, &functions->path, mdev);
    return code ? code : functions_want(functions, &mdev->parent);
}

static int read_mdev(struct functions *functions, const struct place *mdevs, const char *uuid)
{
    int code = device_path_read(mdevs, uuid, &functions->path);

    return code || !functions->path.path ? code : add_mdev(functions, uuid);
}

/* Character devices are numbered by themselves: vdpa2 may have vhost-vdpa-1. */
static int find_character_device(const struct functions *functions, const char *path,
                                 char **ret_device)
{
    static const char prefix[] = "vhost-vdpa-";
    struct names names = {0};
    int code = tree_list(functions->tree, path, &names);

    *ret_device = NULL;
    for (size_t i = 0; i < names.count && !*ret_device; i++) {
        if (!strncmp(names.items[i], prefix, strlen(prefix)) && is_plain_name(names.items[i]))
            *ret_device = steal(names.items[i]);
    }
    names_clear(&names);
    return code;
}

static bool is_wanted_vdpa(const struct domain *domain, const char *device)
{
    if (!domain)
        return true;
    for (size_t i = 0; device && i < domain->devices.count; i++) {
        const struct domain_device *assigned = &domain->devices.items[i];

        if (assigned->kind == DEVICE_INTERFACE_VDPA && assigned->source_id &&
            !strncmp(assigned->source_id, "/dev/", 5) && !strcmp(assigned->source_id + 5, device))
            return true;
    }
    return false;
}

/* Adds the vDPA device whose path is at work; takes *device. */
static int add_vdpa(struct functions *functions, const char *name, char **device)
{
    const struct path_function *parent = device_path_parent(&functions->path);
    struct host_vdpa *vdpa = vec_add(&functions->host->vdpas);

    if (!vdpa)
        return error_nomem(functions->tree->reterr);
    vdpa->device = steal(*device);
    vdpa->name = strdup(name);
    vdpa->software = !parent;
    if (!vdpa->name)
        return error_nomem(functions->tree->reterr);
    if (!parent)
        return 0;
    vdpa->parent = parent->bdf;
    return functions_want(functions, &vdpa->parent);
}

static int read_vdpa(struct functions *functions, const struct place *vdpas, const char *name,
                     const struct domain *domain)
{
    autofree char *device = NULL;
    int code = device_path_read(vdpas, name, &functions->path);

    if (code || !functions->path.path)
        return code;
    code = find_character_device(functions, functions->path.path, &device);
    if (code || !is_wanted_vdpa(domain, device))
        return code;
    return add_vdpa(functions, name, &device);
}

/* The folder of a bus: its place to read links in, and the names of these. */
static int open_bus(const struct functions *functions, const char *path, struct place *ret_place,
                    struct names *ret_names)
{
    int code = tree_list(functions->tree, path, ret_names);

    ret_place->fd = -1;
    return code || !ret_names->count ? code
                                     : place_open(functions->tree, path, strlen(path), ret_place);
}

int vdpas_read(struct functions *functions, const struct domain *domain)
{
    struct place place;
    struct names names;
    int code = open_bus(functions, VDPA_DEVICES, &place, &names);

    for (size_t i = 0; !code && i < names.count; i++) {
        if (is_plain_name(names.items[i]))
            code = read_vdpa(functions, &place, names.items[i], domain);
    }
    names_clear(&names);
    place_close(&place);
    return code;
}

int mdev_read(struct functions *functions, const char *text)
{
    char uuid[UUID_LENGTH + 1];
    struct place place;
    int code;

    if (!parse_uuid(text, uuid) || host_find_mdev(functions->host, uuid))
        return 0;
    code = place_open(functions->tree, MDEV_DEVICES, strlen(MDEV_DEVICES), &place);
    if (!code && place.fd >= 0)
        code = read_mdev(functions, &place, uuid);
    place_close(&place);
    return code;
}

int mdevs_read(struct functions *functions)
{
    struct place place;
    struct names names;
    char uuid[UUID_LENGTH + 1];
    int code = open_bus(functions, MDEV_DEVICES, &place, &names);

    for (size_t i = 0; !code && i < names.count; i++) {
        const char *name = names.items[i];

        if (!parse_uuid(name, uuid) || strcmp(uuid, name))
            code = place_wrong(&place, name, name, "not a UUID");
        else
            code = read_mdev(functions, &place, uuid);
    }
    names_clear(&names);
    place_close(&place);
    return code;
}
