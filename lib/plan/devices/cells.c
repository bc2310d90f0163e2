/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cells.c - which guest cell stands for which host node
 *
 * Takes:  numatune, cputune and vcpu of the domain, CPUs and distances of the host.
 * Gives:  the cell of a node; the fate of devices whose node has none.
 * Rule:   memnode; then where the vCPUs are pinned; then, with one cell, where the domain as a
 * whole is bound.  Of several cells on one node the one that has this node alone goes first, then
 * the lowest id.
 */
#include "plan/ground/planner.h"

#include <stdio.h>

/* The cell of a node, -1: none; and how many cells it was the lowest of. */
struct choice {
    int cell;
    size_t equals;
};

static const struct choice no_cell = {-1, 0};

/* Rule 1: a memnode whose nodeset holds the node. */
static struct choice cell_by_memnode(const struct domain *domain, unsigned node)
{
    struct choice best = no_cell;
    bool best_alone = false;

    for (size_t i = 0; i < domain->memnodes.count; i++) {
        const struct domain_memnode *m = &domain->memnodes.items[i];
        bool alone = idset_size(&m->nodes) == 1;

        if (!idset_has(&m->nodes, node) || m->cell >= domain->cells.count) /* ids are 0 to n - 1 */
            continue;
        if (best.cell < 0 || alone > best_alone) {
            best = (struct choice){(int)m->cell, 1};
            best_alone = alone;
        } else if (alone == best_alone) {
            best.cell = (int)m->cell < best.cell ? (int)m->cell : best.cell;
            best.equals++;
        }
    }
    return best;
}

/* The <vcpupin> of every vCPU, NULL: none. */
struct pins {
    const struct domain_pin *of[IDSET_LIMIT];
};

static struct pins *collect_pins(const struct domain *domain)
{
    struct pins *pins = calloc(1, sizeof(*pins));

    for (size_t i = 0; pins && i < domain->pins.count; i++) {
        const struct domain_pin *pin = &domain->pins.items[i];

        if (pin->vcpu < IDSET_LIMIT && !idset_empty(&pin->cpus))
            pins->of[pin->vcpu] = pin;
    }
    return pins;
}

/* How much of a cell is on a node. */
struct weight {
    bool alone;   /* all its pinned vCPUs are there, and nowhere else */
    uint64_t sum; /* WHOLE for each vCPU that is there; one with a part of its CPUs there counts
                     that part */
};
#define WHOLE (UINT64_C(1) << 24)

/* @cpus NULL: all CPUs of the host. */
static struct weight weigh(const struct domain_cell *cell, const struct pins *pins,
                           const struct idset *cpus)
{
    struct weight weight = {.alone = true};

    for (size_t v = idset_next(&cell->vcpus, 0); v < IDSET_LIMIT;
         v = idset_next(&cell->vcpus, v + 1)) {
        const struct domain_pin *pin = pins->of[v];
        size_t here, all;

        if (!pin)
            continue;
        all = idset_size(&pin->cpus);
        here = cpus ? idset_common(&pin->cpus, cpus) : all;
        weight.alone = weight.alone && here == all;
        weight.sum += here * WHOLE / all;
    }
    return weight;
}

/*
 * Rule 2: the cell with the most vCPUs pinned to the node's CPUs; but a small cell that has this
 * node alone goes before a large one that is on others, too.
 */
static struct choice cell_by_pins(const struct domain *domain, const struct pins *pins,
                                  const struct idset *cpus)
{
    struct weight best = {0};
    struct choice choice = no_cell;

    for (size_t c = 0; c < domain->cells.count; c++) {
        struct weight w = weigh(&domain->cells.items[c], pins, cpus);

        if (!w.sum)
            continue;
        if (w.alone > best.alone || (w.alone == best.alone && w.sum > best.sum)) {
            choice = (struct choice){(int)domain->cells.items[c].id, 1};
            best = w;
        } else if (w.alone == best.alone && w.sum == best.sum) {
            choice.equals++;
        }
    }
    return choice;
}

/* Rule 3: exactly one cell, and the domain's memory or vCPUs are bound inside this node. */
static struct choice cell_by_domain(const struct domain *domain, unsigned node,
                                    const struct idset *cpus)
{
    const struct idset *nodes = &domain->memory_nodes, *bound = &domain->vcpu_cpuset;
    struct choice only;

    if (domain->cells.count != 1)
        return no_cell;
    only = (struct choice){(int)domain->cells.items[0].id, 1};
    if (idset_size(nodes) == 1 && idset_has(nodes, node))
        return only;
    if (!idset_empty(bound) && (!cpus || idset_common(bound, cpus) == idset_size(bound)))
        return only;
    return no_cell;
}

static struct choice choose_cell(const struct domain *domain, const struct pins *pins,
                                 unsigned node, const struct idset *cpus)
{
    struct choice choice = cell_by_memnode(domain, node);

    if (choice.cell < 0)
        choice = cell_by_pins(domain, pins, cpus);
    return choice.cell < 0 ? cell_by_domain(domain, node, cpus) : choice;
}

/* The cell of every host node, in the order of host.nodes. */
struct map {
    struct choice *cells;
    struct choice
        lone; /* a host without NUMA information: the cell of node 0, which has all CPUs */
};

static int make_map(struct planner *p, struct map *ret_map)
{
    autofree struct pins *pins = collect_pins(p->facts.base);
    autofree struct choice *cells = calloc(p->facts.host->nodes.count + 1, sizeof(*cells));

    if (!pins || !cells)
        return error_nomem(p->reterr);
    for (size_t i = 0; i < p->facts.host->nodes.count; i++) {
        const struct host_node *node = &p->facts.host->nodes.items[i];

        cells[i] = choose_cell(p->facts.base, pins, node->id, &node->cpus);
    }
    ret_map->lone =
        p->facts.host->nodes.count ? no_cell : choose_cell(p->facts.base, pins, 0, NULL);
    ret_map->cells = steal(cells);
    return 0;
}

static struct choice cell_of_node(const struct planner *p, const struct map *map, int node)
{
    size_t at = host_find_node(p->facts.host, node);

    if (at != HOST_NONE)
        return map->cells[at];
    return node == 0 ? map->lone : no_cell;
}

/* The cell whose node is nearest by the host's distances, -1: cannot be told. */
static int nearest_cell(const struct planner *p, const struct map *map, int node)
{
    size_t from = host_find_node(p->facts.host, node);
    unsigned least = 0;
    int nearest = -1;

    if (from == HOST_NONE || !p->facts.host->nodes.items[from].distances)
        return -1;
    for (size_t i = 0; i < p->facts.host->nodes.count; i++) {
        unsigned distance = p->facts.host->nodes.items[from].distances[i];
        int cell = map->cells[i].cell;

        if (cell >= 0 &&
            (nearest < 0 || distance < least || (distance == least && cell < nearest))) {
            nearest = cell;
            least = distance;
        }
    }
    return nearest;
}

int plan_node_of(const struct planner *p, const struct plan_device *device)
{
    const struct host_function *function = &p->facts.host->functions.items[device->function];
    int wish = plan_policy_of(p, function).node;

    return wish >= -1 ? wish : host_node_of(p->facts.host, function);
}

/* Says that a node has no cell, and what is done about it. */
static int tell_unmapped(struct planner *p, const struct plan_device *device, const char *subject,
                         int nearest)
{
    char near[128] = "<numatune><memnode> or <cputune><vcpupin> ties a cell to a node";
    bool told = plan_policy_of(p, &p->facts.host->functions.items[device->function]).node == -1;
    const char *why = told ? "the policy says that it is on no node"
                           : "the host does not say on which node it is";
    const char *another = told ? "another" : "it";

    if (nearest >= 0)
        snprintf(near, sizeof(near),
                 "the nearest is cell %d (policy unmapped_node \"nearest\" takes it)", nearest);
    if (device->node < 0 && device->fate == FATE_MOVED)
        return plan_finding(
            p, FINDING_NODE_UNKNOWN, subject,
            "%s, so it goes to an expander without a node; policy \"node\" of this device can say %s",
            why, another);
    if (device->node < 0)
        return plan_finding(
            p, FINDING_STAYS_UNMAPPED, subject,
            "stays where it is (policy unmapped_node \"stay\"): %s; policy \"node\" of this device can say %s",
            why, another);
    if (host_find_node(p->facts.host, device->node) == HOST_NONE)
        return plan_finding(
            p, FINDING_NODE_WITHOUT_CELL, subject,
            "the policy says that it is on node %d, which this host does not have, so %s",
            device->node,
            device->fate == FATE_STAYS ? "it stays where it is"
                                       : "it goes to an expander without a node");
    if (device->fate == FATE_STAYS)
        return plan_finding(
            p, FINDING_STAYS_UNMAPPED, subject,
            "stays where it is (policy unmapped_node \"stay\"): no guest cell stands for its host node %d; %s",
            device->node, near);
    if (device->cell >= 0)
        return plan_finding(
            p, FINDING_NODE_NEAREST, subject,
            "goes to cell %d, the nearest to its host node %d, for which no guest cell stands (policy unmapped_node \"nearest\")",
            device->cell, device->node);
    return plan_finding(
        p, FINDING_NODE_WITHOUT_CELL, subject,
        "no guest cell stands for its host node %d, so it goes to an expander without a node; %s",
        device->node, near);
}

static int map_moved(struct planner *p, struct plan_device *device, const char *subject)
{
    if (device->cell >= 0 || !p->facts.base->cells.count)
        return 0;
    if (p->facts.policy->unmapped_node == UNMAPPED_NEAREST)
        device->cell = device->nearest;
    if (p->facts.policy->unmapped_node == UNMAPPED_STAY) {
        device->fate = FATE_STAYS;
        device->reason = STAY_OTHER;
    }
    return tell_unmapped(p, device, subject, device->nearest);
}

/* The cell of the expander above a bus; -1: none, or no expander. */
static int cell_above(const struct domain *domain, unsigned bus)
{
    /* 256 controllers at most, so a path that is longer is a loop. */
    for (unsigned steps = 0; bus != 0 && steps < 256; steps++) {
        const struct domain_controller *c = domain_controller_at(domain, bus);

        if (!c || c->address.kind != ADDRESS_PCI)
            return -1;
        if (c->model == CTRL_EXPANDER)
            return c->node;
        bus = c->address.at.bus;
    }
    return -1;
}

/* What is wrong with the place of a device that stays: "" if nothing is. */
static char *say_wrong_cell(const struct plan_device *device, int cell)
{
    if (cell == device->cell)
        return mem_printf("%s", "");
    if (cell < 0)
        return mem_printf(", and so has no node in the guest: it belongs to cell %d", device->cell);
    if (device->cell < 0)
        return mem_printf(", and so is in cell %d, which does not stand for its host node %d", cell,
                          device->node);
    return mem_printf(", and so is in cell %d: it belongs to cell %d", cell, device->cell);
}

static int tell_placed(struct planner *p, const struct plan_device *device, const char *subject,
                       bool right, const char *wrong)
{
    const struct address *address = &p->facts.base->devices.items[device->device].address;

    if (address->kind == ADDRESS_OTHER)
        return plan_finding(p, FINDING_PLACED_ON_PURPOSE, subject,
                            "stays where it is: its address is not of type pci");
    return plan_finding(p, right ? FINDING_PLACED_ON_PURPOSE : FINDING_PLACED_WRONG, subject,
                        "stays below controller %u, where somebody put it%s%s", address->at.bus,
                        wrong, right ? "" : "; take its address out and vtopo places it");
}

/* A device that is not moved because of what it is or where it is. */
static int tell_staying(struct planner *p, const struct plan_device *device, const char *subject)
{
    const struct address *address = &p->facts.base->devices.items[device->device].address;
    int cell = address->kind == ADDRESS_PCI ? cell_above(p->facts.base, address->at.bus) : -1;
    autofree char *wrong = say_wrong_cell(device, cell);

    if (!wrong)
        return error_nomem(p->reterr);
    switch (device->reason) {
    case STAY_PLACED:
        return tell_placed(p, device, subject, cell == device->cell, wrong);
    case STAY_KEPT:
        return plan_finding(p, FINDING_KEPT, subject, "stays %s, because the policy says keep%s",
                            address->kind == ADDRESS_NONE ? "where libvirt puts it" : "where it is",
                            wrong);
    case STAY_GRAPHICS:
        return plan_finding(p, FINDING_INTEGRATED_GRAPHICS, subject,
                            "integrated graphics at 00:02.0 of the guest stay there%s", wrong);
    case STAY_OTHER:
        break;
    }
    return 0;
}

static int map_device(struct planner *p, const struct map *map, struct plan_device *device)
{
    char text[BDF_TEXT_SIZE];
    const char *subject = plan_subject(p, device, text);

    device->node = plan_node_of(p, device);
    device->cell = cell_of_node(p, map, device->node).cell;
    device->nearest = device->cell < 0 ? nearest_cell(p, map, device->node) : device->cell;
    if (device->fate == FATE_MOVED)
        return map_moved(p, device, subject);
    return device->fate == FATE_STAYS ? tell_staying(p, device, subject) : 0;
}

/* Has a device of this node moved to the cell that stands for it? */
static bool any_moved_from(const struct vtopo_plan *plan, int node)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];

        if (d->function != HOST_NONE && d->fate == FATE_MOVED && d->node == node)
            return true;
    }
    return false;
}

/* What the domain does not say is decided here, and that is said. */
static int tell_equal(struct planner *p, int node, const struct choice *choice)
{
    char subject[32];

    if (choice->equals < 2 || !any_moved_from(p->plan, node))
        return 0;
    snprintf(subject, sizeof(subject), "cell %d", choice->cell);
    return plan_finding(
        p, FINDING_CELLS_EQUAL, subject,
        "gets the devices of host node %d, because it is the lowest of %zu cells that are bound to this node alike; a <numatune><memnode> with this node alone makes another one go first",
        node, choice->equals);
}

static int tell_all_equal(struct planner *p, const struct map *map)
{
    int r = p->facts.host->nodes.count ? 0 : tell_equal(p, 0, &map->lone);

    for (size_t i = 0; !r && i < p->facts.host->nodes.count; i++)
        r = tell_equal(p, (int)p->facts.host->nodes.items[i].id, &map->cells[i]);
    return r;
}

int plan_cells(struct planner *p)
{
    struct map map = {0};
    int r = make_map(p, &map);

    for (size_t i = 0; !r && i < p->plan->devices.count; i++) {
        if (p->plan->devices.items[i].function != HOST_NONE)
            r = map_device(p, &map, &p->plan->devices.items[i]);
    }
    if (!r)
        r = tell_all_equal(p, &map);
    free(map.cells);
    return r;
}
