/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nodes.c - NUMA nodes and CPUs from devices/system
 *
 * Takes:  devices/system/node (drivers/base/node.c of Linux) and devices/system/cpu.
 * Gives:  host->nodes with CPUs, memory, huge pages, distances, and whether a device is their
 *         initiator; host->cpus with package, core and siblings; isolated CPUs; the kind of
 *         processor.
 * Rule:   a node is a directory nodeN; the columns of "distance" are the nodes in ascending order.
 */
#include "sysfs/nodes.h"

#include "base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NODES "devices/system/node"
#define CPUS "devices/system/cpu"

static int read_idset(const struct place *place, const char *name, struct idset *ret_set)
{
    autofree char *text = NULL;
    int code = place_read(place, name, &text);

    if (code || !text)
        return code;
    switch (idset_parse(text, ret_set)) {
    case IDSET_OK:
        return 0;
    case IDSET_NOMEM:
        return error_nomem(place->tree->reterr);
    default:
        return place_wrong(place, name, text, "not a list of numbers");
    }
}

/* "Node 0 MemTotal:       131841124 kB" is a line of it; a line that is not there leaves 0. */
static int read_amount(const struct place *place, const char *text, const char *key,
                       uint64_t *ret_kib)
{
    const char *number = strstr(text, key);
    char *end;

    if (!number)
        return 0;
    number += strlen(key);
    number += strspn(number, " \t");
    errno = 0;
    *ret_kib = strtoull(number, &end, 10);
    if (*number < '0' || *number > '9' || errno || *ret_kib > INT64_MAX ||
        strncmp(end, " kB", strlen(" kB")))
        return place_wrong(place, "meminfo", number, "not an amount of memory");
    return 0;
}

static int read_memory(const struct place *place, struct host_node *node)
{
    autofree char *text = NULL;
    int code = place_read(place, "meminfo", &text);

    if (code || !text)
        return code;
    if (!strstr(text, "MemTotal:"))
        return place_wrong(place, "meminfo", text, "no MemTotal in it");
    code = read_amount(place, text, "MemTotal:", &node->memory_kib);
    return code ? code : read_amount(place, text, "MemFree:", &node->memory_free_kib);
}

static int read_count(const struct place *place, const char *name, uint64_t *ret_count)
{
    int count = 0, code = place_read_int(place, name, 0, INT_MAX, &count);

    *ret_count = (uint64_t)count;
    return code;
}

static int compare_pages(const void *left, const void *right)
{
    const struct host_pages *a = left, *b = right;

    return (a->size_kib > b->size_kib) - (a->size_kib < b->size_kib);
}

/* "hugepages-2048kB"; other names are nothing. */
static bool parse_pages_name(const char *name, uint64_t *ret_size_kib)
{
    static const char prefix[] = "hugepages-";
    char *end;

    if (strncmp(name, prefix, strlen(prefix)) != 0 || name[strlen(prefix)] < '0' ||
        name[strlen(prefix)] > '9' || strlen(name) > 32)
        return false;
    *ret_size_kib = strtoull(name + strlen(prefix), &end, 10);
    return !strcmp(end, "kB") && *ret_size_kib;
}

static int read_pages_of_size(const struct tree *tree, const char *folder, const char *name,
                              struct host_pages *pages)
{
    char path[sizeof(NODES) + 96];
    int length = snprintf(path, sizeof(path), "%s/%.40s", folder, name);
    struct place place;
    int code = place_open(tree, path, (size_t)length, &place);

    if (code)
        return code;
    if (place.fd >= 0)
        code = read_count(&place, "nr_hugepages", &pages->total);
    if (!code && place.fd >= 0)
        code = read_count(&place, "free_hugepages", &pages->free);
    place_close(&place);
    return code;
}

static int read_pages_of_node(const struct tree *tree, struct host_node *node)
{
    struct names names = {0};
    char folder[sizeof(NODES) + 32];
    int code;

    snprintf(folder, sizeof(folder), NODES "/node%u/hugepages", node->id);
    code = tree_list(tree, folder, &names);
    for (size_t i = 0; !code && i < names.count; i++) {
        uint64_t size_kib;
        struct host_pages *pages;

        if (!parse_pages_name(names.items[i], &size_kib))
            continue;
        pages = vec_add(&node->pages);
        if (!pages) {
            code = error_nomem(tree->reterr);
            break;
        }
        *pages = (struct host_pages){.size_kib = size_kib};
        code = read_pages_of_size(tree, folder, names.items[i], pages);
    }
    names_clear(&names);
    if (node->pages.count)
        qsort(node->pages.items, node->pages.count, sizeof(*node->pages.items), compare_pages);
    return code;
}

int pages_read(const struct tree *tree, struct vtopo_host *host)
{
    int code = 0;

    for (size_t i = 0; !code && i < host->nodes.count; i++)
        code = read_pages_of_node(tree, &host->nodes.items[i]);
    return code;
}

/* One number per node, as many as there are nodes. */
static int read_distances(const struct place *place, size_t count, unsigned **ret_distances)
{
    autofree char *text = NULL;
    autofree unsigned *distances = calloc(count, sizeof(*distances));
    char *next, *end;
    int code = place_read(place, "distance", &text);

    if (code || !text)
        return code;
    if (!distances)
        return error_nomem(place->tree->reterr);
    next = text;
    for (size_t i = 0; i < count; i++, next = end) {
        unsigned long number;

        next += strspn(next, " ");
        number = strtoul(next, &end, 10);
        if (*next < '0' || *next > '9' || number > 255 || (*end && *end != ' '))
            return place_wrong(place, "distance", text, "not a distance for each node");
        distances[i] = (unsigned)number;
    }
    if (next[strspn(next, " ")])
        return place_wrong(place, "distance", text, "more distances than nodes");
    *ret_distances = steal(distances);
    return 0;
}

static int read_node(const struct tree *tree, struct host_node *node, size_t count)
{
    struct place place;
    char path[sizeof(NODES) + 16];
    int length = snprintf(path, sizeof(path), NODES "/node%u", node->id);
    int code = place_open(tree, path, (size_t)length, &place);

    if (code)
        return code;
    if (place.fd >= 0)
        code = read_idset(&place, "cpulist", &node->cpus);
    if (!code && place.fd >= 0)
        code = read_memory(&place, node);
    if (!code && place.fd >= 0)
        code = read_distances(&place, count, &node->distances);
    place_close(&place);
    return code;
}

/* "node12" */
static bool parse_node_name(const char *name, unsigned *ret_id)
{
    unsigned long id;
    char *end;

    if (strncmp(name, "node", 4) || name[4] < '0' || name[4] > '9' || strlen(name) > 9)
        return false;
    id = strtoul(name + 4, &end, 10);
    if (*end || id >= IDSET_LIMIT || (name[4] == '0' && name[5]))
        return false;
    *ret_id = (unsigned)id;
    return true;
}

static int compare_ids(const void *a, const void *b)
{
    const struct host_node *first = a, *second = b;

    return (first->id > second->id) - (first->id < second->id);
}

/* Since Linux 5.10: the nodes that the SRAT ties to a device. */
#define INITIATORS "has_generic_initiator"

static int read_initiators(const struct tree *tree, struct vtopo_host *host)
{
    struct idset nodes = {0};
    struct place place;
    int code = place_open(tree, NODES, strlen(NODES), &place);

    if (!code && place.fd >= 0)
        code = read_idset(&place, INITIATORS, &nodes);
    if (!code)
        place_close(&place);
    for (size_t i = 0; i < host->nodes.count; i++)
        host->nodes.items[i].initiator = idset_has(&nodes, host->nodes.items[i].id);
    idset_free(&nodes);
    return code;
}

int nodes_read(const struct tree *tree, struct vtopo_host *host)
{
    struct names names = {0};
    struct host_node *node;
    int code = tree_list(tree, NODES, &names);
    bool initiators = false;
    unsigned id;

    for (size_t i = 0; !code && i < names.count; i++) {
        initiators = initiators || !strcmp(names.items[i], INITIATORS);
        if (!parse_node_name(names.items[i], &id))
            continue;
        node = vec_add(&host->nodes);
        if (!node)
            code = error_nomem(tree->reterr);
        else
            node->id = id;
    }
    names_clear(&names);
    if (host->nodes.count)
        qsort(host->nodes.items, host->nodes.count, sizeof(*host->nodes.items), compare_ids);
    for (size_t i = 0; !code && i < host->nodes.count; i++)
        code = read_node(tree, &host->nodes.items[i], host->nodes.count);
    return code || !initiators ? code : read_initiators(tree, host);
}

/* Some machines say -1 for a package that they do not number. */
static int read_cpu_place(const struct place *place, struct host_cpu *cpu)
{
    int package = -1, core = (int)cpu->id;
    int code = place_read_int(place, "physical_package_id", -1, 65535, &package);

    if (!code)
        code = place_read_int(place, "core_id", -1, 1 << 30, &core);
    if (!code)
        code = read_idset(place, "thread_siblings_list", &cpu->siblings);
    if (!code && !idset_add(&cpu->siblings, cpu->id))
        code = error_nomem(place->tree->reterr);
    cpu->package = package < 0 ? 0 : (unsigned)package;
    cpu->core = core < 0 ? cpu->id : (unsigned)core;
    return code;
}

static int read_cpu(const struct tree *tree, unsigned id, struct vtopo_host *host)
{
    struct place place;
    struct host_cpu *cpu;
    char path[sizeof(CPUS "/cpu/topology") + 16];
    int length = snprintf(path, sizeof(path), CPUS "/cpu%u/topology", id);
    int code = place_open(tree, path, (size_t)length, &place);

    if (code)
        return code;
    if (place.fd >= 0) {
        cpu = vec_add(&host->cpus);
        if (cpu)
            cpu->id = id;
        code = cpu ? read_cpu_place(&place, cpu) : error_nomem(tree->reterr);
    }
    place_close(&place);
    return code;
}

static bool agrees(const struct host_cpu *cpu, const struct host_cpu *other)
{
    return other && idset_size(&cpu->siblings) == idset_size(&other->siblings) &&
           idset_common(&cpu->siblings, &other->siblings) == idset_size(&cpu->siblings) &&
           cpu->package == other->package && cpu->core == other->core;
}

/* The threads of a core say the same about it, or the tree contradicts itself. */
static int check_siblings(const struct tree *tree, const struct vtopo_host *host)
{
    for (size_t i = 0; i < host->cpus.count; i++) {
        const struct host_cpu *cpu = &host->cpus.items[i];

        for (size_t id = idset_next(&cpu->siblings, 0); id < IDSET_LIMIT;
             id = idset_next(&cpu->siblings, id + 1)) {
            if (!agrees(cpu, host_find_cpu(host, id)))
                return error_set(tree->reterr, VTOPO_ERR_HOST,
                                 "'%s/devices/system/cpu': cpu%u says that cpu%zu is a thread of "
                                 "its core, which cpu%zu does not confirm",
                                 tree->name, cpu->id, id, id);
        }
    }
    return 0;
}

int cpus_read(const struct tree *tree, struct vtopo_host *host)
{
    struct place place;
    struct idset online = {0};
    int code = place_open(tree, CPUS, strlen(CPUS), &place);

    if (code)
        return code;
    if (place.fd >= 0)
        code = read_idset(&place, "online", &online);
    if (!code && place.fd >= 0)
        code = read_idset(&place, "isolated", &host->isolated);
    place_close(&place);
    for (size_t id = idset_next(&online, 0); !code && id < IDSET_LIMIT;
         id = idset_next(&online, id + 1))
        code = read_cpu(tree, (unsigned)id, host);
    idset_free(&online);
    return code ? code : check_siblings(tree, host);
}

/*
 * "cpu:type:x86,ven0000fam0006mod008F:feature:,0000,...": arch/x86/kernel/cpu/match.c of Linux;
 * vendors are numbered in asm/processor.h.
 */
static bool parse_modalias(const char *text, struct host_processor *ret_processor)
{
    static const char form[] = "cpu:type:x86,venXXXXfamXXXXmodXXXX:";
    static const char *const vendors[] = {
        [0] = "GenuineIntel", [2] = "AuthenticAMD",  [5] = "CentaurHauls",
        [9] = "HygonGenuine", [10] = "  Shanghai  ",
    };
    static const char digits[] = "0123456789ABCDEF";
    unsigned numbers[3] = {0}, digit = 0;

    for (size_t i = 0; form[i]; i++) {
        const char *hex = text[i] ? strchr(digits, text[i]) : NULL;

        if (form[i] != 'X' ? text[i] != form[i] : !hex)
            return false;
        if (form[i] == 'X') {
            numbers[digit / 4] = numbers[digit / 4] << 4 | (unsigned)(hex - digits);
            digit++;
        }
    }
    if (numbers[0] >= sizeof(vendors) / sizeof(*vendors) || !vendors[numbers[0]])
        return false;
    snprintf(ret_processor->vendor, sizeof(ret_processor->vendor), "%s", vendors[numbers[0]]);
    ret_processor->family = numbers[1];
    ret_processor->model = numbers[2];
    return true;
}

int processor_read(const struct tree *tree, struct host_processor *ret_processor)
{
    struct place place;
    autofree char *text = NULL;
    int code = place_open(tree, CPUS, strlen(CPUS), &place);

    if (code)
        return code;
    if (place.fd >= 0)
        code = place_read(&place, "modalias", &text);
    place_close(&place);
    /* Other architectures and makers: unknown. */
    if (!code && text && !parse_modalias(text, ret_processor))
        *ret_processor = (struct host_processor){0};
    return code;
}
