/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs.c - read a host from a sysfs tree
 *
 * Takes:  the root of a tree, and perhaps the domain that needs it.
 * Gives:  struct vtopo_host, in order.
 * Rule:   the path of a function, which is the text of its link in bus/pci/devices, says what is
 *         above it. For a domain the work grows with its assigned devices, not with the host.
 * Not here: attributes of a function (function.c, port.c), nodes and CPUs (nodes.c).
 */
#include "sysfs/sysfs.h"

#include "base/error.h"
#include "sysfs/function.h"
#include "sysfs/nodes.h"
#include "sysfs/tree.h"

#include <ctype.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCI_DEVICES "bus/pci/devices"
#define MDEV_DEVICES "bus/mdev/devices"
#define VDPA_DEVICES "bus/vdpa/devices"
#define UUID_LENGTH 36
/* As many functions as a PCI domain can have. */
#define GROUP_MAX 65536

/* A function that is to be read, or was. */
struct wanted {
    struct bdf bdf;
    struct bdf parent; /* if depth is above 0 */
    size_t depth;      /* bridges above it */
    size_t function;   /* its place in host->functions; HOST_NONE: not there */
    char *path;        /* of its directory */
};

struct reader {
    struct tree tree;
    struct vtopo_host *host;
    struct place devices; /* bus/pci/devices */
    VEC(struct wanted) entries;
    void *wanted;     /* tsearch() tree of struct bdf: those of entries; none for everything */
    bool everything;  /* no domain */
    unsigned details; /* enum host_details */
};

static int compare_wanted(const void *a, const void *b)
{
    return bdf_compare(a, b);
}

/* A domain can name thousands of functions, and a function several times.  *ret_known: it is wanted
 * already. */
static int note_wanted(struct reader *reader, const struct bdf *bdf, bool *ret_known)
{
    struct bdf *key = malloc(sizeof(*key)), *const * found;

    if (!key)
        return error_nomem(reader->tree.reterr);
    *key = *bdf;
    found = tsearch(key, &reader->wanted, compare_wanted);
    *ret_known = found && *found != key;
    if (*ret_known || !found)
        free(key);
    return found ? 0 : error_nomem(reader->tree.reterr);
}

/* For everything each function comes once. */
static int want(struct reader *reader, const struct bdf *bdf)
{
    struct wanted *entry;
    bool known = false;
    int code = reader->everything ? 0 : note_wanted(reader, bdf, &known);

    if (code || known)
        return code;
    entry = vec_add(&reader->entries);
    if (!entry)
        return error_nomem(reader->tree.reterr);
    entry->bdf = *bdf;
    entry->function = HOST_NONE;
    return 0;
}

static int check_function_path(const struct reader *reader, const struct wanted *entry,
                               const struct device_path *path)
{
    size_t count = path->chain.count;

    if (path->has_root && count && bdf_equal(&path->chain.items[count - 1], &entry->bdf) &&
        !path->path[path->chain_end])
        return 0;
    return place_wrong(&reader->devices, BDF_TEXT(&entry->bdf), path->path,
                       "not the path of this function below a root complex");
}

static int read_directory(struct reader *reader, const struct wanted *entry,
                          struct host_function *function)
{
    struct place place;
    int code = place_open(&reader->tree, entry->path, &place);

    if (code)
        return code;
    if (place.fd >= 0)
        code = function_read(&place, reader->everything, reader->details, function);
    else
        code =
            place_wrong(&reader->devices, BDF_TEXT(&entry->bdf), entry->path, "no such directory");
    place_close(&place);
    return code;
}

/* Reads entry number @at; if the host lacks it, it stays as it is. */
static int read_entry(struct reader *reader, size_t at)
{
    struct wanted *entry = &reader->entries.items[at];
    struct device_path path;
    struct host_function *function;
    int code = device_path_read(&reader->devices, BDF_TEXT(&entry->bdf), &path);

    if (code || !path.path)
        return code;
    code = check_function_path(reader, entry, &path);
    if (!code) {
        entry->depth = path.chain.count - 1;
        if (entry->depth)
            entry->parent = path.chain.items[entry->depth - 1];
        entry->path = steal(path.path);
        function = vec_add(&reader->host->functions);
        if (function) {
            entry->function = reader->host->functions.count - 1;
            function->bdf = entry->bdf;
            function->root = path.root;
        }
        code =
            function ? read_directory(reader, entry, function) : error_nomem(reader->tree.reterr);
    }
    device_path_clear(&path);
    return code;
}

/* The functions that one which is there cannot do without. */
static int want_related(struct reader *reader, size_t at)
{
    const struct wanted entry = reader->entries.items[at];
    const struct host_function *function;
    int code = 0;

    if (entry.function == HOST_NONE || reader->everything)
        return 0;
    function = &reader->host->functions.items[entry.function];
    if (entry.depth)
        code = want(reader, &entry.parent);
    if (!code && function->is_vf)
        code = want(reader, &function->physfn);
    return code;
}

/* Reads entries from number *@at on until there are no more, those that reading adds included. */
static int read_entries(struct reader *reader, size_t *at)
{
    int code = 0;

    for (; !code && *at < reader->entries.count; ++*at) {
        code = read_entry(reader, *at);
        if (!code)
            code = want_related(reader, *at);
    }
    return code;
}

/* Members of a group that are no PCI functions (mdevs, platform devices) are passed over. */
static int want_group(struct reader *reader, int group)
{
    struct place place;
    struct names names = {0};
    struct bdf bdf;
    autofree char *path = mem_printf("kernel/iommu_groups/%d/devices", group);
    int code = path ? place_open(&reader->tree, path, &place) : error_nomem(reader->tree.reterr);

    if (code)
        return code;
    if (place.fd >= 0)
        code = place_list(&place, &names);
    if (!code && names.count > GROUP_MAX)
        code = error_set(reader->tree.reterr, VTOPO_ERR_HOST, "'%s/%s' has too many entries",
                         reader->tree.name, path);
    for (size_t i = 0; !code && i < names.count; i++) {
        if (is_bdf_name(names.items[i], &bdf))
            code = want(reader, &bdf);
    }
    names_clear(&names);
    place_close(&place);
    return code;
}

/* The last function in the path of an mdev or vDPA device; false: it belongs to no PCI function. */
static bool parent_of(const struct device_path *path, struct bdf *ret_parent)
{
    if (!path->has_root || !path->chain.count || !path->path[path->chain_end])
        return false;
    *ret_parent = path->chain.items[path->chain.count - 1];
    return true;
}

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
static int read_mdev_type(struct reader *reader, const struct device_path *path,
                          struct host_mdev *mdev)
{
    struct place place;
    autofree char *type_path =
        mem_printf("%.*s/mdev_supported_types/%s", (int)path->chain_end, path->path, mdev->type);
    int code =
        type_path ? place_open(&reader->tree, type_path, &place) : error_nomem(reader->tree.reterr);

    if (code)
        return code;
    if (place.fd >= 0)
        code = place_read(&place, "name", &mdev->type_name);
    if (!code && mdev->type_name && !is_printable_name(mdev->type_name))
        code = place_wrong(&place, "name", mdev->type_name, "not a name");
    place_close(&place);
    return code;
}

static int read_iommu_group_of(const struct place *place, int *ret_group)
{
    autofree char *name = NULL;
    char *end;
    int code = place_read_link_name(place, "iommu_group", &name);

    *ret_group = -1;
    if (code || !name)
        return code;
    if (*name < '0' || *name > '9' || strlen(name) > 9)
        return place_wrong(place, "iommu_group", name, "not the number of a group");
    *ret_group = (int)strtoul(name, &end, 10);
    return *end ? place_wrong(place, "iommu_group", name, "not the number of a group") : 0;
}

static int read_mdev_directory(struct reader *reader, const struct device_path *path,
                               struct host_mdev *mdev)
{
    struct place place;
    int code = place_open(&reader->tree, path->path, &place);

    if (code || place.fd < 0) {
        if (!code)
            place_close(&place);
        return code;
    }
    code = read_iommu_group_of(&place, &mdev->iommu_group);
    if (!code)
        code = place_read_link_name(&place, "mdev_type", &mdev->type);
    if (!code && mdev->type && !is_plain_name(mdev->type))
        code = place_wrong(&place, "mdev_type", mdev->type, "not the name of a type");
    if (!code && mdev->type)
        code = read_mdev_type(reader, path, mdev);
    place_close(&place);
    return code;
}

static int read_mdev(struct reader *reader, const struct place *mdevs, const char *uuid)
{
    struct device_path path;
    struct host_mdev *mdev;
    struct bdf parent = {0};
    int code = device_path_read(mdevs, uuid, &path);

    if (code || !path.path)
        return code;
    mdev = vec_add(&reader->host->mdevs);
    if (mdev) {
        memcpy(mdev->uuid, uuid, UUID_LENGTH + 1);
        mdev->software = !parent_of(&path, &parent);
        mdev->parent = parent;
        mdev->iommu_group = -1;
    }
    code = mdev ? 0 : error_nomem(reader->tree.reterr);
    if (!code && !mdev->software) {
        code = read_mdev_directory(reader, &path, mdev);
        if (!code)
            code = want(reader, &parent);
    }
    device_path_clear(&path);
    return code;
}

/* Character devices are numbered by themselves: vdpa2 may have vhost-vdpa-1. */
static int find_character_device(struct reader *reader, const struct device_path *path,
                                 char **ret_device)
{
    struct place place;
    struct names names = {0};
    int code = place_open(&reader->tree, path->path, &place);

    *ret_device = NULL;
    if (code)
        return code;
    if (place.fd >= 0)
        code = place_list(&place, &names);
    for (size_t i = 0; i < names.count && !*ret_device; i++) {
        if (!strncmp(names.items[i], "vhost-vdpa-", strlen("vhost-vdpa-")) &&
            is_plain_name(names.items[i]))
            *ret_device = steal(names.items[i]);
    }
    names_clear(&names);
    place_close(&place);
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

static int read_vdpa(struct reader *reader, const struct place *vdpas, const char *name,
                     const struct domain *domain)
{
    struct device_path path;
    autofree char *device = NULL;
    struct host_vdpa *vdpa;
    struct bdf parent = {0};
    int code = device_path_read(vdpas, name, &path);

    if (code || !path.path)
        return code;
    code = find_character_device(reader, &path, &device);
    if (!code && is_wanted_vdpa(domain, device)) {
        vdpa = vec_add(&reader->host->vdpas);
        if (vdpa) {
            *vdpa = (struct host_vdpa){.device = steal(device), .name = strdup(name)};
            vdpa->software = !parent_of(&path, &parent);
            vdpa->parent = parent;
        }
        code = vdpa && vdpa->name ? 0 : error_nomem(reader->tree.reterr);
        if (!code && !vdpa->software)
            code = want(reader, &parent);
    }
    device_path_clear(&path);
    return code;
}

/*
 * The bus has no index of its character devices, so each vDPA device is looked at: one directory
 * each.
 */
static int read_vdpas(struct reader *reader, const struct domain *domain)
{
    struct place place;
    struct names names = {0};
    int code = place_open(&reader->tree, VDPA_DEVICES, &place);

    if (code)
        return code;
    if (place.fd >= 0)
        code = place_list(&place, &names);
    for (size_t i = 0; !code && i < names.count; i++) {
        if (is_plain_name(names.items[i]))
            code = read_vdpa(reader, &place, names.items[i], domain);
    }
    names_clear(&names);
    place_close(&place);
    return code;
}

static int want_mdev(struct reader *reader, const char *text)
{
    char uuid[UUID_LENGTH + 1];
    struct place place;
    int code;

    if (!text || !parse_uuid(text, uuid))
        return 0;
    code = place_open(&reader->tree, MDEV_DEVICES, &place);
    if (code)
        return code;
    if (place.fd >= 0 && !host_find_mdev(reader->host, uuid))
        code = read_mdev(reader, &place, uuid);
    place_close(&place);
    return code;
}

/* What each kind of assigned device is named by. */
static int want_device(struct reader *reader, const struct domain_device *device, bool *has_vdpa)
{
    switch (device->kind) {
    case DEVICE_HOSTDEV_PCI:
    case DEVICE_INTERFACE_HOSTDEV:
    case DEVICE_DISK_NVME:
        return want(reader, &device->source);
    case DEVICE_HOSTDEV_MDEV:
        return want_mdev(reader, device->source_id);
    case DEVICE_INTERFACE_VDPA:
        *has_vdpa = true;
        return 0;
    default:
        return 0;
    }
}

static int read_for_domain(struct reader *reader, const struct domain *domain)
{
    size_t at = 0, assigned;
    bool has_vdpa = false;
    int code = 0;

    for (size_t i = 0; !code && i < domain->devices.count; i++)
        code = want_device(reader, &domain->devices.items[i], &has_vdpa);
    if (!code && has_vdpa)
        code = read_vdpas(reader, domain);
    assigned = reader->entries.count;
    if (!code)
        code = read_entries(reader, &at);
    for (size_t i = 0; !code && i < assigned; i++) {
        size_t function = reader->entries.items[i].function;

        if (function != HOST_NONE && reader->host->functions.items[function].iommu_group >= 0)
            code = want_group(reader, reader->host->functions.items[function].iommu_group);
    }
    return code ? code : read_entries(reader, &at);
}

static int read_all_mdevs(struct reader *reader)
{
    struct place place;
    struct names names = {0};
    char uuid[UUID_LENGTH + 1];
    int code = place_open(&reader->tree, MDEV_DEVICES, &place);

    if (code)
        return code;
    if (place.fd >= 0)
        code = place_list(&place, &names);
    for (size_t i = 0; !code && i < names.count; i++) {
        if (!parse_uuid(names.items[i], uuid) || strcmp(uuid, names.items[i]))
            code = place_wrong(&place, names.items[i], names.items[i], "not a UUID");
        else
            code = read_mdev(reader, &place, uuid);
    }
    names_clear(&names);
    place_close(&place);
    return code;
}

static int read_everything(struct reader *reader)
{
    struct names names = {0};
    struct bdf bdf;
    size_t at = 0;
    int code = place_list(&reader->devices, &names);

    for (size_t i = 0; !code && i < names.count; i++) {
        if (is_bdf_name(names.items[i], &bdf))
            code = want(reader, &bdf);
        else
            code =
                place_wrong(&reader->devices, names.items[i], names.items[i], "not a PCI address");
    }
    names_clear(&names);
    if (!code)
        code = read_entries(reader, &at);
    /* From here on "want" would only add what is there already: host_finish() finds what is not. */
    if (!code)
        code = read_all_mdevs(reader);
    if (!code)
        code = read_vdpas(reader, NULL);
    reader->entries.count = at;
    return code;
}

static int compare_entries(const void *a, const void *b)
{
    const struct wanted *first = a, *second = b;

    return bdf_compare(&first->bdf, &second->bdf);
}

static int compare_depths(const void *a, const void *b)
{
    const struct wanted *first = *(struct wanted *const *)a, *second = *(struct wanted *const *)b;

    return (first->depth > second->depth) - (first->depth < second->depth);
}

/*
 * The entry of the bridge above, NULL and an error if its path is not the front part of this one's.
 */
static const struct wanted *find_parent(const struct reader *reader, const struct wanted *entry)
{
    const struct wanted key = {.bdf = entry->parent};
    const struct wanted *parent =
        bsearch(&key, reader->entries.items, reader->entries.count, sizeof(key), compare_entries);
    size_t length = (size_t)(strrchr(entry->path, '/') - entry->path);

    if (parent && parent->path && strlen(parent->path) == length &&
        !memcmp(parent->path, entry->path, length))
        return parent;
    place_wrong(&reader->devices, BDF_TEXT(&entry->bdf), entry->path,
                parent && parent->path ? "the bridge above it is in another place"
                                       : "the bridge above it is not there");
    return NULL;
}

/* Bridges before what is below them, because the place of a port may depend on the one above. */
static int read_ports(struct reader *reader, struct wanted **by_depth, size_t count)
{
    struct host_function *functions = reader->host->functions.items;
    int code = 0;

    for (size_t i = 0; !code && i < count; i++) {
        const struct wanted *entry = by_depth[i], *parent = NULL;
        struct host_function *function = &functions[entry->function];
        enum port_kind above = PORT_NONE;

        if (entry->depth) {
            parent = find_parent(reader, entry);
            if (!parent)
                return VTOPO_ERR_HOST;
            above = functions[parent->function].port;
        }
        code = function_read_port(&reader->tree, entry->path, function, above, &function->port);
    }
    return code;
}

static int finish(struct reader *reader)
{
    size_t count = 0, functions = reader->host->functions.count;
    autofree struct wanted **by_depth = calloc(functions + 1, sizeof(*by_depth));
    autofree const struct bdf **parents = calloc(functions + 1, sizeof(*parents));
    struct vtopo_error *error = NULL;
    int code;

    if (!by_depth || !parents)
        return error_nomem(reader->tree.reterr);
    if (reader->entries.count)
        qsort(reader->entries.items, reader->entries.count, sizeof(struct wanted), compare_entries);
    for (size_t i = 0; i < reader->entries.count; i++) {
        struct wanted *entry = &reader->entries.items[i];

        if (entry->function == HOST_NONE)
            continue;
        by_depth[count++] = entry;
        parents[entry->function] = entry->depth ? &entry->parent : NULL;
    }
    qsort(by_depth, count, sizeof(*by_depth), compare_depths);
    code = read_ports(reader, by_depth, count);
    if (!code)
        code = host_finish(reader->host, parents, &error);
    if (error && code != VTOPO_ERR_NOMEM)
        code = error_set(reader->tree.reterr, code, "'%s': %s", reader->tree.name,
                         vtopo_error_message(error));
    else if (error)
        code = error_nomem(reader->tree.reterr);
    vtopo_error_free(error);
    return code;
}

static int open_tree(struct reader *reader, const char *path, struct vtopo_error **reterr)
{
    int code = tree_open(path, &reader->tree, reterr);

    if (!code)
        code = place_open(&reader->tree, PCI_DEVICES, &reader->devices);
    if (!code && reader->devices.fd < 0)
        code = error_set(reterr, VTOPO_ERR_HOST, "'%s' is not a sysfs tree (no bus/pci)", path);
    return code;
}

static void close_reader(struct reader *reader)
{
    for (size_t i = 0; i < reader->entries.count; i++)
        free(reader->entries.items[i].path);
    free(reader->entries.items);
    tdestroy(reader->wanted, free);
    place_close(&reader->devices);
    tree_close(&reader->tree);
}

int sysfs_read(const char *path, const struct domain *domain, unsigned details,
               struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct reader reader = {
        .tree.fd = -1,
        .host = host,
        .devices.fd = -1,
        .everything = !domain,
        .details = details,
    };
    int code = open_tree(&reader, path, reterr);

    if (!code)
        code = nodes_read(&reader.tree, host);
    if (!code && (!domain || !domain->cells.count))
        code = cpus_read(&reader.tree, host);
    if (!code && (!domain || details & HOST_LINKS))
        code = processor_read(&reader.tree, &host->processor);
    if (!code)
        code = domain ? read_for_domain(&reader, domain) : read_everything(&reader);
    if (!code)
        code = finish(&reader);
    close_reader(&reader);
    return code;
}
