/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_numa.c - guest cells, and what binds them to the host's nodes and CPUs
 *
 * Takes:  <cpu><numa>, <numatune>, <cputune>, <memoryBacking><hugepages>, <memory> of <devices>.
 * Gives:  cells (ascending by id), memnodes, pins, the host nodes of the whole memory, and its
 *         pages.
 * Rule:   cell ids are 0 to n-1 in any order, an absent id is the place in the list; so libvirt has
 *         it.
 */
#include "domxml/parse.h"

#include "base/error.h"

#include <limits.h>

static struct domain *model_of(const struct reader *reader)
{
    return &reader->domain->model;
}

static size_t count_children(const struct node *node, const char *name)
{
    size_t count = 0;

    for (node = node_child(node, name); node; node = node_next(node, name))
        count++;
    return count;
}

/* @others: vCPUs of the cells before, to which those of this one are added. */
static int claim_vcpus(const struct reader *reader, const struct node *node,
                       const struct domain_cell *cell, struct idset *others)
{
    if (idset_common(others, &cell->vcpus))
        return reader_refuse(reader, node, "cell %u shares vCPUs with another", cell->id);
    for (size_t vcpu = idset_next(&cell->vcpus, 0); vcpu < IDSET_LIMIT;
         vcpu = idset_next(&cell->vcpus, vcpu + 1)) {
        if (!idset_add(others, vcpu))
            return error_nomem(reader->reterr);
    }
    return 0;
}

/* What the cells before have. */
struct claimed {
    struct idset ids, vcpus;
};

/* The cells are all there already, each at the place of its id. */
static int parse_cell(const struct reader *reader, const struct node *node, size_t place,
                      struct claimed *before)
{
    struct domain *model = model_of(reader);
    const char *memory = node_attribute(node, "memory");
    struct domain_cell *cell;
    uint64_t id = place;
    int r = node_number(reader, node, "id", 10, UINT_MAX, &id);

    if (r)
        return r;
    if (id >= model->cells.count)
        return reader_refuse(reader, node, "id='%llu' is out of range: the last cell is %zu",
                             (unsigned long long)id, model->cells.count - 1);
    if (idset_has(&before->ids, id))
        return reader_refuse(reader, node, "cell id %llu is there twice", (unsigned long long)id);
    if (!idset_add(&before->ids, id))
        return error_nomem(reader->reterr);
    cell = &model->cells.items[id];
    cell->id = (unsigned)id;
    cell->element = node_element(node);
    model->cell_distances = model->cell_distances || node_child(node, "distances");
    if (!memory || !libvirt_size_kib(memory, node_attribute(node, "unit"), &cell->memory_kib))
        cell->memory_kib = 0; /* libvirt refuses it */
    r = node_set(reader, node, "cpus", true, &cell->vcpus);
    return r ? r : claim_vcpus(reader, node, cell, &before->vcpus);
}

/* libvirt adds vCPUs that are in no cell to the first one (qemuDomainDefNumaCPUsRectify()). */
static int add_other_vcpus(const struct reader *reader, const struct idset *claimed)
{
    struct domain *model = model_of(reader);

    for (size_t vcpu = 0; vcpu < model->vcpus && vcpu < IDSET_LIMIT; vcpu++) {
        if (!idset_has(claimed, vcpu) && !idset_add(&model->cells.items[0].vcpus, vcpu))
            return error_nomem(reader->reterr);
    }
    return 0;
}

static int parse_cells(const struct reader *reader, const struct node *root)
{
    struct domain *model = model_of(reader);
    const struct node *numa = node_child(node_child(root, "cpu"), "numa");
    size_t count = count_children(numa, "cell"), place = 0;
    struct claimed claimed = {0};
    int r = 0;

    if (!numa)
        return 0;
    if (!count)
        return reader_refuse(reader, numa, "has no cells");
    if (count > IDSET_LIMIT)
        return reader_refuse(reader, numa, "has more than %d cells", IDSET_LIMIT);
    while (model->cells.count < count) {
        const struct domain_cell *cell = vec_add(&model->cells);

        if (!cell)
            return error_nomem(reader->reterr);
    }
    for (const struct node *cell = node_child(numa, "cell"); !r && cell;
         cell = node_next(cell, "cell"))
        r = parse_cell(reader, cell, place++, &claimed);
    if (!r)
        r = add_other_vcpus(reader, &claimed.vcpus);
    idset_free(&claimed.ids);
    idset_free(&claimed.vcpus);
    return r;
}

static int parse_memnode(const struct reader *reader, const struct node *node)
{
    struct domain *model = model_of(reader);
    struct domain_memnode *memnode;
    uint64_t cell = UINT64_MAX;
    int r = node_number(reader, node, "cellid", 10, UINT_MAX, &cell);

    if (r || cell >= model->cells.count)
        return r; /* of a cell that is not there: means nothing */
    for (size_t i = 0; i < model->memnodes.count; i++) {
        if (model->memnodes.items[i].cell == cell)
            return reader_refuse(reader, node, "is the second one of cell %llu",
                                 (unsigned long long)cell);
    }
    memnode = vec_add(&model->memnodes);
    if (!memnode)
        return error_nomem(reader->reterr);
    memnode->cell = (unsigned)cell;
    return node_set(reader, node, "nodeset", false, &memnode->nodes);
}

static int parse_numatune(const struct reader *reader, const struct node *root)
{
    struct domain *model = model_of(reader);
    const struct node *tune = node_child(root, "numatune");
    const struct node *memory = node_child(tune, "memory");
    int r = 0;

    if (!tune)
        return 0;
    if (node_next(tune, "numatune"))
        return reader_refuse(reader, node_next(tune, "numatune"), "is the second one");
    model->placement_auto = model->placement_auto || node_attribute_is(memory, "placement", "auto");
    /* With placement='auto' libvirt drops the nodeset. */
    if (!node_attribute_is(memory, "placement", "auto"))
        r = node_set(reader, memory, "nodeset", false, &model->memory_nodes);
    if (!r)
        r = reader_copy(reader, node_attribute(memory, "mode"), &model->memory_mode);
    for (const struct node *node = node_child(tune, "memnode"); !r && node;
         node = node_next(node, "memnode"))
        r = parse_memnode(reader, node);
    return r;
}

/* @pinned: vCPUs seen so far. */
static int parse_pin(const struct reader *reader, const struct node *node, struct idset *pinned)
{
    struct domain *model = model_of(reader);
    struct domain_pin *pin;
    uint64_t vcpu = UINT64_MAX;
    int r = node_number(reader, node, "vcpu", 10, UINT_MAX, &vcpu);

    if (r || vcpu >= model->vcpus)
        return r; /* libvirt ignores it, too */
    if (idset_has(pinned, vcpu))
        return reader_refuse(reader, node, "is the second one of vCPU %llu",
                             (unsigned long long)vcpu);
    if (!idset_add(pinned, vcpu))
        return error_nomem(reader->reterr);
    pin = vec_add(&model->pins);
    if (!pin)
        return error_nomem(reader->reterr);
    pin->vcpu = (unsigned)vcpu;
    return node_set(reader, node, "cpuset", false, &pin->cpus);
}

/* CPUs of QEMU's other threads. */
static int parse_helper_pins(const struct reader *reader, const struct node *tune, const char *name)
{
    int r = 0;

    for (const struct node *node = node_child(tune, name); !r && node;
         node = node_next(node, name)) {
        struct idset cpus = {0};

        r = node_set(reader, node, "cpuset", false, &cpus);
        if (!r && !idset_add_all(&model_of(reader)->helper_cpus, &cpus))
            r = error_nomem(reader->reterr);
        idset_free(&cpus);
    }
    return r;
}

static int parse_cputune(const struct reader *reader, const struct node *root)
{
    const struct node *tune = node_child(root, "cputune");
    struct idset pinned = {0};
    int r = 0;

    for (; !r && tune; tune = node_next(tune, "cputune")) {
        for (const struct node *node = node_child(tune, "vcpupin"); !r && node;
             node = node_next(node, "vcpupin"))
            r = parse_pin(reader, node, &pinned);
        if (!r)
            r = parse_helper_pins(reader, tune, "emulatorpin");
        if (!r)
            r = parse_helper_pins(reader, tune, "iothreadpin");
    }
    idset_free(&pinned);
    return r;
}

static int parse_page(const struct reader *reader, const struct node *node)
{
    struct domain *model = model_of(reader);
    const char *size = node_attribute(node, "size");
    struct domain_pages *pages;
    uint64_t size_kib;
    int r;

    if (!size || !libvirt_size_kib(size, node_attribute(node, "unit"), &size_kib))
        return 0; /* libvirt refuses it */
    pages = vec_add(&model->pages);
    if (!pages)
        return error_nomem(reader->reterr);
    pages->size_kib = size_kib;
    r = node_set(reader, node, "nodeset", false, &pages->cells);
    return r ? r : reader_copy(reader, node_attribute(node, "nodeset"), &pages->nodeset);
}

static int parse_pages(const struct reader *reader, const struct node *root)
{
    const struct node *backing = node_child(root, "memoryBacking");
    const struct node *huge = node_child(backing, "hugepages");
    int r = 0;

    model_of(reader)->huge_pages = huge;
    for (const struct node *node = node_child(huge, "page"); !r && node;
         node = node_next(node, "page"))
        r = parse_page(reader, node);
    return r;
}

/* Of an element with a unit; @ret_kib 0: it is not there, or libvirt refuses it. */
static int read_size(const struct reader *reader, const struct node *size, uint64_t *ret_kib)
{
    autofree char *text = size ? node_text(size) : NULL;

    if (size && !text)
        return error_nomem(reader->reterr);
    if (!text || !libvirt_size_kib(text, node_attribute(size, "unit"), ret_kib))
        *ret_kib = 0;
    return 0;
}

/* libvirt binds it to the nodes of its cell's <memnode> (qemuBuildMemoryBackendProps()); but a file
 * is where it is, and <nodemask> says nodes of its own. */
static int read_taken(const struct reader *reader, const struct node *node,
                      struct domain_memory *device)
{
    const struct node *source = node_child(node, "source"), *target = node_child(node, "target");

    device->taken_kib = device->size_kib;
    if (node_child(source, "path") || node_child(source, "nodemask"))
        device->taken_kib = 0;
    else if (node_attribute_is(node, "model", "virtio-mem"))
        return read_size(reader, node_child(target, "requested"), &device->taken_kib);
    return 0;
}

/* What is plugged in counts as a part of <memory> (virDomainDefPostParseMemory()). */
static int parse_memory_device(const struct reader *reader, const struct node *node)
{
    struct domain *model = model_of(reader);
    const struct node *target = node_child(node, "target"), *cell = node_child(target, "node");
    autofree char *id = cell ? node_text(cell) : NULL;
    struct domain_memory *device = vec_add(&model->memory_devices);
    uint64_t number;
    int r;

    if (!device || (cell && !id))
        return error_nomem(reader->reterr);
    device->node = id && libvirt_number(id, 10, INT_MAX, &number) ? (int)number : -1;
    r = read_size(reader, node_child(target, "size"), &device->size_kib);
    return r ? r : read_taken(reader, node, device);
}

static int parse_memory_devices(const struct reader *reader, const struct node *root)
{
    int r = 0;

    for (const struct node *node = next_in_devices(root, NULL); !r && node;
         node = next_in_devices(root, node)) {
        if (node_is(node, "memory"))
            r = parse_memory_device(reader, node);
    }
    return r;
}

int parse_numa(const struct reader *reader, const struct node *root)
{
    int r = parse_cells(reader, root);

    if (!r)
        r = parse_pages(reader, root);
    if (!r)
        r = parse_memory_devices(reader, root);
    if (!r)
        r = parse_numatune(reader, root);
    return r ? r : parse_cputune(reader, root);
}
