/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_graph.c - see nccl_graph.h
 *
 * Takes:  a plan.
 * Gives:  NCCL's tree, once as its topology file describes it and once as NCCL itself finds it in
 *         the guest.
 * Rule:   as ncclTopoGetXmlFromSys() of xml.cc reads sysfs. The parent is two steps up the path of
 *         the device, which leaves out downstream and root ports: a device below a root port is on
 *         the CPU. A link is the least of what the two ends say they can do. (For NVIDIA's GPUs
 *         NCCL asks NVML instead since 2.30.7, which tells the real link.)
 * Not here: bandwidths and kinds of paths (nccl_path.c), the text of the file (nccl_file.c).
 */
#include "peer/nccl_graph.h"

#include "model/host_tree.h"
#include "plan/ground/card_list.h"
#include "plan/ground/link_rate.h"
#include "plan/ground/port_link.h"

#include <string.h>

#define INDEXES 256

/* A controller of the plan, or one that the domain has and keeps. */
struct port {
    bool known; /* there is such a controller, and it has a place */
    enum controller_model model;
    unsigned parent; /* index of the one above; 0: none */
    struct bdf guest;
    struct host_link link;
    int cell;    /* EXPANDER */
    size_t node; /* its place in the graph; NCCL_NONE: none yet */
};

struct source {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    const struct domain *domain;
    struct nccl_graph *graph;
    size_t *switches; /* of the host, per function: its place in the graph, or NCCL_NONE */
    struct port ports[INDEXES]; /* of the guest, by index */
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
        *node = (struct nccl_node){.kind = kind,
                                   .parent = parent,
                                   .function = HOST_NONE,
                                   .device = PLAN_NONE,
                                   .merged = NCCL_NONE};
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

size_t nccl_find_device(const struct nccl_graph *graph, size_t device)
{
    return graph->places[device];
}

void nccl_graph_clear(struct nccl_graph *graph)
{
    free(graph->nodes.items);
    free(graph->places);
    *graph = (struct nccl_graph){0};
}

static size_t *make_places(size_t count)
{
    size_t *places = malloc((count + 1) * sizeof(*places));

    for (size_t i = 0; places && i < count; i++)
        places[i] = NCCL_NONE;
    return places;
}

/* A device of the host below the last node of its path. */
static struct nccl_node *add_device(struct source *s, const struct plan_device *device,
                                    size_t parent)
{
    struct nccl_node *node = add_node(s, NCCL_DEVICE, parent);

    if (!node)
        return NULL;
    node->bus_id = device->guest_after;
    node->function = device->function;
    node->device = (size_t)(device - s->plan->devices.items);
    s->graph->places[node->device] = last_node(s);
    return node;
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

static bool start(struct source *s)
{
    *s->graph = (struct nccl_graph){.places = make_places(s->plan->devices.count)};
    return s->graph->places;
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
 * The host's addresses of switches, in PCI domains that the guest cannot have: QEMU's machines have
 * domain 0 only.  Every domain of the host that has one of them gets one, from ffff downwards (four
 * digits are what NCCL expects: checkBDFFormat() of xml.cc).
 */
static void name_switches(const struct source *s)
{
    const struct host_function *functions = s->host->functions.items;
    uint32_t domain = 0xffff;
    size_t last = HOST_NONE;

    for (size_t i = 0; i < s->host->functions.count; i++) {
        struct nccl_node *node;

        if (s->switches[i] == NCCL_NONE)
            continue;
        if (last != HOST_NONE && functions[i].bdf.domain != functions[last].bdf.domain)
            domain--;
        last = i;
        node = &s->graph->nodes.items[s->switches[i]];
        node->bus_id = functions[i].bdf;
        node->bus_id.domain = domain;
    }
}

static bool add_host_switch(struct source *s, size_t function, size_t parent)
{
    struct nccl_node *node = add_node(s, NCCL_SWITCH, parent);

    if (!node)
        return false;
    node->function = function;
    node->link = link_of(s->host, function);
    s->switches[function] = last_node(s);
    return true;
}

static bool add_on_host(struct source *s, const struct plan_device *device)
{
    size_t switches[PLAN_SWITCHES];
    size_t count = host_switches_above(s->host, device->function, switches, PLAN_SWITCHES);
    size_t parent = find_cpu(s, device->cell >= 0 ? device->cell : device->nearest);
    struct nccl_node *node;

    for (size_t i = 0; i < count && i < PLAN_SWITCHES; i++) {
        if (s->switches[switches[i]] == NCCL_NONE && !add_host_switch(s, switches[i], parent))
            return false;
        parent = s->switches[switches[i]];
    }
    node = add_device(s, device, parent);
    if (!node)
        return false;
    node->link = link_of(s->host, device->function);
    return true;
}

bool nccl_graph_of_host(const struct vtopo_plan *plan, struct nccl_graph *ret_graph)
{
    autofree size_t *switches = make_places(plan->extract.host.functions.count);
    struct source s = {.plan = plan,
                       .host = &plan->extract.host,
                       .domain = &plan->extract.domain,
                       .graph = ret_graph,
                       .switches = switches};
    bool done = start(&s) && switches && add_cpus(&s) && add_devices(&s, add_on_host);

    if (done)
        name_switches(&s);
    return finish(&s, done);
}

/* -- the guest --- */

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

/* QEMU's generic switch says 64 GT/s x32 (hw/pci-bridge/gen_pcie_upstream_port.c). */
struct host_link nccl_own_port(const struct domain_controller *own)
{
    struct host_link stock =
        own->generic ? (struct host_link){640, 32} : nccl_stock_port(own->model);

    return (struct host_link){own->speed ? own->speed : stock.speed,
                              own->width ? own->width : stock.width};
}

/* One that the domain has and keeps.  Where it is in the guest does not matter, if only its address
 * is nobody else's. */
static struct port own_port(const struct domain_controller *own)
{
    return (struct port){
        .known = !own->marked && (own->address.kind == ADDRESS_PCI || own->model == CTRL_PCIE_ROOT),
        .model = own->model,
        .parent = own->address.at.bus,
        .guest = {0x8000, (uint8_t)own->index, 0, 0},
        .link = nccl_own_port(own),
        .cell = own->node,
        .node = NCCL_NONE,
    };
}

/* Of a conventional expander the bridge that QEMU puts into it counts: all devices are behind it.
 */
static struct port plan_port(const struct plan_controller *c, struct host_link link)
{
    bool conventional = c->model == CTRL_PCI_EXPANDER;

    return (struct port){
        .known = true,
        .model = c->model,
        .parent = c->parent_index,
        .guest = conventional ? (struct bdf){0, (uint8_t)c->bus_nr, 0, 0} : c->guest,
        .link = link,
        .cell = c->cell,
        .node = NCCL_NONE,
    };
}

/* Of several with one index the first counts, and the plan's before the domain's: so backwards.
 * @links: what the plan's ports say; NULL: the plan's word (links.c), or QEMU's own. */
static void collect_ports(struct source *s, const struct host_link *links)
{
    for (size_t i = s->domain->controllers.count; i-- > 0;) {
        const struct domain_controller *own = &s->domain->controllers.items[i];

        if (own->index < INDEXES)
            s->ports[own->index] = own_port(own);
    }
    for (size_t i = s->plan->controllers.count; i-- > 0;) {
        const struct plan_controller *c = &s->plan->controllers.items[i];
        struct host_link link = c->link.speed ? c->link : nccl_stock_port(c->model);

        if (c->index < INDEXES)
            s->ports[c->index] = plan_port(c, links ? links[i] : link);
    }
}

/* What is between the device and the root bus, from the device upwards, as indexes; how many. */
static size_t find_ports(const struct source *s, const struct plan_device *device,
                         uint8_t path[INDEXES], int *ret_cell)
{
    size_t count = 0;
    unsigned index = device->after.at.bus;

    *ret_cell = -1;
    while (index && index < INDEXES && count < INDEXES && s->ports[index].known) {
        const struct port *port = &s->ports[index];

        if (port->model == CTRL_PCI_EXPANDER)
            path[count++] = (uint8_t)index; /* for the bridge in it */
        if (model_is_expander(port->model)) {
            *ret_cell = port->cell;
            break;
        }
        path[count++] = (uint8_t)index;
        index = port->parent;
    }
    return count;
}

static struct host_link guest_device_link(const struct source *s, const struct plan_device *device)
{
    return device->shows_link ? port_link_of_device(s->host, device) : (struct host_link){0, 0};
}

/* The switch at @at of the path, or the CPU above all of them. */
static size_t add_switch(struct source *s, const uint8_t *path, size_t count, size_t at, size_t cpu)
{
    struct port *port = at < count ? &s->ports[path[at]] : NULL;
    struct nccl_node *node;
    size_t parent;

    if (!port)
        return cpu;
    if (port->node != NCCL_NONE)
        return port->node;
    parent = add_switch(s, path, count, at + 2, cpu);
    node = parent == NCCL_NONE ? NULL : add_node(s, NCCL_SWITCH, parent);
    if (!node)
        return NCCL_NONE;
    node->bus_id = port->guest;
    node->link = port->link;
    if (at + 1 < count)
        node->link = link_read(node->link, s->ports[path[at + 1]].link);
    port->node = last_node(s);
    return port->node;
}

static bool add_in_guest(struct source *s, const struct plan_device *device)
{
    uint8_t path[INDEXES];
    struct nccl_node *node;
    size_t count, parent;
    int cell;

    count = find_ports(s, device, path, &cell);
    parent = add_switch(s, path, count, 1, find_cpu(s, cell));
    node = parent == NCCL_NONE ? NULL : add_device(s, device, parent);
    if (!node)
        return false;
    node->link = guest_device_link(s, device);
    if (count)
        node->link = link_read(node->link, s->ports[path[0]].link);
    return true;
}

bool nccl_graph_of_guest(const struct vtopo_plan *plan, const struct host_link *ports,
                         struct nccl_graph *ret_graph)
{
    struct source s = {.plan = plan,
                       .host = &plan->extract.host,
                       .domain = &plan->extract.domain,
                       .graph = ret_graph};

    collect_ports(&s, ports);
    return finish(&s,
                  start(&s) && add_cpus(&s) && add_cpu(&s, -1) && add_devices(&s, add_in_guest));
}
