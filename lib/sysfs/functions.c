/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * functions.c - which functions of a tree are read, and in which order
 *
 * Takes:  addresses.
 * Gives:  host->functions with their parents.
 * Rule:   the path of a function, which is the text of its link in bus/pci/devices, says what is
 *         above it. Bridges are read from the top down, because what kind of port one is may depend
 *         on the one above it; each from the directory of the one before, so that no path is walked
 *         from the root twice.
 * Not here: what a directory says (function.c).
 */
#include "sysfs/functions.h"

#include "base/error.h"
#include "model/atomics.h"

#include <stdio.h>
#include <string.h>

#define PCI_DEVICES "bus/pci/devices"
/* As many functions as a PCI domain can have. */
#define GROUP_MAX 65536

int functions_open(const struct tree *tree, struct vtopo_host *host,
                   const struct function_wish *wish, struct functions *ret)
{
    *ret = (struct functions){.tree = tree, .host = host, .wish = *wish, .devices.fd = -1};
    int code = place_open(tree, PCI_DEVICES, strlen(PCI_DEVICES), &ret->devices);

    if (!code && ret->devices.fd < 0)
        code = error_set(tree->reterr, VTOPO_ERR_HOST, "'%s' is not a sysfs tree (no bus/pci)",
                         tree->name);
    return code;
}

void functions_close(struct functions *functions)
{
    for (size_t i = 0; i < functions->entries.count; i++)
        free(functions->entries.items[i].owned_path);
    free(functions->entries.items);
    bdf_map_clear(&functions->map);
    device_path_clear(&functions->path);
    place_close(&functions->devices);
}

/* --- what is wanted --- */

/* Adds an entry that is not there yet. */
static int add_entry(struct functions *functions, const struct bdf *bdf, bool wanted)
{
    struct function_entry *entry = vec_add(&functions->entries);

    if (!entry || !bdf_map_add(&functions->map, bdf, functions->entries.count - 1))
        return error_nomem(functions->tree->reterr);
    entry->bdf = *bdf;
    entry->wanted = wanted;
    entry->function = HOST_NONE;
    return 0;
}

int functions_want(struct functions *functions, const struct bdf *bdf)
{
    if (bdf_map_get(&functions->map, bdf) != BDF_MAP_NONE)
        return 0;
    return add_entry(functions, bdf, true);
}

int functions_want_all(struct functions *functions)
{
    const struct place *devices = &functions->devices;
    struct names names = {0};
    struct bdf bdf;
    int code = tree_list(functions->tree, PCI_DEVICES, &names);

    for (size_t i = 0; !code && i < names.count; i++) {
        const char *name = names.items[i];

        if (bdf_parse_name(name, strlen(name), &bdf))
            code = add_entry(functions, &bdf, true);
        else
            code = place_wrong(devices, name, name, "not a PCI address");
    }
    names_clear(&names);
    return code;
}

/* Members of a group that are no PCI functions (mdevs, platform devices) are passed over. */
static int want_group(struct functions *functions, int group)
{
    struct names names = {0};
    struct bdf bdf;
    char path[sizeof("kernel/iommu_groups//devices") + 16];
    int code;

    snprintf(path, sizeof(path), "kernel/iommu_groups/%d/devices", group);
    code = tree_list(functions->tree, path, &names);
    if (!code && names.count > GROUP_MAX)
        code = error_set(functions->tree->reterr, VTOPO_ERR_HOST, "'%s/%s' has too many entries",
                         functions->tree->name, path);
    for (size_t i = 0; !code && i < names.count; i++) {
        if (bdf_parse_name(names.items[i], strlen(names.items[i]), &bdf))
            code = functions_want(functions, &bdf);
    }
    names_clear(&names);
    return code;
}

static int compare_groups(const void *a, const void *b)
{
    int first = *(const int *)a, second = *(const int *)b;

    return (first > second) - (first < second);
}

int functions_want_groups(struct functions *functions, size_t count)
{
    autofree int *groups = calloc(count + 1, sizeof(*groups));
    size_t used = 0;
    int code = groups ? 0 : error_nomem(functions->tree->reterr);

    for (size_t i = 0; !code && i < count; i++) {
        size_t function = functions->entries.items[i].function;

        if (function != HOST_NONE && functions->host->functions.items[function].iommu_group >= 0)
            groups[used++] = functions->host->functions.items[function].iommu_group;
    }
    if (used)
        qsort(groups, used, sizeof(*groups), compare_groups);
    for (size_t i = 0; !code && i < used; i++) {
        if (!i || groups[i] != groups[i - 1])
            code = want_group(functions, groups[i]);
    }
    return code;
}

/* --- reading --- */

/* "not the path of ...": what is wrong with the path of an entry. */
static int wrong_path(const struct functions *functions, const struct function_entry *entry,
                      const char *why)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%.*s", (int)entry->length, entry->path);
    return place_wrong(&functions->devices, BDF_TEXT(&entry->bdf), path, why);
}

static bool is_path_of(const struct function_entry *entry, const char *path, size_t length)
{
    return entry->length == length && !memcmp(entry->path, path, length);
}

/* Number of the entry of a bridge in the path of entry number @child; it is made where the bridge
 * was not known. */
static int find_bridge(struct functions *functions, const struct bdf *bdf, size_t child,
                       size_t *ret_entry)
{
    *ret_entry = bdf_map_get(&functions->map, bdf);
    if (*ret_entry != BDF_MAP_NONE)
        return 0;
    if (functions->wish.everything)
        return wrong_path(functions, &functions->entries.items[child],
                          "the bridge above it is not there");
    *ret_entry = functions->entries.count;
    return add_entry(functions, bdf, false);
}

/*
 * The first step of the path at work that was not read yet; *ret_above: what kind of port the one
 * above it is.
 */
static int find_first_unread(struct functions *functions, size_t child, size_t *ret_step,
                             enum port_kind *ret_above)
{
    const struct device_path *path = &functions->path;

    *ret_above = PORT_NONE;
    for (size_t step = path->chain.count - 1; step > 0; step--) {
        const struct path_function *bridge = &path->chain.items[step - 1];
        size_t at = bdf_map_get(&functions->map, &bridge->bdf);
        const struct function_entry *entry;

        if (at == BDF_MAP_NONE || functions->entries.items[at].function == HOST_NONE)
            continue;
        entry = &functions->entries.items[at];
        if (!is_path_of(entry, functions->entries.items[child].path, bridge->end))
            return wrong_path(functions, &functions->entries.items[child],
                              "the bridge above it is in another place");
        *ret_above = functions->host->functions.items[entry->function].port;
        *ret_step = step;
        return 0;
    }
    *ret_step = 0;
    return 0;
}

/* Reads step number @step of the path at work, whose entry is number @at, in the open @place. */
static int read_step(struct functions *functions, size_t at, size_t step, size_t child,
                     const struct place *place, enum port_kind *above)
{
    const struct path_function *chain = functions->path.chain.items;
    struct function_entry *entry = &functions->entries.items[at];
    struct host_function *function;
    int code;

    entry->child = child;
    entry->path = place->path;
    entry->length = place->length;
    entry->depth = step;
    if (step)
        entry->parent = chain[step - 1].bdf;
    if (place->fd < 0)
        return wrong_path(functions, entry, "no such directory");
    function = vec_add(&functions->host->functions);
    if (!function)
        return error_nomem(functions->tree->reterr);
    entry->function = functions->host->functions.count - 1;
    function->bdf = entry->bdf;
    function->root = functions->path.root;
    code = function_read(place, &functions->wish, entry->wanted, *above, function);
    *above = function->port;
    return code;
}

/* Opens the directory of the next step: @place becomes it. */
static int open_step(const struct functions *functions, const char *path, size_t length,
                     struct place *place)
{
    struct place next;
    int code = place->fd < 0 ? place_open(functions->tree, path, length, &next)
                             : place_open_below(place, path, length, &next);

    place_close(place);
    *place = next;
    return code;
}

/* Reads the function of entry number @at, whose path is at work, and the bridges above it that were
 * not read yet. */
static int read_chain(struct functions *functions, size_t at)
{
    const char *path = functions->entries.items[at].path;
    struct place place = {.fd = -1};
    enum port_kind above;
    size_t step, entry;
    int code = find_first_unread(functions, at, &step, &above);

    for (; !code && step < functions->path.chain.count; step++) {
        const struct path_function *function = &functions->path.chain.items[step];

        code = find_bridge(functions, &function->bdf, at, &entry);
        if (!code)
            code = open_step(functions, path, function->end, &place);
        if (!code)
            code = read_step(functions, entry, step, at, &place, &above);
    }
    place_close(&place);
    return code;
}

/* The path at work is the entry's own. */
static int check_path(const struct functions *functions, const struct function_entry *entry)
{
    const struct device_path *path = &functions->path;
    size_t count = path->chain.count;

    if (count && bdf_equal(&path->chain.items[count - 1].bdf, &entry->bdf) &&
        !path->path[path->chain.items[count - 1].end])
        return 0;
    return place_wrong(&functions->devices, BDF_TEXT(&entry->bdf), path->path,
                       "not the path of this function below a root complex");
}

/* Reads entry number @at; if the host lacks it, it stays as it is. */
static int read_entry(struct functions *functions, size_t at)
{
    struct device_path *path = &functions->path;
    struct function_entry *entry = &functions->entries.items[at];
    int code = device_path_read(&functions->devices, BDF_TEXT(&entry->bdf), path);

    if (code || !path->path)
        return code;
    code = check_path(functions, entry);
    if (code)
        return code;
    if (entry->function != HOST_NONE) { /* it is a bridge above another one */
        if (is_path_of(entry, path->path, strlen(path->path)))
            return 0;
        return wrong_path(functions, &functions->entries.items[entry->child],
                          "the bridge above it is in another place");
    }
    entry->length = strlen(path->path);
    entry->path = entry->owned_path = steal(path->path);
    return read_chain(functions, at);
}

/*
 * Of the bridges above a function that wants atomics, what each does with them, unless all of
 * config space was read.  The path at work is the function's.
 */
static int read_atomics(struct functions *functions, size_t at)
{
    const struct device_path *path = &functions->path;
    struct vtopo_host *host = functions->host;
    size_t function = functions->entries.items[at].function;
    int code = 0;

    if (functions->wish.everything || functions->wish.details & HOST_CHECKS ||
        function == HOST_NONE || !host_function_wants_atomics(&host->functions.items[function]))
        return 0;
    for (size_t step = 0; !code && step + 1 < path->chain.count; step++) {
        size_t bridge = bdf_map_get(&functions->map, &path->chain.items[step].bdf);
        struct function_entry *entry = &functions->entries.items[bridge];
        struct place place = {.fd = -1};

        if (entry->atomics || entry->function == HOST_NONE)
            continue;
        entry->atomics = true;
        code = place_open(functions->tree, functions->entries.items[at].path,
                          path->chain.items[step].end, &place);
        if (!code && place.fd >= 0)
            code = bridge_config_read(&place, true, &host->functions.items[entry->function]);
        place_close(&place);
    }
    return code;
}

/* The physical function of a virtual one. */
static int want_physfn(struct functions *functions, size_t at)
{
    size_t function = functions->entries.items[at].function;
    struct bdf physfn;

    if (function == HOST_NONE || !functions->host->functions.items[function].is_vf)
        return 0;
    physfn = functions->host->functions.items[function].physfn;
    return functions_want(functions, &physfn);
}

int functions_read(struct functions *functions)
{
    int code = 0;

    for (; !code && functions->done < functions->entries.count; functions->done++) {
        if (!functions->entries.items[functions->done].wanted)
            continue;
        code = read_entry(functions, functions->done);
        if (!code)
            code = read_atomics(functions, functions->done);
        if (!code && !functions->wish.everything)
            code = want_physfn(functions, functions->done);
    }
    return code;
}

int functions_finish(const struct functions *functions)
{
    const struct tree *tree = functions->tree;
    autofree const struct bdf **parents =
        calloc(functions->host->functions.count + 1, sizeof(*parents));
    struct vtopo_error *error = NULL;
    int code;

    if (!parents)
        return error_nomem(tree->reterr);
    for (size_t i = 0; i < functions->entries.count; i++) {
        const struct function_entry *entry = &functions->entries.items[i];

        if (entry->function != HOST_NONE && entry->depth)
            parents[entry->function] = &entry->parent;
    }
    code = host_finish(functions->host, parents, &error);
    if (error && code != VTOPO_ERR_NOMEM)
        code = error_set(tree->reterr, code, "'%s': %s", tree->name, vtopo_error_message(error));
    else if (error)
        code = error_nomem(tree->reterr);
    vtopo_error_free(error);
    return code;
}
