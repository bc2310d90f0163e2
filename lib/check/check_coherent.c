/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_coherent.c - can a guest have all of the memory of GPUs that have it coherently?
 *
 * Takes:  the drivers of such GPUs, the host's nodes.
 * Gives:  a result for each GPU that vfio-pci has, and for each that has too few nodes.
 * Rule:   only nvgrace_gpu_vfio_pci gives a guest the memory, which is behind NVLink-C2C and no
 *         BAR. Each GPU has eight nodes (coherent_gpu.h); a kernel before Linux 5.10 does not say
 *         which nodes are for devices, and a host none of whose nodes are is not judged.
 * Not here: GPUs without a VFIO driver (check_drivers.c).
 */
#include "check/checker.h"

#include "model/coherent_gpu.h"

#include <string.h>

static const struct check_advice driver_advice = {
    FINDING_COHERENT_DRIVER,
    "the guest does not get the memory that processor and GPU share",
    COHERENT_GPU_DRIVER " when the guest starts",
    "load " COHERENT_GPU_DRIVER
    " (Linux 6.8 or later), then driverctl set-override BDF " COHERENT_GPU_DRIVER,
    {"is bound to vfio-pci, with which the guest does not get the memory that processor and GPU "
     "share",
     "; load " COHERENT_GPU_DRIVER
     " (Linux 6.8 or later), then driverctl set-override BDF " COHERENT_GPU_DRIVER},
};

static const struct check_advice nodes_advice = {
    FINDING_COHERENT_NODES,
    "a guest cannot have a node for the memory of each MIG instance as the host has it",
    "8 for each GPU",
    "update the firmware, whose SRAT ties them to the GPU",
    {0},
};

static const struct host_function *function_at(const struct checker *c, size_t i)
{
    return &c->host->functions.items[c->set->devices[i].function];
}

/* Those for memory of GPUs on @node, and all of the host. */
static size_t count_nodes(const struct vtopo_host *host, int node, size_t *ret_all)
{
    size_t count = 0;

    *ret_all = 0;
    for (size_t i = 0; i < host->nodes.count; i++) {
        *ret_all += host->nodes.items[i].initiator;
        count += host_node_serves(host, &host->nodes.items[i], node);
    }
    return count;
}

/* GPUs of the set on @node. */
static size_t count_gpus(const struct checker *c, int node)
{
    size_t count = 0;

    for (size_t i = 0; i < c->set->count; i++)
        count += function_is_coherent_gpu(function_at(c, i)) &&
                 host_node_of(c->host, function_at(c, i)) == node;
    return count;
}

static bool check_nodes_of(struct checker *c, size_t function)
{
    int node = host_node_of(c->host, &c->host->functions.items[function]);
    size_t all, nodes = count_nodes(c->host, node, &all), gpus = count_gpus(c, node);

    if (node < 0 || !all || nodes >= gpus * COHERENT_GPU_NODES)
        return true;
    return check_add(c, function, &nodes_advice, NULL,
                     mem_printf("node %d has %zu node%s for the memory of %zu such GPU%s", node,
                                nodes, nodes == 1 ? "" : "s", gpus, gpus == 1 ? "" : "s"));
}

bool check_coherent(struct checker *c)
{
    bool done = true;

    for (size_t i = 0; done && i < c->set->count; i++) {
        const struct host_function *gpu = function_at(c, i);

        if (!function_is_coherent_gpu(gpu))
            continue;
        if (c->set->devices[i].whole && gpu->driver && !strcmp(gpu->driver, "vfio-pci"))
            done = check_add(c, c->set->devices[i].function, &driver_advice, NULL,
                             strdup("is bound to vfio-pci"));
        if (done)
            done = check_nodes_of(c, c->set->devices[i].function);
    }
    return done;
}
