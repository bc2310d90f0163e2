/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_graph.c - see nccl_graph.h
 *
 * Takes:  a plan with the host and the domain that it was made from.
 * Gives:  NCCL's tree, once as its topology file describes it and once as NCCL itself finds it in
 * the guest. Rule:   as ncclTopoGetXmlFromSys() of xml.cc reads sysfs.  The parent is two steps up
 * the path of the device, which leaves out downstream and root ports: a device below a root port is
 * on the CPU.  A link is the least of what the two ends say they can do.  (For NVIDIA's GPUs NCCL
 * asks NVML instead since 2.30.7, which tells the real link.) Not here: bandwidths and kinds of
 * paths (nccl_path.c), the text of the file (nccl/topo_file.c).
 */
#include "peer/nccl_graph.h"

#include "model/host_tree.h"
#include "plan/ground/planner.h"

#include <string.h>

#define INDEXES 256

struct source {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    const struct domain *domain;
    const struct host_link *ports;
    struct nccl_graph *graph;
};

static unsigned least(unsigned a, unsigned b)
{
    return !a || (b && b < a) ? b : a;
}

/* Of two ends of a link, unknown ones left out. */
static struct host_link least_link(struct host_link a, struct host_link b)
{
    return (struct host_link){least(a.speed, b.speed), least(a.width, b.width)};
}

static struct nccl_node *add_node(struct source *s, enum nccl_kind kind, size_t parent)
{
    struct nccl_node *node = vec_add(&s->graph->nodes);

    if (node)
        *node = (struct nccl_node){
            .kind = kind, .parent = parent, .function = HOST_NONE, .device = PLAN_NONE};
    return node;
}

static size_t last_node(const struct source *s)
{
    return s->graph->nodes.count - 1;
}

static bool add_cpu(struct source *s, int cell)
{
    struct nccl_node *node = add_node(s, NCCL_CPU, NCCL_NONE);

    if (node)
        node->cell = cell;
    return node;
}

/* A domain without cells has one node all the same. */
static bool add_cpus(struct source *s)
{
    bool done = s->domain->cells.count || add_cpu(s, 0);

    for (size_t i = 0; done && i < s->domain->cells.count; i++)
        done = add_cpu(s, (int)s->domain->cells.items[i].id);
    return done;
}

/* The lowest one for a cell that is not there. */
static size_t find_cpu(const struct source *s, int cell)
{
    const struct nccl_node *nodes = s->graph->nodes.items;

    for (size_t i = 0; i < s->graph->nodes.count && nodes[i].kind == NCCL_CPU; i++) {
        if (nodes[i].cell == cell)
            return i;
    }
    return 0;
}

static size_t find_switch(const struct source *s, const struct bdf *bus_id)
{
    for (size_t i = 0; i < s->graph->nodes.count; i++) {
        const struct nccl_node *node = &s->graph->nodes.items[i];

        if (node->kind == NCCL_SWITCH && bdf_equal(&node->bus_id, bus_id))
            return i;
    }
    return NCCL_NONE;
}

size_t nccl_find_device(const struct nccl_graph *graph, size_t device)
{
    for (size_t i = 0; i < graph->nodes.count; i++) {
        if (graph->nodes.items[i].kind == NCCL_DEVICE && graph->nodes.items[i].device == device)
            return i;
    }
    return NCCL_NONE;
}

void nccl_graph_clear(struct nccl_graph *graph)
{
    free(graph->nodes.items);
    *graph = (struct nccl_graph){0};
}

static int compare_guest(const void *a, const void *b)
{
    const struct plan_device *p = *(const struct plan_device *const *)a;
    const struct plan_device *q = *(const struct plan_device *const *)b;

    return bdf_compare(&p->guest_after, &q->guest_after);
}

static bool is_in_guest(const struct plan_device *device)
{
    return device->function != HOST_NONE && device->fate != FATE_UNASSIGNED && device->after_known;
}

typedef bool add_device_fn(struct source *s, const struct plan_device *device);

/* Calls @add for every host device that the guest gets at an address that is known, in the order of
 * these. */
static bool add_devices(struct source *s, add_device_fn *add)
{
    const struct vtopo_plan *plan = s->plan;
    autofree const struct plan_device **sorted =
        malloc((plan->devices.count + 1) * sizeof(*sorted));
    size_t count = 0;
    bool done = sorted;

    for (size_t i = 0; sorted && i < plan->devices.count; i++) {
        if (is_in_guest(&plan->devices.items[i]))
            sorted[count++] = &plan->devices.items[i];
    }
    if (count)
        qsort(sorted, count, sizeof(*sorted), compare_guest);
    for (size_t i = 0; done && i < count; i++)
        done = add(s, sorted[i]);
    return done;
}

static bool finish(struct source *s, bool done)
{
    if (!done)
        nccl_graph_clear(s->graph);
    return done;
}

/* -- the host --- */

/* Of the function and of the port above it; a virtual function may leave it to its physical one. */
static struct host_link link_of(const struct vtopo_host *host, size_t at)
{
    const struct host_function *function = &host->functions.items[at];
    struct host_link link = function->link_max;
    size_t physical;

    if (function->is_vf && !link.speed && !link.width) {
        physical = host_find(host, &function->physfn);
        if (physical != HOST_NONE)
            return link_of(host, physical);
    }
    if (function->parent != HOST_NONE)
        link = least_link(link, host->functions.items[function->parent].link_max);
    return link;
}

/*
 * The host's address of a switch in a PCI domain that the guest cannot have: QEMU's machines have
 * domain 0 only.  Every domain of the host gets one, from ffff downwards (four digits are what NCCL
 * expects: checkBDFFormat() of xml.cc).
 */
static struct bdf switch_bus_id(const struct vtopo_host *host, size_t function)
{
    struct bdf bus_id = host->functions.items[function].bdf;
    uint32_t domain = 0xffff, last = 0;

    for (size_t i = 0; i < host->functions.count; i++) {
        uint32_t here = host->functions.items[i].bdf.domain;

        if (here >= bus_id.domain)
            break;
        if (here != last || !i)
            domain--;
        last = here;
    }
    bus_id.domain = domain;
    return bus_id;
}

static bool add_on_host(struct source *s, const struct plan_device *device)
{
    size_t switches[PLAN_SWITCHES];
    size_t count = host_switches_above(s->host, device->function, switches, PLAN_SWITCHES);
    size_t parent = find_cpu(s, device->cell >= 0 ? device->cell : device->nearest);
    struct nccl_node *node;

    for (size_t i = 0; i < count && i < PLAN_SWITCHES; i++) {
        struct bdf bus_id = switch_bus_id(s->host, switches[i]);
        size_t there = find_switch(s, &bus_id);

        if (there == NCCL_NONE) {
            node = add_node(s, NCCL_SWITCH, parent);
            if (!node)
                return false;
            node->bus_id = bus_id;
            node->function = switches[i];
            node->link = link_of(s->host, switches[i]);
            there = last_node(s);
        }
        parent = there;
    }
    node = add_node(s, NCCL_DEVICE, parent);
    if (!node)
        return false;
    node->bus_id = device->guest_after;
    node->function = device->function;
    node->device = (size_t)(device - s->plan->devices.items);
    node->link = link_of(s->host, device->function);
    return true;
}

bool nccl_graph_of_host(const struct vtopo_plan *plan, const struct vtopo_host *host,
                        const struct domain *domain, struct nccl_graph *ret_graph)
{
    struct source s = {.plan = plan, .host = host, .domain = domain, .graph = ret_graph};

    *ret_graph = (struct nccl_graph){0};
    return finish(&s, add_cpus(&s) && add_devices(&s, add_on_host));
}

/* -- the guest --- */

/* The guest's /sys as it is: an unknown speed is left out, an unknown width is 0, and the least one
 * all the same. */
static struct host_link read_link(struct host_link a, struct host_link b)
{
    return (struct host_link){least(a.speed, b.speed), a.width < b.width ? a.width : b.width};
}

/* A controller of the plan, or one that the domain has and keeps. */
struct port {
    enum controller_model model;
    unsigned index, parent;
    struct bdf guest; /* of the plan's */
    struct host_link link;
    int cell; /* EXPANDER */
};

/* Seen in guests of QEMU 7.2 (x3130-upstream, xio3130-downstream, pcie-root-port, pcie-pci-bridge).
 */
struct host_link nccl_stock_port(enum controller_model model)
{
    switch (model) {
    case CTRL_ROOT_PORT:
        return (struct host_link){160, 32};
    case CTRL_UPSTREAM:
    case CTRL_PCIE_TO_PCI:
        return (struct host_link){25, 1};
    default:
        return (struct host_link){0, 0};
    }
}

/* What a port of ours says: the caller's word, the plan's (links.c), or QEMU's own. */
static struct host_link link_of_ours(const struct source *s, size_t at)
{
    const struct plan_controller *c = &s->plan->controllers.items[at];

    if (s->ports)
        return s->ports[at];
    return c->link.speed ? c->link : nccl_stock_port(c->model);
}

/* False: there is no such controller, or it has no place. */
static bool find_port(const struct source *s, unsigned index, struct port *ret_port)
{
    const struct domain_controller *own;

    for (size_t i = 0; i < s->plan->controllers.count; i++) {
        const struct plan_controller *c = &s->plan->controllers.items[i];

        if (c->index == index) {
            *ret_port = (struct port){c->model,           index,  c->parent_index, c->guest,
                                      link_of_ours(s, i), c->cell};
            return true;
        }
    }
    own = domain_controller_at(s->domain, index);
    if (!own || own->marked || (own->address.kind != ADDRESS_PCI && own->model != CTRL_PCIE_ROOT))
        return false;
    /* Where it is in the guest does not matter, if only its address is nobody else's. */
    *ret_port = (struct port){own->model,
                              index,
                              own->address.at.bus,
                              {0xfffe, (uint8_t)index, 0, 0},
                              nccl_stock_port(own->model),
                              own->node};
    return true;
}

/* What is between the device and the root bus, from the device upwards. */
static size_t find_ports(const struct source *s, const struct plan_device *device,
                         struct port ports[INDEXES], int *ret_cell)
{
    size_t count = 0;
    unsigned index = device->after.at.bus;
    struct port port;

    *ret_cell = -1;
    while (index && count < INDEXES && find_port(s, index, &port)) {
        if (port.model == CTRL_EXPANDER || port.model == CTRL_PCI_EXPANDER) {
            *ret_cell = port.cell;
            break;
        }
        ports[count++] = port;
        index = port.parent;
    }
    return count;
}

/* What the guest sees of a device: its real link, if it sees any; QEMU's own devices say x1. */
static struct host_link guest_device_link(const struct source *s, const struct plan_device *device)
{
    if (!plan_shows_link(s->plan, s->domain, device))
        return (struct host_link){0, 0};
    switch (s->domain->devices.items[device->device].kind) {
    case DEVICE_HOSTDEV_MDEV:
        return (struct host_link){0, 0};
    case DEVICE_INTERFACE_VDPA:
    case DEVICE_DISK_NVME:
        return (struct host_link){25, 1};
    default:
        return s->host->functions.items[device->function].link_max;
    }
}

/* The switch at @at of the ports, or the CPU above all of them. */
static size_t add_switch(struct source *s, const struct port *ports, size_t count, size_t at,
                         size_t cpu)
{
    struct nccl_node *node;
    size_t parent, there;

    if (at >= count)
        return cpu;
    there = find_switch(s, &ports[at].guest);
    if (there != NCCL_NONE)
        return there;
    parent = add_switch(s, ports, count, at + 2, cpu);
    node = parent == NCCL_NONE ? NULL : add_node(s, NCCL_SWITCH, parent);
    if (!node)
        return NCCL_NONE;
    node->bus_id = ports[at].guest;
    node->link = ports[at].link;
    if (at + 1 < count)
        node->link = read_link(node->link, ports[at + 1].link);
    return last_node(s);
}

static bool add_in_guest(struct source *s, const struct plan_device *device)
{
    autofree struct port *ports = calloc(INDEXES, sizeof(*ports));
    struct nccl_node *node;
    size_t count, parent;
    int cell;

    if (!ports)
        return false;
    count = find_ports(s, device, ports, &cell);
    parent = add_switch(s, ports, count, 1, find_cpu(s, cell));
    node = parent == NCCL_NONE ? NULL : add_node(s, NCCL_DEVICE, parent);
    if (!node)
        return false;
    node->bus_id = device->guest_after;
    node->function = device->function;
    node->device = (size_t)(device - s->plan->devices.items);
    node->link = guest_device_link(s, device);
    if (count)
        node->link = read_link(node->link, ports[0].link);
    return true;
}

bool nccl_graph_of_guest(const struct vtopo_plan *plan, const struct vtopo_host *host,
                         const struct domain *domain, const struct host_link *ports,
                         struct nccl_graph *ret_graph)
{
    struct source s = {plan, host, domain, ports, ret_graph};

    *ret_graph = (struct nccl_graph){0};
    return finish(&s, add_cpus(&s) && add_cpu(&s, -1) && add_devices(&s, add_in_guest));
}
