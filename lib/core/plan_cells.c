/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_cells.c - which guest cell stands for which host node
 *
 * Takes:  numatune, cputune and vcpu of the domain, CPUs and distances of the host.
 * Gives:  the cell of a node; the fate of devices whose node has none.
 * Rule:   memnode; then where the vCPUs are pinned; then, with one cell, where the domain as a whole is bound.  Of
 *         several cells on one node the one that has this node alone goes first, then the lowest id.
 */
#include "core/planner.h"

/* Rule 1: a memnode whose nodeset holds the node. */
static int cell_by_memnode(const struct domain *domain, int node)
{
    int best = -1;
    bool best_alone = false;

    for (size_t i = 0; i < domain->memnodes.count; i++) {
        const struct domain_memnode *m = &domain->memnodes.items[i];
        bool alone = idset_size(&m->nodes) == 1;

        if (!idset_has(&m->nodes, (size_t)node))
            continue;
        for (size_t c = 0; c < domain->cells.count; c++) {
            if (domain->cells.items[c].id != m->cell)
                continue;
            if (best < 0 || alone > best_alone || (alone == best_alone && (int)m->cell < best)) {
                best = (int)m->cell;
                best_alone = alone;
            }
        }
    }
    return best;
}

static const struct domain_pin *pin_of(const struct domain *domain, size_t vcpu)
{
    for (size_t i = 0; i < domain->pins.count; i++) {
        if (domain->pins.items[i].vcpu == vcpu)
            return &domain->pins.items[i];
    }
    return NULL;
}

/* How many of the cell's vCPUs are pinned to the node: each counts where most of its CPUs are. */
static size_t vcpus_on_node(const struct domain *domain, const struct domain_cell *cell,
                            const struct idset *cpus)
{
    size_t n = 0;

    for (size_t v = idset_next(&cell->vcpus, 0); v < IDSET_LIMIT; v = idset_next(&cell->vcpus, v + 1)) {
        const struct domain_pin *pin = pin_of(domain, v);

        if (pin)
            n += idset_common(&pin->cpus, cpus) * 2 > idset_size(&pin->cpus);
    }
    return n;
}

/*
 * Rule 2: the cell with the largest part of its vCPUs pinned to the node's CPUs.  A part, not a number: a small cell that
 * has this node alone goes before a large one that is on others, too.
 */
static int cell_by_pins(const struct domain *domain, const struct idset *cpus)
{
    size_t most = 0, of = 1;
    int best = -1;

    for (size_t c = 0; c < domain->cells.count; c++) {
        const struct domain_cell *cell = &domain->cells.items[c];
        size_t n = vcpus_on_node(domain, cell, cpus), size = idset_size(&cell->vcpus);

        if (n * of > most * size) {
            best = (int)cell->id;
            most = n;
            of = size;
        }
    }
    return best;
}

/* Rule 3: exactly one cell, and the domain's memory or vCPUs are bound inside this node. */
static int cell_by_domain(const struct domain *domain, const struct host_node *node)
{
    const struct idset *nodes = &domain->memory_nodes, *cpus = &domain->vcpu_cpuset;

    if (domain->cells.count != 1)
        return -1;
    if (idset_size(nodes) == 1 && idset_has(nodes, node->id))
        return (int)domain->cells.items[0].id;
    if (!idset_empty(cpus) && idset_common(cpus, &node->cpus) == idset_size(cpus))
        return (int)domain->cells.items[0].id;
    return -1;
}

/* A host without NUMA information is one node 0 whose CPUs are not known. */
static const struct host_node lone_node = {0};

int plan_cell_of_node(const struct planner *p, int node)
{
    size_t at = host_find_node(p->host, node);
    const struct host_node *n = at == HOST_NONE ? &lone_node : &p->host->nodes.items[at];
    int cell;

    if (node < 0 || (at == HOST_NONE && (p->host->nodes.count || node)))
        return -1;
    cell = cell_by_memnode(p->domain, node);
    if (cell < 0)
        cell = cell_by_pins(p->domain, &n->cpus);
    if (cell < 0)
        cell = cell_by_domain(p->domain, n);
    return cell;
}

int plan_nearest_cell(const struct planner *p, int node)
{
    size_t from = host_find_node(p->host, node);
    unsigned least = 0;
    int nearest = -1;

    if (from == HOST_NONE || !p->host->nodes.items[from].distances)
        return -1;
    for (size_t i = 0; i < p->host->nodes.count; i++) {
        unsigned distance = p->host->nodes.items[from].distances[i];
        int cell = plan_cell_of_node(p, (int)p->host->nodes.items[i].id);

        if (cell >= 0 && (nearest < 0 || distance < least || (distance == least && cell < nearest))) {
            nearest = cell;
            least = distance;
        }
    }
    return nearest;
}

static int node_of_device(const struct planner *p, const struct plan_device *device)
{
    const struct host_function *function = &p->host->functions.items[device->function];
    const struct policy_device *wish = plan_policy_of(p, function);

    return wish && wish->node >= -1 ? wish->node : host_node_of(p->host, function);
}

/* Says that a node has no cell, and what is done about it. */
static int tell_unmapped(struct planner *p, const struct plan_device *device, const char *subject)
{
    int nearest = plan_nearest_cell(p, device->node);
    autofree char *near = nearest < 0 ? mem_printf("which cell is nearest cannot be told")
                                      : mem_printf("the nearest is cell %d (policy unmapped_node \"nearest\" takes it)", nearest);

    if (!near)
        return error_nomem(p->reterr);
    if (device->fate == FATE_STAYS)
        return plan_finding(p, FINDING_STAYS_UNMAPPED, subject,
                            "stays where it is (policy unmapped_node \"stay\"): no guest cell stands for its host node %d; %s",
                            device->node, near);
    if (device->cell >= 0)
        return plan_finding(p, FINDING_NODE_NEAREST, subject,
                            "goes to cell %d, the nearest to its host node %d, for which no guest cell stands (policy unmapped_node \"nearest\")",
                            device->cell, device->node);
    if (device->node < 0)
        return plan_finding(p, FINDING_NODE_UNKNOWN, subject,
                            "the host does not say on which node it is, so it goes to an expander without a node; policy \"node\" of this device can say it");
    return plan_finding(p, FINDING_NODE_WITHOUT_CELL, subject,
                        "no guest cell stands for its host node %d, so it goes to an expander without a node; %s",
                        device->node, near);
}

static int map_moved(struct planner *p, struct plan_device *device, const char *subject)
{
    if (device->cell >= 0 || !p->domain->cells.count)
        return 0;
    if (p->policy->unmapped_node == UNMAPPED_NEAREST)
        device->cell = plan_nearest_cell(p, device->node);
    if (p->policy->unmapped_node == UNMAPPED_STAY)
        device->fate = FATE_STAYS;
    return tell_unmapped(p, device, subject);
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

/* A device that somebody placed below an expander, switch or bridge. */
static int tell_placed(struct planner *p, const struct plan_device *device, const char *subject)
{
    const struct address *address = &p->domain->devices.items[device->device].address;
    int cell;

    if (address->kind != ADDRESS_PCI)
        return 0;
    cell = cell_above(p->domain, address->at.bus);
    if (cell == device->cell)
        return plan_finding(p, FINDING_PLACED_ON_PURPOSE, subject,
                            "stays below controller %u, where somebody put it", address->at.bus);
    if (cell < 0)
        return plan_finding(p, FINDING_PLACED_WRONG, subject,
                            "stays below controller %u, where somebody put it, and has no node there: it belongs to cell %d; take its address out and vtopo places it",
                            address->at.bus, device->cell);
    return plan_finding(p, FINDING_PLACED_WRONG, subject,
                        "stays below controller %u, where somebody put it, and so in cell %d: it belongs to %s %d; take its address out and vtopo places it",
                        address->at.bus, cell, device->cell < 0 ? "host node" : "cell",
                        device->cell < 0 ? device->node : device->cell);
}

/* decide_fate() has already told why these stay. */
static bool is_told(const struct planner *p, const struct plan_device *device)
{
    const struct host_function *function = &p->host->functions.items[device->function];
    const struct policy_device *wish = plan_policy_of(p, function);
    const struct address *address = &p->domain->devices.items[device->device].address;

    return (wish && wish->keep > 0) || (address->kind == ADDRESS_PCI && address->at.bus == 0);
}

/* Does something that stays share the guest slot of this device, which is function 0 there? */
static bool heads_slot(const struct planner *p, const struct plan_device *device)
{
    const struct address *head = &p->domain->devices.items[device->device].address;

    if (device->fate != FATE_MOVED || head->kind != ADDRESS_PCI || head->at.function != 0)
        return false;
    for (size_t i = 0; i < p->domain->devices.count; i++) {
        const struct address *other = &p->domain->devices.items[i].address;
        bool moves = false;

        if (i == device->device || other->kind != ADDRESS_PCI || !bdf_same_slot(&other->at, &head->at))
            continue;
        for (size_t n = 0; n < p->plan->devices.count; n++)
            moves = moves || (p->plan->devices.items[n].device == i && p->plan->devices.items[n].fate == FATE_MOVED);
        if (!moves)
            return true;
    }
    return false;
}

/* A guest does not see the functions of a slot without a function 0. */
static int keep_slot_heads(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->plan->devices.count; i++) {
        struct plan_device *device = &p->plan->devices.items[i];
        char text[BDF_TEXT_SIZE];

        if (!heads_slot(p, device))
            continue;
        device->fate = FATE_STAYS;
        r = plan_finding(p, FINDING_SLOT_SHARED, plan_subject(p, device, text),
                         "stays, because it is function 0 of a guest slot in which another device stays, and a slot needs a function 0; give them slots of their own to let it move");
    }
    return r;
}

int plan_cells(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->plan->devices.count; i++) {
        struct plan_device *device = &p->plan->devices.items[i];
        char text[BDF_TEXT_SIZE];
        const char *subject = plan_subject(p, device, text);

        if (device->function == HOST_NONE)
            continue;
        device->node = node_of_device(p, device);
        device->cell = plan_cell_of_node(p, device->node);
        if (device->fate == FATE_MOVED)
            r = map_moved(p, device, subject);
        else if (device->fate == FATE_STAYS && !is_told(p, device))
            r = tell_placed(p, device, subject);
    }
    return r ? r : keep_slot_heads(p);
}
