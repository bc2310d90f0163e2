/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bindings.c - what binds a domain without cells to host nodes already
 *
 * Takes:  <vcpupin>, <vcpu cpuset>, <numatune><memory nodeset>; the CPUs of the nodes.
 * Gives:  of each vCPU its CPUs and its node; what of the three says where the cells are.
 * Rule:   a vCPU's <vcpupin> goes before <vcpu cpuset>, as in libvirt; both before the memory. What
 *         is bound to all nodes is bound to none.
 */
#include "plan/cells/work.h"

/* The only node that all of the CPUs are on; HOST_NONE: there is none. */
static size_t node_of_cpus(const struct vtopo_host *host, const struct idset *cpus)
{
    for (size_t i = 0; i < host->nodes.count && !idset_empty(cpus); i++) {
        if (idset_common(cpus, &host->nodes.items[i].cpus) == idset_size(cpus))
            return i;
    }
    return HOST_NONE;
}

static bool find_cpus(struct cells_work *work)
{
    const struct domain *domain = domain_of(work);
    bool done = true;

    for (size_t i = 0; done && i < domain->pins.count; i++) {
        const struct domain_pin *pin = &domain->pins.items[i];

        if (pin->vcpu < work->vcpus)
            done = idset_copy(&pin->cpus, &work->cpus[pin->vcpu]) &&
                   idset_add(&work->pinned, pin->vcpu);
    }
    for (size_t v = 0; done && v < work->vcpus; v++) {
        if (idset_empty(&work->cpus[v])) {
            idset_free(&work->cpus[v]);
            done = idset_copy(&domain->vcpu_cpuset, &work->cpus[v]);
        }
    }
    return done;
}

static bool find_all(struct cells_work *work)
{
    bool done = true;

    for (size_t v = 0; done && v < work->vcpus; v++) {
        if (idset_empty(&work->cpus[v])) {
            idset_free(&work->all);
            break;
        }
        done = idset_add_all(&work->all, &work->cpus[v]);
    }
    return done;
}

static bool is_usable(const struct vtopo_host *host, const struct host_node *node)
{
    return node_has_memory(host, node) && !idset_empty(&node->cpus);
}

/* To some of the nodes, but not to all that can have a cell? */
static bool binds(const struct cells_work *work, bool memory)
{
    const struct vtopo_host *host = host_of(work);
    size_t count = 0, usable = 0;

    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];
        bool bound = memory ? idset_has(&domain_of(work)->memory_nodes, node->id)
                            : idset_common(&work->all, &node->cpus) > 0;

        usable += is_usable(host, node);
        count += bound;
    }
    return count && count < usable;
}

bool bindings_memory(const struct cells_work *work)
{
    return binds(work, true);
}

static enum binding find_binding(const struct cells_work *work)
{
    if (work->any_home)
        return BOUND_PINS;
    if (binds(work, false))
        return BOUND_CPUS;
    return binds(work, true) ? BOUND_MEMORY : BOUND_NOT;
}

bool bindings_find(struct cells_work *work)
{
    bool done;

    work->homes = malloc((work->vcpus + 1) * sizeof(*work->homes));
    work->cpus = calloc(work->vcpus + 1, sizeof(*work->cpus));
    done = work->homes && work->cpus && find_cpus(work) && find_all(work);
    for (size_t v = 0; done && v < work->vcpus; v++) {
        work->homes[v] = node_of_cpus(host_of(work), &work->cpus[v]);
        work->any_home |= work->homes[v] != HOST_NONE;
    }
    if (done)
        work->by = find_binding(work);
    return done;
}

void bindings_clear(struct cells_work *work)
{
    for (size_t v = 0; work->cpus && v < work->vcpus; v++)
        idset_free(&work->cpus[v]);
    free(work->cpus);
    free(work->homes);
    idset_free(&work->all);
    idset_free(&work->pinned);
    work->cpus = NULL;
    work->homes = NULL;
}
