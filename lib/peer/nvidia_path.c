/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvidia_path.c - see nvidia_path.h
 *
 * Takes:  a plan, with the guest's controllers as they will be.
 * Gives:  the word that `nvidia-smi topo -m` has for a pair that no NVLink joins.
 * Rule:   NVML's levels (nvmlGpuTopologyLevel_t: single switch, several, host bridge, node,
 *         system), and what nvidia-smi's legend says of them. Switches and bridges on the way
 *         are counted, ports are not: in the matrix of a DGX A100 (NVIDIA/DCGM, issue 149) a GPU
 *         and a NIC with several switches between them are PXB. Where Linux gives a device no
 *         node, what nvidia-smi says of it and a device of another root complex is not known.
 * Not here: what NCCL makes of it, which counts otherwise (nccl_path.c); NVLink (check/nvlink.h).
 */
#include "peer/nvidia_path.h"

#include "check/nvlink.h"
#include "model/host_tree.h"

#define VENDOR_NVIDIA 0x10de

const char *nvidia_path_name(enum nvidia_path path)
{
    static const char *const names[NVIDIA_PATHS] = {
        [NVIDIA_PIX] = "PIX",   [NVIDIA_PXB] = "PXB", [NVIDIA_PHB] = "PHB",
        [NVIDIA_NODE] = "NODE", [NVIDIA_SYS] = "SYS", [NVIDIA_UNKNOWN] = "?",
    };

    return names[path];
}

/* The root complexes of two devices are not one. */
static enum nvidia_path path_of_nodes(int one, int other)
{
    if (one < 0 || other < 0)
        return NVIDIA_UNKNOWN;
    return one == other ? NVIDIA_NODE : NVIDIA_SYS;
}

static enum nvidia_path path_of_switches(unsigned count)
{
    return count > 1 ? NVIDIA_PXB : NVIDIA_PIX;
}

/* --- the host --- */

static bool is_host_switch(const struct vtopo_host *host, size_t at)
{
    enum port_kind port = host->functions.items[at].port;

    return port == PORT_UPSTREAM || port == PORT_BRIDGE;
}

/* Switches and bridges above a function and below @top. */
static unsigned count_host_switches(const struct vtopo_host *host, size_t function, size_t top)
{
    unsigned count = 0;
    size_t at;

    HOST_FOR_EACH_ABOVE(host, function, at)
    {
        if (at == top)
            break;
        count += is_host_switch(host, at);
    }
    return count;
}

/* The lowest bridge or port that both are below; HOST_NONE: there is none. */
static size_t common_host_port(const struct vtopo_host *host, size_t one, size_t other)
{
    size_t at;

    HOST_FOR_EACH_ABOVE(host, one, at)
    {
        if (at != other && host_is_above(host, at, other))
            return at;
    }
    return HOST_NONE;
}

enum nvidia_path nvidia_path_on_host(const struct vtopo_plan *plan, size_t one, size_t other)
{
    const struct vtopo_host *host = &plan->extract.host;
    const struct plan_device *a = &plan->devices.items[one], *b = &plan->devices.items[other];
    const struct host_function *f = &host->functions.items[a->function];
    const struct host_function *g = &host->functions.items[b->function];
    size_t common = common_host_port(host, a->function, b->function);

    if (a->function == b->function || (common == HOST_NONE && bdf_same_slot(&f->bdf, &g->bdf)))
        return NVIDIA_PIX;
    if (common != HOST_NONE)
        return path_of_switches(is_host_switch(host, common) +
                                count_host_switches(host, a->function, common) +
                                count_host_switches(host, b->function, common));
    if (bdf_equal(&f->root, &g->root))
        return NVIDIA_PHB;
    return path_of_nodes(a->node, b->node);
}

/* --- NVLink --- */

/* A whole GPU of NVIDIA's; NULL: something else. */
static const struct host_function *nvidia_gpu(const struct vtopo_plan *plan, size_t device)
{
    const struct plan_device *d = &plan->devices.items[device];
    const struct host_function *f = &plan->extract.host.functions.items[d->function];

    return d->peer == PEER_GPU && f->vendor == VENDOR_NVIDIA ? f : NULL;
}

static bool is_switched(const struct host_function *gpu)
{
    enum nvlink nvlink = nvlink_of(gpu);

    return nvlink == NVLINK_SWITCHED || nvlink == NVLINK_MANAGED;
}

enum nvidia_nvlink nvidia_nvlink_between(const struct vtopo_plan *plan, size_t one, size_t other)
{
    const struct host_function *a = nvidia_gpu(plan, one), *b = nvidia_gpu(plan, other);

    if (!a || !b)
        return NVIDIA_NO_NVLINK;
    return is_switched(a) && is_switched(b) ? NVIDIA_SWITCHED_NVLINK : NVIDIA_MAYBE_NVLINK;
}

/* --- the guest --- */

/* The controllers above a device up to the root bus that it is on. */
struct guest_way {
    uint8_t above[DOMAIN_INDEXES]; /* ports and bridges, the nearest first */
    size_t count;
    unsigned root; /* index of an expander, 0: pcie.0 */
    bool known;
};

static void find_way(const struct vtopo_plan *plan, const struct guest_tree *tree, size_t device,
                     struct guest_way *ret)
{
    const struct plan_device *d = &plan->devices.items[device];
    unsigned at = d->after.at.bus;

    ret->count = ret->root = 0;
    ret->known = false;
    if (d->after.kind != ADDRESS_PCI)
        return;
    while (at && ret->count < DOMAIN_INDEXES && tree->at[at].there &&
           !model_is_root_bus(tree->at[at].model)) {
        if (!tree->at[at].placed)
            return;
        ret->above[ret->count++] = (uint8_t)at;
        at = tree->at[at].bus;
    }
    ret->root = at;
    ret->known = !at || tree->at[at].there;
    /* QEMU puts a bridge of its own into it. */
    if (tree->at[at].there && tree->at[at].model == CTRL_PCI_EXPANDER &&
        ret->count < DOMAIN_INDEXES)
        ret->above[ret->count++] = (uint8_t)at;
}

static bool is_guest_switch(const struct guest_tree *tree, unsigned index)
{
    enum controller_model model = tree->at[index].model;

    return model == CTRL_UPSTREAM || model == CTRL_PCI_EXPANDER || model_is_bridge(model);
}

static unsigned count_guest_switches(const struct guest_tree *tree, const struct guest_way *way,
                                     size_t count)
{
    unsigned switches = 0;

    for (size_t i = 0; i < count; i++)
        switches += is_guest_switch(tree, way->above[i]);
    return switches;
}

/* How many controllers, from the top, two ways have in common. */
static size_t common_of_ways(const struct guest_way *a, const struct guest_way *b)
{
    size_t same = 0;

    while (same < a->count && same < b->count &&
           a->above[a->count - 1 - same] == b->above[b->count - 1 - same])
        same++;
    return same;
}

/* A guest without cells, or with one, has one node, whatever Linux says of its devices. */
static int node_of_way(const struct vtopo_plan *plan, const struct guest_tree *tree,
                       const struct guest_way *way)
{
    const struct guest_controller *root = &tree->at[way->root];

    if (plan->extract.domain.cells.count <= 1)
        return 0;
    if (!way->known || !way->root)
        return -1;
    return root->own ? root->own->node : plan->controllers.items[root->planned].cell;
}

int nvidia_guest_node(const struct vtopo_plan *plan, const struct guest_tree *tree, size_t device)
{
    struct guest_way way;

    find_way(plan, tree, device, &way);
    return node_of_way(plan, tree, &way);
}

enum nvidia_path nvidia_path_in_guest(const struct vtopo_plan *plan, const struct guest_tree *tree,
                                      size_t one, size_t other)
{
    struct guest_way a, b;
    size_t common;

    find_way(plan, tree, one, &a);
    find_way(plan, tree, other, &b);
    if (!a.known || !b.known)
        return NVIDIA_UNKNOWN;
    if (a.root != b.root)
        return path_of_nodes(node_of_way(plan, tree, &a), node_of_way(plan, tree, &b));
    common = common_of_ways(&a, &b);
    if (common)
        return path_of_switches(is_guest_switch(tree, a.above[a.count - common]) +
                                count_guest_switches(tree, &a, a.count - common) +
                                count_guest_switches(tree, &b, b.count - common));
    return bdf_same_slot(&plan->devices.items[one].after.at, &plan->devices.items[other].after.at)
               ? NVIDIA_PIX
               : NVIDIA_PHB;
}
