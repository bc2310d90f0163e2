/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extract.c - see extract.h
 *
 * Takes:  a finished plan, the host and the domain that it was made from.
 * Gives:  the few functions and elements that the plan is about, copied.
 * Rule:   a printer sees the same in the copy as in the whole: functions keep their order, devices
 *         their places.
 */
#include "plan/ground/extract.h"

#include "base/search.h"

#include <string.h>

/* A function and all bridges above it. */
static void mark_path(const struct vtopo_host *host, size_t at, bool *wanted)
{
    for (; at != HOST_NONE && !wanted[at]; at = host->functions.items[at].parent)
        wanted[at] = true;
}

/* A domain's number comes behind all functions of that domain. */
static int compare_domain(const void *key, const void *item)
{
    const struct host_function *function = item;

    return function->bdf.domain > *(const uint32_t *)key ? -1 : 1;
}

/* Functions ascend: a step finds the first of the next domain. */
static void mark_domains(const struct vtopo_host *host, bool *wanted)
{
    const struct host_function *functions = host->functions.items;
    size_t count = host->functions.count, first = 0;

    while (first < count) {
        mark_path(host, first, wanted);
        first = search_lower_bound(&functions[first].bdf.domain, functions, count,
                                   sizeof(*functions), compare_domain);
    }
}

static void mark_functions(const struct vtopo_host *host, const struct vtopo_plan *plan,
                           bool *wanted)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        size_t function = plan->devices.items[i].function, physical = HOST_NONE;

        if (function == HOST_NONE)
            continue;
        mark_path(host, function, wanted);
        if (host->functions.items[function].is_vf)
            physical = host_find(host, &host->functions.items[function].physfn);
        if (physical != HOST_NONE)
            mark_path(host, physical, wanted);
    }
    mark_domains(host, wanted);
}

static bool copy_text(const char *text, char **ret_copy)
{
    *ret_copy = text ? strdup(text) : NULL;
    return !text || *ret_copy;
}

/* All but what no printer asks for: driver, SMMU and network interface. */
static bool copy_function(const struct host_function *from, const size_t *places,
                          struct host_function *ret)
{
    *ret = *from;
    ret->driver = ret->smmu = ret->netdev = ret->vgpu_type = NULL;
    ret->config = NULL;
    ret->config_size = 0;
    if (from->parent != HOST_NONE)
        ret->parent = places[from->parent];
    if (!from->config_size)
        return true;
    ret->config = malloc(from->config_size);
    if (!ret->config)
        return false;
    memcpy(ret->config, from->config, from->config_size);
    ret->config_size = from->config_size;
    return true;
}

static bool copy_functions(const struct vtopo_host *host, const bool *wanted, const size_t *places,
                           size_t count, struct vtopo_host *ret)
{
    bool done = true;

    ret->functions.items = calloc(count + 1, sizeof(*ret->functions.items));
    if (!ret->functions.items)
        return false;
    ret->functions.cap = count + 1;
    for (size_t i = 0; done && i < host->functions.count; i++) {
        if (wanted[i])
            done = copy_function(&host->functions.items[i], places,
                                 &ret->functions.items[ret->functions.count++]);
    }
    return done;
}

/* What is printed of them: no distances, no pages. */
static bool copy_nodes(const struct vtopo_host *host, struct vtopo_host *ret)
{
    bool done = true;

    for (size_t i = 0; done && i < host->nodes.count; i++) {
        struct host_node *node = vec_add(&ret->nodes);

        done = node && idset_copy(&host->nodes.items[i].cpus, &node->cpus);
        if (done) {
            node->id = host->nodes.items[i].id;
            node->memory_kib = host->nodes.items[i].memory_kib;
        }
    }
    return done;
}

static bool extract_host(const struct vtopo_host *host, struct vtopo_plan *plan)
{
    size_t all = host->functions.count, count = 0;
    autofree bool *wanted = calloc(all + 1, sizeof(*wanted));
    autofree size_t *places = malloc((all + 1) * sizeof(*places));

    if (!wanted || !places)
        return false;
    mark_functions(host, plan, wanted);
    for (size_t i = 0; i < all; i++)
        places[i] = wanted[i] ? count++ : HOST_NONE;
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (plan->devices.items[i].function != HOST_NONE)
            plan->devices.items[i].function = places[plan->devices.items[i].function];
    }
    plan->extract.host.processor = host->processor;
    return copy_nodes(host, &plan->extract.host) &&
           copy_functions(host, wanted, places, count, &plan->extract.host);
}

static bool extract_cells(const struct domain *domain, struct domain *ret)
{
    bool done = true;

    for (size_t i = 0; done && i < domain->cells.count; i++) {
        struct domain_cell *cell = vec_add(&ret->cells);

        done = cell && idset_copy(&domain->cells.items[i].vcpus, &cell->vcpus);
        if (done)
            cell->id = domain->cells.items[i].id;
    }
    return done;
}

static bool extract_controllers(const struct domain *domain, struct domain *ret)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        struct domain_controller *controller = vec_add(&ret->controllers);

        if (!controller)
            return false;
        *controller = domain->controllers.items[i];
        controller->model_name = controller->alias = NULL;
    }
    return true;
}

static bool extract_device(const struct domain_device *from, struct domain_device *ret)
{
    ret->kind = from->kind;
    ret->line = from->line;
    return copy_text(from->label, &ret->label) && copy_text(from->alias, &ret->alias);
}

static bool extract_devices(const struct domain *domain, const struct vtopo_plan *plan,
                            struct domain *ret)
{
    bool done = true;

    ret->devices.items = calloc(domain->devices.count + 1, sizeof(*ret->devices.items));
    if (!ret->devices.items)
        return false;
    ret->devices.count = domain->devices.count;
    ret->devices.cap = domain->devices.count + 1;
    for (size_t i = 0; done && i < plan->devices.count; i++) {
        size_t at = plan->devices.items[i].device;

        done = extract_device(&domain->devices.items[at], &ret->devices.items[at]);
    }
    return done;
}

static bool extract_domain(const struct domain *domain, const struct domain *with_cells,
                           struct vtopo_plan *plan)
{
    struct domain *ret = &plan->extract.domain;

    ret->running = domain->running;
    ret->machine_kind = domain->machine_kind;
    ret->cpu_is_host = domain->cpu_is_host;
    ret->kvm_hidden = domain->kvm_hidden || additions_have(&plan->additions, ADDITION_KVM_HIDDEN);
    ret->iommufd = domain->iommufd;
    ret->guest_iommu = domain->guest_iommu;
    return copy_text(domain->name, &ret->name) && extract_cells(with_cells, ret) &&
           extract_controllers(domain, ret) && extract_devices(domain, plan, ret);
}

/* Before the functions get their new places. */
static bool set_kinds(const struct vtopo_host *host, const struct domain *domain,
                      struct vtopo_plan *plan)
{
    bool done = true;

    for (size_t i = 0; done && i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];
        const struct domain_device *named = &domain->devices.items[device->device];

        device->peer = peer_kind_of(host, device->function, named);
        done = copy_text(peer_vgpu_type(host, device->function, named), &device->vgpu_type);
    }
    return done;
}

bool plan_extract_make(const struct vtopo_host *host, const struct domain *domain,
                       const struct domain *with_cells, struct vtopo_plan *plan)
{
    return set_kinds(host, domain, plan) && extract_host(host, plan) &&
           extract_domain(domain, with_cells, plan);
}
