/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cells.c - which guest cell stands for which host node
 *
 * Takes:  numatune, cputune and vcpu of the domain, CPUs and distances of the host.
 * Gives:  the node and the cell of each assignment; findings about those that stay, those whose
 *         node has no cell, and cells with equal claims.
 * Rule:   memnode; then where the vCPUs are pinned; then, with one cell, where the domain as a
 *         whole is bound. Of several cells on one node the one that has this node alone goes first,
 *         then the lowest id.
 */
#include "plan/devices/devices.h"

#include "base/buffer.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

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
struct cell_map {
    struct choice *cells;
    struct choice
        lone; /* a host without NUMA information: the cell of node 0, which has all CPUs */
};

void cell_map_free(struct cell_map *map)
{
    if (map)
        free(map->cells);
    free(map);
}

/* NULL: out of memory. */
static struct cell_map *make_map(const struct facts *facts)
{
    size_t nodes = facts->host->nodes.count;
    autofree struct pins *pins = collect_pins(facts->base);
    struct cell_map *map = calloc(1, sizeof(*map));

    if (map)
        map->cells = calloc(nodes + 1, sizeof(*map->cells));
    if (!pins || !map || !map->cells) {
        cell_map_free(map);
        return NULL;
    }
    for (size_t i = 0; i < nodes; i++) {
        const struct host_node *node = &facts->host->nodes.items[i];

        map->cells[i] = choose_cell(facts->base, pins, node->id, &node->cpus);
    }
    map->lone = nodes ? no_cell : choose_cell(facts->base, pins, 0, NULL);
    return map;
}

static struct choice cell_of_node(const struct vtopo_host *host, const struct cell_map *map,
                                  int node)
{
    size_t at = host_find_node(host, node);

    if (at != HOST_NONE)
        return map->cells[at];
    return node == 0 ? map->lone : no_cell;
}

bool cell_map_is_empty(const struct cell_map *map, const struct vtopo_host *host)
{
    for (size_t i = 0; i < host->nodes.count; i++) {
        if (map->cells[i].cell >= 0)
            return false;
    }
    return map->lone.cell < 0;
}

bool cell_of_host_node(const struct facts *facts, int node, int *ret_cell)
{
    struct cell_map *map = make_map(facts);

    if (map)
        *ret_cell = cell_of_node(facts->host, map, node).cell;
    cell_map_free(map);
    return map;
}

bool cells_are_tied(const struct facts *facts, bool *ret_tied)
{
    struct cell_map *map = make_map(facts);

    if (map)
        *ret_tied = !cell_map_is_empty(map, facts->host);
    cell_map_free(map);
    return map;
}

/* The cell whose node is nearest by the host's distances, -1: cannot be told. */
static int nearest_cell(const struct vtopo_host *host, const struct cell_map *map, int node)
{
    size_t from = host_find_node(host, node);
    unsigned least = 0;
    int nearest = -1;

    if (from == HOST_NONE || !host->nodes.items[from].distances)
        return -1;
    for (size_t i = 0; i < host->nodes.count; i++) {
        unsigned distance = host->nodes.items[from].distances[i];
        int cell = map->cells[i].cell;

        if (cell >= 0 &&
            (nearest < 0 || distance < least || (distance == least && cell < nearest))) {
            nearest = cell;
            least = distance;
        }
    }
    return nearest;
}

/* A device for findings: with all that is known of it. */
struct subject {
    const struct assignment *assignment;
    struct fate fate;
    struct device_cell at;
    const char *name;
    const char *tie; /* which element would give its node a cell; "": none is lacking */
};

/* A node has no cell, and what is done about it. */
static int report_unmapped(const struct facts *facts, const struct subject *device,
                           struct reporter *reporter)
{
    char near[128] = "<numatune><memnode> or <cputune><vcpupin> ties a cell to a node";
    bool by_policy = device->assignment->policy.node == -1;
    int nearest = device->at.nearest;
    const char *why = by_policy ? "the policy says that it is on no node"
                                : "the host does not say on which node it is";
    const char *another = by_policy ? "another" : "it";

    if (nearest >= 0)
        snprintf(near, sizeof(near),
                 "the nearest is cell %d (policy unmapped_node \"nearest\" takes it)", nearest);
    if (device->at.node < 0 && device->fate.fate == FATE_MOVED)
        return report_finding(
            reporter, FINDING_NODE_UNKNOWN, device->name,
            "goes to an expander without a NUMA node, because %s; policy \"node\" of this device can say %s",
            why, another);
    if (device->at.node < 0)
        return report_finding(
            reporter, FINDING_STAYS_UNMAPPED, device->name,
            "stays where it is (policy unmapped_node \"stay\"): %s; policy \"node\" of this device can say %s",
            why, another);
    /* A device of a host without nodes is on node 0, whoever asks. */
    if (host_find_node(facts->host, device->at.node) == HOST_NONE &&
        device->assignment->policy.node == device->at.node)
        return report_finding(
            reporter, FINDING_NODE_WITHOUT_CELL, device->name,
            "%s, because the policy says that it is on node %d, which this host does not have",
            device->fate.fate == FATE_STAYS ? "stays where it is"
                                            : "goes to an expander without a NUMA node",
            device->at.node);
    if (device->fate.fate == FATE_STAYS)
        return report_finding(
            reporter, FINDING_STAYS_UNMAPPED, device->name,
            "stays where it is (policy unmapped_node \"stay\"): no guest cell stands for its host node %d; %s%s",
            device->at.node, near, device->tie);
    if (device->at.cell >= 0)
        return report_finding(
            reporter, FINDING_NODE_NEAREST, device->name,
            "goes to cell %d, the nearest to its host node %d, for which no guest cell stands (policy unmapped_node \"nearest\")%s",
            device->at.cell, device->at.node, device->tie);
    return report_finding(
        reporter, FINDING_NODE_WITHOUT_CELL, device->name,
        "goes to an expander without a NUMA node, because no guest cell stands for its host node %d; %s%s",
        device->at.node, near, device->tie);
}

/* The cell of the expander above a bus; -1: none, or no expander.  One without an address gets one
 * on pcie.0 from libvirt. */
static int cell_above(const struct guest_tree *tree, unsigned bus)
{
    const struct guest_controller *expander = &tree->at[tree->at[bus].expander];

    return tree->at[bus].expander ? expander->own->node : -1;
}

/* What is wrong with the place of a device that stays: "" if nothing is. */
static char *text_of_wrong_cell(const struct device_cell *at, int cell)
{
    if (cell == at->cell)
        return mem_printf("%s", "");
    if (cell < 0)
        return mem_printf(", and so has no node in the guest: it belongs to cell %d", at->cell);
    if (at->cell < 0)
        return mem_printf(", and so is in cell %d, which does not stand for its host node %d", cell,
                          at->node);
    return mem_printf(", and so is in cell %d: it belongs to cell %d", cell, at->cell);
}

/* What is said once of all that stays where somebody put it. */
struct placed {
    bool adoptable[DOMAIN_INDEXES]; /* expanders that could be taken over */
    bool named[DOMAIN_INDEXES];     /* of these, those with a device that stays */
    struct buffer names;            /* of the devices whose place is right */
};

/* Notes whether the expander above could be taken over. */
static bool note_expander(const struct facts *facts, unsigned bus, struct placed *placed)
{
    unsigned expander = facts->tree->at[bus].expander;

    if (!placed->adoptable[expander])
        return false;
    placed->named[expander] = true;
    return true;
}

/* Those below several controllers are one finding, which names each one's. */
static int report_wrong_cell(const struct subject *device, unsigned bus, const char *wrong,
                             bool adoptable, struct reporter *reporter)
{
    autofree char *controller = mem_printf("controller %u", bus);
    autofree char *why = mem_printf(
        ", where somebody put it%s; take its <address> out of the domain, and vtopo places it%s",
        wrong, adoptable ? ", or use --adopt" : "");

    if (!controller || !why ||
        !finding_add_detail(reporter->findings, FINDING_PLACED_WRONG, device->name, "stays below ",
                            controller, why))
        return error_nomem(reporter->reterr);
    return 0;
}

static int report_placed(const struct facts *facts, const struct subject *device,
                         const struct address *address, const char *wrong, struct placed *placed,
                         struct reporter *reporter)
{
    bool adoptable;

    if (address->kind == ADDRESS_OTHER)
        return report_finding(reporter, FINDING_PLACED_ON_PURPOSE, device->name,
                              "stays where it is: its address is not of type pci");
    adoptable = note_expander(facts, address->at.bus, placed);
    if (*wrong)
        return report_wrong_cell(device, address->at.bus, wrong, adoptable, reporter);
    buffer_printf(&placed->names, "%s%s (below controller %u)", placed->names.length ? ", " : "",
                  device->name, address->at.bus);
    return placed->names.failed ? error_nomem(reporter->reterr) : 0;
}

/* The expanders that --adopt would take over. */
static int report_all_placed(struct placed *placed, struct reporter *reporter)
{
    autobuffer struct buffer expanders = {0};

    for (unsigned i = 0; i < DOMAIN_INDEXES; i++) {
        if (placed->named[i])
            buffer_printf(&expanders, "%s%u", expanders.length ? ", " : "controller ", i);
    }
    if (expanders.failed)
        return error_nomem(reporter->reterr);
    if (!placed->names.length)
        return 0;
    return report_finding(
        reporter, FINDING_PLACED_ON_PURPOSE, "domain", "these stay where somebody put them: %s%s%s",
        placed->names.text,
        expanders.length
            ? "; --adopt (or policy adopt) takes over expanders with only assigned devices below them, and rebuilds them as the host is: "
            : "",
        expanders.length ? expanders.text : "");
}

/* A device that is not moved because of what it is or where it is. */
static int report_staying(const struct facts *facts, const struct subject *device,
                          struct placed *placed, struct reporter *reporter)
{
    const struct address *address = &facts->base->devices.items[device->assignment->device].address;
    int cell = address->kind == ADDRESS_PCI ? cell_above(facts->tree, address->at.bus) : -1;
    autofree char *wrong = text_of_wrong_cell(&device->at, cell);

    if (!wrong)
        return error_nomem(reporter->reterr);
    switch (device->fate.reason) {
    case STAY_PLACED:
        if (facts->base->devices.items[device->assignment->device].placed_by_qemu)
            return report_finding(
                reporter, FINDING_PLACED_WRONG, device->name,
                "stays where it is: a property for QEMU (addr or bus, in <qemu:commandline> or "
                "<qemu:override>) gives it a place of its own, which vtopo does not follow; without "
                "the property vtopo places it");
        return report_placed(facts, device, address, wrong, placed, reporter);
    case STAY_KEPT:
        return report_finding(
            reporter, FINDING_STAYS_BY_POLICY, device->name,
            "stays %s, because the policy says keep%s",
            address->kind == ADDRESS_NONE ? "where libvirt puts it" : "where it is", wrong);
    case STAY_GRAPHICS:
        return report_finding(reporter, FINDING_INTEGRATED_GRAPHICS, device->name,
                              "integrated graphics at 00:02.0 of the guest stay there%s", wrong);
    case STAY_HOST_ADDRESS:
        return report_finding(
            reporter, FINDING_HOST_ADDRESS, device->name,
            "stays where it is: its guest address is that of the host, and the domain gives the guest an ACPI table of its own that may name it%s; at another address in the domain vtopo places it",
            wrong);
    case STAY_OTHER:
        break;
    }
    return 0;
}

static int report_device(const struct facts *facts, const struct subject *device,
                         struct placed *placed, struct reporter *reporter)
{
    bool unmapped = !device->at.mapped && facts->base->cells.count;

    if (unmapped && (device->fate.fate == FATE_MOVED ||
                     (device->fate.fate == FATE_STAYS && device->fate.reason == STAY_OTHER)))
        return report_unmapped(facts, device, reporter);
    return device->fate.fate == FATE_STAYS ? report_staying(facts, device, placed, reporter) : 0;
}

/* One that stays is not taken to a cell near by. */
static bool takes_nearest(const struct facts *facts, enum device_fate fate)
{
    return facts->policy->unmapped_node == UNMAPPED_NEAREST && fate == FATE_MOVED &&
           facts->base->cells.count;
}

int cells_find(const struct facts *facts, const struct assignments *assigned,
               const struct fates *fates, struct device_cell **ret_cells, struct cell_map **ret_map,
               struct vtopo_error **reterr)
{
    struct cell_map *map = make_map(facts);
    struct device_cell *cells = calloc(assigned->count + 1, sizeof(*cells));

    if (!map || !cells) {
        cell_map_free(map);
        free(cells);
        return error_nomem(reterr);
    }
    for (size_t i = 0; i < assigned->count; i++) {
        struct device_cell *c = &cells[i];

        if (assigned->items[i].function == HOST_NONE)
            continue;
        c->node = assignment_node(facts, &assigned->items[i]);
        c->cell = cell_of_node(facts->host, map, c->node).cell;
        c->mapped = c->cell >= 0;
        c->nearest = c->mapped ? c->cell : nearest_cell(facts->host, map, c->node);
        if (!c->mapped && takes_nearest(facts, fates->items[i].fate))
            c->cell = c->nearest;
    }
    *ret_cells = cells;
    *ret_map = map;
    return 0;
}

int cells_find_unmapped(const struct facts *facts, const struct policy_index *index, bool *stays,
                        struct vtopo_error **reterr)
{
    struct cell_map *map;

    if (facts->policy->unmapped_node != UNMAPPED_STAY || !facts->base->cells.count)
        return 0;
    map = make_map(facts);
    for (size_t i = 0; map && i < facts->base->devices.count; i++) {
        size_t at =
            stays[i] ? HOST_NONE : host_function_of(facts->host, &facts->base->devices.items[i]);
        const struct host_function *function;
        int node;

        if (at == HOST_NONE)
            continue;
        function = &facts->host->functions.items[at];
        node = policy_of(index, &facts->base->devices.items[i], function).node;
        if (node < -1)
            node = host_node_of(facts->host, function);
        stays[i] = cell_of_node(facts->host, map, node).cell < 0;
    }
    cell_map_free(map);
    return map ? 0 : error_nomem(reterr);
}

/* --- cells with equal claims --- */

/* Has a device of this node moved to the cell that stands for it? */
static bool any_moved_from(const struct assignments *assigned, const struct fates *fates,
                           const struct device_cell *cells, int node)
{
    for (size_t i = 0; i < assigned->count; i++) {
        if (assigned->items[i].function != HOST_NONE && fates->items[i].fate == FATE_MOVED &&
            cells[i].node == node)
            return true;
    }
    return false;
}

/* What the domain does not say is decided here, and that is said. */
static int report_equal(int node, const struct choice *choice, struct reporter *reporter)
{
    char subject[32];

    snprintf(subject, sizeof(subject), "cell %d", choice->cell);
    return report_finding(
        reporter, FINDING_CELLS_EQUAL, subject,
        "gets the devices of host node %d, because it is the lowest of %zu cells that are bound to this node alike; a <numatune><memnode> with this node alone makes another one go first",
        node, choice->equals);
}

static int report_all_equal(const struct facts *facts, const struct assignments *assigned,
                            const struct fates *fates, const struct device_cell *cells,
                            const struct cell_map *map, struct reporter *reporter)
{
    size_t nodes = facts->host->nodes.count;
    int r = 0;

    for (size_t i = 0; !r && i < (nodes ? nodes : 1); i++) {
        const struct choice *choice = nodes ? &map->cells[i] : &map->lone;
        int node = nodes ? (int)facts->host->nodes.items[i].id : 0;

        if (choice->equals >= 2 && any_moved_from(assigned, fates, cells, node))
            r = report_equal(node, choice, reporter);
    }
    return r;
}

/* What adoption would leave where it is. */
static int find_adoptable(const struct facts *facts, const struct assignments *assigned,
                          const struct device_cell *cells, struct placed *placed,
                          struct vtopo_error **reterr)
{
    size_t count = facts->base->devices.count;
    autofree bool *stays = NULL;

    if (facts->policy->adopt) /* where it was asked for, something else is in the way */
        return 0;
    stays = malloc((count + 1) * sizeof(*stays));
    if (!stays)
        return error_nomem(reterr);
    memset(stays, true, count * sizeof(*stays));
    for (size_t i = 0; i < assigned->count; i++) {
        const struct assignment *a = &assigned->items[i];
        bool unmapped = facts->policy->unmapped_node == UNMAPPED_STAY && cells[i].cell < 0;

        stays[a->device] = a->function == HOST_NONE || a->policy.keep > 0 || unmapped ||
                           facts->base->devices.items[a->device].placed_by_qemu;
    }
    return adoptable_expanders_find(facts->base, stays, placed->adoptable, reterr);
}

/* The lowest node above this one that has devices and no cell; INT_MAX: there is none. */
static int next_unmapped(const struct assignments *assigned, const struct device_cell *cells,
                         int above)
{
    int next = INT_MAX;

    for (size_t i = 0; i < assigned->count; i++) {
        if (assigned->items[i].function != HOST_NONE && !cells[i].mapped && cells[i].node > above &&
            cells[i].node < next)
            next = cells[i].node;
    }
    return next;
}

/* Where some cells are tied, and none to the node of this device.  NULL: out of memory. */
static char *words_of_tie(const struct facts *facts, const struct assignments *assigned,
                          const struct device_cell *cells, const struct cell_map *map, size_t at)
{
    size_t rank = 0;

    if (cells[at].mapped || cells[at].node < 0 || cell_map_is_empty(map, facts->host))
        return strdup("");
    for (int node = -1; (node = next_unmapped(assigned, cells, node)) < cells[at].node;)
        rank++;
    return missing_tie_words(facts, cells[at].node, rank);
}

int cells_report(const struct facts *facts, const struct assignments *assigned,
                 const struct fates *fates, const struct device_cell *cells,
                 const struct cell_map *map, struct reporter *reporter)
{
    struct placed placed = {0};
    int r = find_adoptable(facts, assigned, cells, &placed, reporter->reterr);

    for (size_t i = 0; !r && i < assigned->count; i++) {
        char text[BDF_TEXT_SIZE];
        autofree char *tie = NULL;
        struct subject device = {&assigned->items[i], fates->items[i], cells[i],
                                 assignment_subject(facts, &assigned->items[i], text), NULL};

        if (assigned->items[i].function == HOST_NONE)
            continue;
        device.tie = tie = words_of_tie(facts, assigned, cells, map, i);
        if (!tie)
            r = error_nomem(reporter->reterr);
        else
            r = report_device(facts, &device, &placed, reporter);
    }
    if (!r)
        r = report_all_placed(&placed, reporter);
    buffer_clear(&placed.names);
    return r ? r : report_all_equal(facts, assigned, fates, cells, map, reporter);
}
