/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_file.c - see nccl_file.h
 *
 * Takes:  NCCL's tree of the host (nccl_graph.h).
 * Gives:  its XML.
 * Rule:   what xmlGetNode() of NCCL's src/graph/xml.cc reads: no prolog, one blank between
 *         attributes, no escapes, texts below 255 characters. What is left out NCCL looks up in the
 *         guest (ncclTopoGetXmlFromSys(), ncclTopoGetXmlFromCpu()), and what it gives wins.
 * Not here: what is where (nccl_graph.c).
 */
#include "peer/nccl_file.h"

#include "base/buffer.h"
#include "base/error.h"
#include "model/machine.h"
#include "model/pci_class.h"
#include "peer/nccl_graph.h"

#include <string.h>

#define NODES_MAX 256       /* NCCL_TOPO_XML_MAX_NODES of topo.h */
#define NICS_MAX 32         /* MAX_IB_DEVS of net_ib/common.h: more NICs it does not look at */
#define TEXT_MAX_LENGTH 254 /* MAX_STR_LEN of xml.h, less the NUL */

struct writer {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    const struct domain *domain;
    struct nccl_graph graph;
    size_t first;         /* node on top; NCCL_NONE: none */
    size_t *below, *next; /* per node: its first child, the next one of its parent */
    struct buffer out;
};

/*
 * The nodes that NCCL has in the end: those of the file and <system>, a <gpu> for each GPU and
 * <nic> and <net> for each NIC.  (The <nvlink> of a GPU come later still, but every process has
 * only those of its own GPU.)
 */
static size_t count_nodes(const struct writer *writer)
{
    size_t nics = 0, count = 1 + writer->graph.nodes.count;

    for (size_t i = 0; i < writer->graph.nodes.count; i++) {
        const struct nccl_node *node = &writer->graph.nodes.items[i];
        const struct host_function *function;

        if (node->kind != NCCL_DEVICE)
            continue;
        function = &writer->host->functions.items[node->function];
        count += class_base(function->class_code) == CLASS_DISPLAY;
        if (class_is_network(function->class_code) && nics < NICS_MAX) {
            nics++;
            count += 2;
        }
    }
    return count;
}

/* Above the CPUs of the highest set bit nothing is written, as in the kernel's cpumap:
 * "ff,ffffffff". */
static void add_affinity(struct writer *writer, const struct idset *vcpus)
{
    size_t highest = 0, groups;

    for (size_t v = idset_next(vcpus, 0); v < IDSET_LIMIT; v = idset_next(vcpus, v + 1))
        highest = v;
    groups = highest / 32 + 1;
    /* NCCL reads the guest's own then. */
    if (idset_empty(vcpus) || groups * 9 - 1 > TEXT_MAX_LENGTH)
        return;
    buffer_add(&writer->out, " affinity=\"");
    while (groups--) {
        unsigned long mask = 0;

        for (size_t bit = 0; bit < 32; bit++)
            mask |= (unsigned long)idset_has(vcpus, groups * 32 + bit) << bit;
        buffer_printf(&writer->out, "%08lx%s", mask, groups ? "," : "");
    }
    buffer_add(&writer->out, "\"");
}

/* The family as ncclTopoGetXmlFromCpu() puts it together: the extended one is shifted, not added.
 */
static unsigned nccl_family(unsigned family)
{
    return family < 0xf ? family : 0xf + ((family - 0xf) << 4);
}

static const struct idset *vcpus_of(const struct domain *domain, int cell)
{
    for (size_t i = 0; i < domain->cells.count; i++) {
        if ((int)domain->cells.items[i].id == cell)
            return &domain->cells.items[i].vcpus;
    }
    return NULL;
}

static void add_cpu(struct writer *writer, const struct nccl_node *node)
{
    const struct host_processor *processor = &writer->host->processor;
    const struct idset *vcpus = vcpus_of(writer->domain, node->cell);

    buffer_printf(&writer->out, "<cpu numaid=\"%d\"", node->cell);
    if (vcpus)
        add_affinity(writer, vcpus);
    buffer_printf(&writer->out, " arch=\"%s\"", domain_machine(writer->domain)->nccl_arch);
    if (*processor->vendor)
        buffer_printf(&writer->out, " vendor=\"%s\" familyid=\"%u\" modelid=\"%u\"",
                      processor->vendor, nccl_family(processor->family), processor->model);
}

/* What the guest sees of a mediated device, a vDPA device or a disk has other ids, which NCCL finds
 * there. */
static bool has_own_ids(const struct writer *writer, const struct nccl_node *node)
{
    enum device_kind kind;

    if (node->kind == NCCL_SWITCH)
        return true;
    kind = writer->domain->devices.items[writer->plan->devices.items[node->device].device].kind;
    return kind == DEVICE_HOSTDEV_PCI || kind == DEVICE_INTERFACE_HOSTDEV;
}

/* As the kernel spells it; NCCL knows no other way. */
static void add_link(struct writer *writer, const struct host_link *link)
{
    buffer_add(&writer->out, " link_speed=\"");
    if (link->speed)
        buffer_printf(&writer->out, "%u.%u GT/s PCIe", link->speed / 10, link->speed % 10);
    else
        buffer_add(&writer->out, "Unknown");
    buffer_printf(&writer->out, "\" link_width=\"%u\"", link->width);
}

static void add_pci(struct writer *writer, const struct nccl_node *node)
{
    const struct host_function *function = &writer->host->functions.items[node->function];

    buffer_printf(&writer->out, "<pci busid=\"%s\" class=\"0x%06x\"", BDF_TEXT(&node->bus_id),
                  (unsigned)function->class_code);
    if (has_own_ids(writer, node))
        buffer_printf(&writer->out,
                      " vendor=\"0x%04x\" device=\"0x%04x\" subsystem_vendor=\"0x%04x\""
                      " subsystem_device=\"0x%04x\"",
                      function->vendor, function->device, function->subsystem_vendor,
                      function->subsystem_device);
    add_link(writer, &node->link);
}

/* Children are behind their parents, so backwards. */
static bool link_nodes(struct writer *writer)
{
    size_t count = writer->graph.nodes.count;

    writer->first = NCCL_NONE;
    writer->below = malloc((count + 1) * sizeof(*writer->below));
    writer->next = malloc((count + 1) * sizeof(*writer->next));
    if (!writer->below || !writer->next)
        return false;
    for (size_t i = 0; i < count; i++)
        writer->below[i] = NCCL_NONE;
    for (size_t i = count; i-- > 0;) {
        size_t parent = writer->graph.nodes.items[i].parent;
        size_t *chain = parent == NCCL_NONE ? &writer->first : &writer->below[parent];

        writer->next[i] = *chain;
        *chain = i;
    }
    return true;
}

/* @first and what follows it below the same parent. */
static void add_nodes(struct writer *writer, size_t first, unsigned depth)
{
    for (size_t i = first; i != NCCL_NONE; i = writer->next[i]) {
        const struct nccl_node *node = &writer->graph.nodes.items[i];

        buffer_add_times(&writer->out, "  ", depth);
        if (node->kind == NCCL_CPU)
            add_cpu(writer, node);
        else
            add_pci(writer, node);
        if (writer->below[i] == NCCL_NONE) {
            buffer_add(&writer->out, "/>\n");
            continue;
        }
        buffer_add(&writer->out, ">\n");
        add_nodes(writer, writer->below[i], depth + 1);
        buffer_add_times(&writer->out, "  ", depth);
        buffer_add(&writer->out, node->kind == NCCL_CPU ? "</cpu>\n" : "</pci>\n");
    }
}

/* Every device that the guest gets must have an address that is known, or the file would be about
 * other ones. */
static int check_addresses(const struct writer *writer, struct vtopo_error **reterr)
{
    const struct vtopo_plan *plan = writer->plan;

    if (plan->outcome == PLAN_UNCHANGED)
        return error_set(
            reterr, VTOPO_ERR_REFUSED,
            "no NCCL topology: the domain is left as it is (%s %s), so the guest's addresses are not known",
            plan->findings.count ? finding_code(plan->findings.items[plan->findings.count - 1].id)
                                 : "",
            plan->findings.count ? finding_title(plan->findings.items[plan->findings.count - 1].id)
                                 : "");
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->function != HOST_NONE && device->fate != FATE_UNASSIGNED &&
            !device->after_known)
            return error_set(
                reterr, VTOPO_ERR_REFUSED,
                "no NCCL topology: libvirt chooses the address of %s in the guest; define the domain first",
                writer->domain->devices.items[device->device].label);
    }
    return 0;
}

static int check_nodes(const struct writer *writer, struct vtopo_error **reterr)
{
    size_t count = count_nodes(writer);

    if (count >= NODES_MAX) /* xmlLoadSub() wants one that it does not use */
        return error_set(reterr, VTOPO_ERR_REFUSED,
                         "no NCCL topology: NCCL takes %d nodes, and these devices need %zu",
                         NODES_MAX - 1, count);
    return 0;
}

static int write_file(struct writer *writer, char **ret_text, struct vtopo_error **reterr)
{
    int r = check_nodes(writer, reterr);

    if (r)
        return r;
    if (!link_nodes(writer))
        return error_nomem(reterr);
    buffer_add(&writer->out, "<system version=\"1\">\n");
    add_nodes(writer, writer->first, 1);
    buffer_add(&writer->out, "</system>\n");
    *ret_text = buffer_steal(&writer->out);
    return *ret_text ? 0 : error_nomem(reterr);
}

int nccl_topo_file(const struct vtopo_plan *plan, char **ret_text, struct vtopo_error **reterr)
{
    struct writer writer = {
        .plan = plan, .host = &plan->extract.host, .domain = &plan->extract.domain};
    int r = check_addresses(&writer, reterr);

    if (r)
        return r;
    if (!nccl_graph_of_host(plan, &writer.graph))
        return error_nomem(reterr);
    r = write_file(&writer, ret_text, reterr);
    nccl_graph_clear(&writer.graph);
    free(writer.below);
    free(writer.next);
    return r;
}
