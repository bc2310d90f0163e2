/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locality.c - are vCPUs and memory of a cell bound to other nodes than the cell's devices are on?
 *
 * Takes:  the cells of the devices (cells.c), memnode, memory nodeset, vcpupin and cpuset of the
 *         domain.
 * Gives:  a finding for the vCPUs and one for the memory of each such cell.
 * Rule:   what is bound to nothing is not elsewhere. A device counts if its cell stands for its
 *         node by what one of them says; of one that only went to the nearest cell cells.c reports.
 *         Nodes without CPUs cannot have vCPUs, so a cell with a device on one is not asked about
 *         them.
 */
#include "plan/advice/advice.h"

/* Where the parts of a cell are, as sets of host nodes. */
struct places {
    struct idset devices, vcpus, memory;
};

static void places_free(struct places *places)
{
    idset_free(&places->devices);
    idset_free(&places->vcpus);
    idset_free(&places->memory);
}

/* Adds the nodes that have any of the CPUs. */
static bool add_nodes_of(const struct vtopo_host *host, const struct idset *cpus,
                         struct idset *nodes)
{
    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];

        if (idset_common(cpus, &node->cpus) && !idset_add(nodes, node->id))
            return false;
    }
    return true;
}

static bool find_vcpus(const struct facts *facts, const struct domain_cell *cell,
                       struct idset *nodes)
{
    const struct domain *domain = facts->base;
    struct idset free_vcpus = {0};
    bool ok = idset_copy(&cell->vcpus, &free_vcpus);

    for (size_t i = 0; ok && i < domain->pins.count; i++) {
        const struct domain_pin *pin = &domain->pins.items[i];

        if (!idset_has(&cell->vcpus, pin->vcpu))
            continue;
        ok = add_nodes_of(facts->host, &pin->cpus, nodes);
        idset_remove(&free_vcpus, pin->vcpu);
    }
    if (ok && !idset_empty(&free_vcpus))
        ok = add_nodes_of(facts->host, &domain->vcpu_cpuset, nodes);
    idset_free(&free_vcpus);
    return ok;
}

static bool find_memory(const struct facts *facts, const struct domain_cell *cell,
                        struct idset *nodes)
{
    for (size_t i = 0; i < facts->base->memnodes.count; i++) {
        if (facts->base->memnodes.items[i].cell == cell->id)
            return idset_copy(&facts->base->memnodes.items[i].nodes, nodes);
    }
    return idset_copy(&facts->base->memory_nodes, nodes);
}

static bool find_devices(const struct vtopo_plan *plan, const struct domain_cell *cell,
                         struct places *places)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->fate == FATE_UNASSIGNED || device->cell != (int)cell->id || device->node < 0)
            continue;
        if ((idset_has(&places->vcpus, (size_t)device->node) ||
             idset_has(&places->memory, (size_t)device->node)) &&
            !idset_add(&places->devices, (size_t)device->node))
            return false;
    }
    return true;
}

static bool has_all(const struct idset *set, const struct idset *part)
{
    return idset_common(set, part) == idset_size(part);
}

static bool all_have_cpus(const struct vtopo_host *host, const struct idset *nodes)
{
    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];

        if (idset_has(nodes, node->id) && idset_empty(&node->cpus))
            return false;
    }
    return true;
}

static int report_place(unsigned cell, const struct places *places, bool memory,
                        const struct reporter *reporter)
{
    autofree char *devices = idset_format(&places->devices);
    autofree char *others = idset_format(memory ? &places->memory : &places->vcpus);
    autofree char *subject = mem_printf("cell %u", cell);

    if (!devices || !others || !subject)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, memory ? FINDING_CELL_MEMORY : FINDING_CELL_VCPUS, subject,
        memory
            ? "its memory is bound to host node%s %s, and its devices are on %s, so some of it is far from them; %s keeps it near"
            : "its vCPUs are bound to CPUs of host node%s %s, and its devices are on %s, so some are far from them; %s keeps them near",
        idset_size(memory ? &places->memory : &places->vcpus) > 1 ? "s" : "", others, devices,
        memory ? "<numatune><memnode> with the node of the devices"
               : "<cputune><vcpupin> to the CPUs of the devices' node");
}

static int compare_cell(const struct facts *facts, const struct vtopo_plan *plan,
                        const struct domain_cell *cell, struct places *places,
                        const struct reporter *reporter)
{
    int r = 0;

    if (!find_vcpus(facts, cell, &places->vcpus) || !find_memory(facts, cell, &places->memory) ||
        !find_devices(plan, cell, places))
        return error_nomem(reporter->reterr);
    if (idset_empty(&places->devices))
        return 0;
    if (!has_all(&places->devices, &places->vcpus) && all_have_cpus(facts->host, &places->devices))
        r = report_place(cell->id, places, false, reporter);
    if (!r && !has_all(&places->devices, &places->memory))
        r = report_place(cell->id, places, true, reporter);
    return r;
}

int locality_report(const struct facts *facts, const struct vtopo_plan *plan,
                    const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < facts->base->cells.count; i++) {
        struct places places = {0};

        r = compare_cell(facts, plan, &facts->base->cells.items[i], &places, reporter);
        places_free(&places);
    }
    return r;
}
