/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.c - look things up in a host, and bring into order what an adapter collected
 *
 * Takes:  functions, nodes, CPUs, mdevs and vDPA devices in any order, and who is above whom by
 *         address.
 * Gives:  the order and the parent indices that struct vtopo_host promises, or the first
 *         contradiction.
 * Rule:   what is checked here holds for every host, wherever it was read from.
 * Not here: where the facts come from (lib/sysfs, lib/json).
 */
#include "model/host.h"

#include "base/error.h"
#include "base/search.h"

#include <string.h>
#include <strings.h>

/* A path through bridges has at most one per bus number; a longer one is a loop. */
#define DEEPEST_PATH 256

static int compare_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_with_function(const void *key, const void *item)
{
    return bdf_compare(key, &((const struct host_function *)item)->bdf);
}

static int compare_with_node(const void *key, const void *item)
{
    return compare_numbers(*(const size_t *)key, ((const struct host_node *)item)->id);
}

static int compare_with_cpu(const void *key, const void *item)
{
    return compare_numbers(*(const size_t *)key, ((const struct host_cpu *)item)->id);
}

/* The item of a sorted vector that is equal to @key, or NULL. */
#define FIND(key, vec, compare)                                                                    \
    search_find((key), (vec)->items, (vec)->count, sizeof(*(vec)->items), (compare))

bool host_is_kernel_release(const char *text)
{
    size_t length = strlen(text);

    return length && length < KERNEL_RELEASE_SIZE &&
           length == strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.+~");
}

size_t host_find(const struct vtopo_host *host, const struct bdf *bdf)
{
    const struct host_function *found = FIND(bdf, &host->functions, compare_with_function);

    return found ? (size_t)(found - host->functions.items) : HOST_NONE;
}

size_t host_find_node(const struct vtopo_host *host, int id)
{
    const size_t key = (size_t)id;
    const struct host_node *found = id < 0 ? NULL : FIND(&key, &host->nodes, compare_with_node);

    return found ? (size_t)(found - host->nodes.items) : HOST_NONE;
}

bool host_node_is_bare(const struct host_node *node)
{
    return node->initiator && idset_empty(&node->cpus) && !node->memory_kib;
}

const struct host_cpu *host_find_cpu(const struct vtopo_host *host, size_t id)
{
    return FIND(&id, &host->cpus, compare_with_cpu);
}

const struct host_mdev *host_find_mdev(const struct vtopo_host *host, const char *uuid)
{
    for (size_t i = 0; i < host->mdevs.count; i++) {
        if (!strcasecmp(host->mdevs.items[i].uuid, uuid))
            return &host->mdevs.items[i];
    }
    return NULL;
}

const struct host_vdpa *host_find_vdpa(const struct vtopo_host *host, const char *path)
{
    static const char directory[] = "/dev/";

    if (strncmp(path, directory, strlen(directory)))
        return NULL;
    path += strlen(directory);
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];

        if (vdpa->device && !strcmp(vdpa->device, path))
            return vdpa;
    }
    return NULL;
}

/* The only one that is not bare; -1: there are several, or none. */
static int only_node(const struct vtopo_host *host)
{
    int only = -1;

    for (size_t i = 0; i < host->nodes.count; i++) {
        if (host_node_is_bare(&host->nodes.items[i]))
            continue;
        if (only >= 0)
            return -1;
        only = (int)host->nodes.items[i].id;
    }
    return only;
}

int host_node_of(const struct vtopo_host *host, const struct host_function *function)
{
    if (function->node >= 0)
        return function->node;
    if (host->nodes.count == 1)
        return (int)host->nodes.items[0].id;
    return host->nodes.count ? only_node(host) : 0;
}

static int compare_functions(const void *a, const void *b)
{
    const struct host_function *first = a, *second = b;

    return bdf_compare(&first->bdf, &second->bdf);
}

static int compare_nodes(const void *a, const void *b)
{
    const struct host_node *first = a, *second = b;

    return compare_numbers(first->id, second->id);
}

static int compare_cpus(const void *a, const void *b)
{
    const struct host_cpu *first = a, *second = b;

    return compare_numbers(first->id, second->id);
}

static int compare_mdevs(const void *a, const void *b)
{
    const struct host_mdev *first = a, *second = b;

    return strcmp(first->uuid, second->uuid);
}

static int compare_vdpas(const void *a, const void *b)
{
    const struct host_vdpa *first = a, *second = b;

    return strcmp(first->name, second->name);
}

/* A bare array may be NULL when it is empty, which qsort() must not be given. */
#define SORT(vec, compare)                                                                         \
    do {                                                                                           \
        if ((vec)->count)                                                                          \
            qsort((vec)->items, (vec)->count, sizeof(*(vec)->items), (compare));                   \
    } while (0)

struct link {
    struct bdf child;
    const struct bdf *parent;
};

static int compare_links(const void *a, const void *b)
{
    const struct link *first = a, *second = b;

    return bdf_compare(&first->child, &second->child);
}

static int sort_functions(struct vtopo_host *host, const struct bdf *const *parents,
                          struct link **ret_links, struct vtopo_error **reterr)
{
    size_t count = host->functions.count;
    struct link *links = calloc(count ? count : 1, sizeof(*links));

    if (!links)
        return error_nomem(reterr);
    for (size_t i = 0; i < count; i++)
        links[i] = (struct link){host->functions.items[i].bdf, parents[i]};
    qsort(links, count, sizeof(*links), compare_links);
    SORT(&host->functions, compare_functions);
    *ret_links = links;
    for (size_t i = 1; i < count; i++) {
        if (bdf_equal(&links[i - 1].child, &links[i].child))
            return error_set(reterr, VTOPO_ERR_HOST, "function %s is there twice",
                             BDF_TEXT(&links[i].child));
    }
    return 0;
}

static int set_parent(const struct vtopo_host *host, const struct bdf *parent,
                      struct host_function *function, struct vtopo_error **reterr)
{
    function->parent = HOST_NONE;
    if (!parent)
        return 0;
    function->parent = host_find(host, parent);
    if (function->parent == HOST_NONE)
        return error_set(reterr, VTOPO_ERR_HOST, "function %s is below %s, which is not there",
                         BDF_TEXT(&function->bdf), BDF_TEXT(parent));
    if (host->functions.items[function->parent].port == PORT_NONE)
        return error_set(reterr, VTOPO_ERR_HOST, "function %s is below %s, which is not a bridge",
                         BDF_TEXT(&function->bdf), BDF_TEXT(parent));
    return 0;
}

static int check_path(const struct vtopo_host *host, const struct host_function *function,
                      struct vtopo_error **reterr)
{
    const struct host_function *above = function;

    for (unsigned depth = 0; above->parent != HOST_NONE; depth++) {
        above = &host->functions.items[above->parent];
        if (depth >= DEEPEST_PATH)
            return error_set(reterr, VTOPO_ERR_HOST, "the bridges above function %s form a loop",
                             BDF_TEXT(&function->bdf));
        if (!bdf_equal(&above->root, &function->root))
            return error_set(
                reterr, VTOPO_ERR_HOST,
                "function %s and the bridge %s above it are in different root complexes",
                BDF_TEXT(&function->bdf), BDF_TEXT(&above->bdf));
    }
    return 0;
}

/* A kernel without NUMA support has no nodes and says -1, or 0. */
static int check_node(const struct vtopo_host *host, const struct host_function *function,
                      struct vtopo_error **reterr)
{
    if (function->node < 0 || host_find_node(host, function->node) != HOST_NONE ||
        (!host->nodes.count && !function->node))
        return 0;
    return error_set(reterr, VTOPO_ERR_HOST,
                     "function %s is on node %d, which the host does not have",
                     BDF_TEXT(&function->bdf), function->node);
}

static int check_physfn(const struct vtopo_host *host, const struct host_function *function,
                        struct vtopo_error **reterr)
{
    if (!function->is_vf || host_find(host, &function->physfn) != HOST_NONE)
        return 0;
    return error_set(reterr, VTOPO_ERR_HOST,
                     "virtual function %s belongs to %s, which is not there",
                     BDF_TEXT(&function->bdf), BDF_TEXT(&function->physfn));
}

static int finish_functions(struct vtopo_host *host, const struct bdf *const *parents,
                            struct vtopo_error **reterr)
{
    autofree struct link *links = NULL;
    int code = sort_functions(host, parents, &links, reterr);

    for (size_t i = 0; !code && i < host->functions.count; i++)
        code = set_parent(host, links[i].parent, &host->functions.items[i], reterr);
    for (size_t i = 0; !code && i < host->functions.count; i++) {
        const struct host_function *function = &host->functions.items[i];

        code = check_path(host, function, reterr);
        if (!code)
            code = check_node(host, function, reterr);
        if (!code)
            code = check_physfn(host, function, reterr);
    }
    return code;
}

/* Moves column k of every node's distances to places[k]. */
static void move_columns(struct vtopo_host *host, const size_t *places, unsigned *row)
{
    size_t count = host->nodes.count;

    for (size_t i = 0; i < count; i++) {
        unsigned *distances = host->nodes.items[i].distances;

        if (!distances)
            continue;
        memcpy(row, distances, count * sizeof(*row));
        for (size_t k = 0; k < count; k++)
            distances[places[k]] = row[k];
    }
}

/* Sorts the nodes, and the columns of their distances with them. */
static int finish_nodes(struct vtopo_host *host, struct vtopo_error **reterr)
{
    size_t count = host->nodes.count;
    autofree size_t *places = calloc(count ? count : 1, sizeof(*places));
    autofree unsigned *row = calloc(count ? count : 1, sizeof(*row));

    if (!places || !row)
        return error_nomem(reterr);
    for (size_t i = 0; i < count; i++)
        places[i] = host->nodes.items[i].id;
    SORT(&host->nodes, compare_nodes);
    for (size_t i = 1; i < count; i++) {
        if (host->nodes.items[i - 1].id == host->nodes.items[i].id)
            return error_set(reterr, VTOPO_ERR_HOST, "node %u is there twice",
                             host->nodes.items[i].id);
    }
    for (size_t i = 0; i < count; i++)
        places[i] = host_find_node(host, (int)places[i]);
    move_columns(host, places, row);
    return 0;
}

static int finish_cpus(struct vtopo_host *host, struct vtopo_error **reterr)
{
    SORT(&host->cpus, compare_cpus);
    for (size_t i = 1; i < host->cpus.count; i++) {
        if (host->cpus.items[i - 1].id == host->cpus.items[i].id)
            return error_set(reterr, VTOPO_ERR_HOST, "CPU %u is there twice",
                             host->cpus.items[i].id);
    }
    return 0;
}

static int finish_mediated(struct vtopo_host *host, struct vtopo_error **reterr)
{
    SORT(&host->mdevs, compare_mdevs);
    SORT(&host->vdpas, compare_vdpas);
    for (size_t i = 0; i < host->mdevs.count; i++) {
        const struct host_mdev *mdev = &host->mdevs.items[i];

        if (i && !strcmp(mdev[-1].uuid, mdev->uuid))
            return error_set(reterr, VTOPO_ERR_HOST, "mdev %s is there twice", mdev->uuid);
        if (!mdev->software && host_find(host, &mdev->parent) == HOST_NONE)
            return error_set(reterr, VTOPO_ERR_HOST,
                             "mdev %s is on function %s, which is not there", mdev->uuid,
                             BDF_TEXT(&mdev->parent));
    }
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];

        if (i && !strcmp(vdpa[-1].name, vdpa->name))
            return error_set(reterr, VTOPO_ERR_HOST, "vDPA device %s is there twice", vdpa->name);
        if (!vdpa->software && host_find(host, &vdpa->parent) == HOST_NONE)
            return error_set(reterr, VTOPO_ERR_HOST,
                             "vDPA device %s is on function %s, which is not there", vdpa->name,
                             BDF_TEXT(&vdpa->parent));
    }
    return 0;
}

int host_finish(struct vtopo_host *host, const struct bdf *const *parents,
                struct vtopo_error **reterr)
{
    int code = finish_nodes(host, reterr);

    if (!code)
        code = finish_cpus(host, reterr);
    if (!code)
        code = finish_functions(host, parents, reterr);
    if (!code)
        code = finish_mediated(host, reterr);
    if (!code)
        code = emulators_finish(&host->emulators, reterr);
    if (!code)
        code = firmwares_finish(&host->firmwares, reterr);
    if (!code)
        code = host_vms_finish(&host->vms, reterr);
    return code;
}

static void clear_function(struct host_function *function)
{
    free(function->driver);
    free(function->smmu);
    free(function->netdev);
    free(function->vgpu_type);
    free(function->config);
}

static void clear_node(struct host_node *node)
{
    idset_free(&node->cpus);
    free(node->pages.items);
    free(node->distances);
}

static void clear_mdev(struct host_mdev *mdev)
{
    free(mdev->type);
    free(mdev->type_name);
}

static void clear_vdpa(struct host_vdpa *vdpa)
{
    free(vdpa->device);
    free(vdpa->name);
}

void host_clear(struct vtopo_host *host)
{
    for (size_t i = 0; i < host->functions.count; i++)
        clear_function(&host->functions.items[i]);
    for (size_t i = 0; i < host->nodes.count; i++)
        clear_node(&host->nodes.items[i]);
    for (size_t i = 0; i < host->cpus.count; i++)
        idset_free(&host->cpus.items[i].siblings);
    for (size_t i = 0; i < host->mdevs.count; i++)
        clear_mdev(&host->mdevs.items[i]);
    for (size_t i = 0; i < host->vdpas.count; i++)
        clear_vdpa(&host->vdpas.items[i]);
    emulators_clear(&host->emulators);
    firmwares_clear(&host->firmwares);
    host_vms_clear(&host->vms);
    free(host->functions.items);
    free(host->nodes.items);
    free(host->cpus.items);
    free(host->mdevs.items);
    free(host->vdpas.items);
    idset_free(&host->isolated);
    *host = (struct vtopo_host){0};
}
