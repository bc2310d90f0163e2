/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_path.c - see nccl_path.h
 *
 * Takes:  NCCL's tree.
 * Gives:  kind and bandwidth of the way between two of its devices.
 * Rule:   ncclTopoSetPaths() of src/graph/paths.cc on a tree, where there is one way only: the
 *         bandwidth is the least of its links, the kind the farthest of its steps. NVLink is none
 *         of it.
 */
#include "peer/nccl_path.h"

#include <string.h>

const char *nccl_path_name(enum nccl_path_type type)
{
    static const char *const names[] = {
        [NCCL_PIX] = "PIX",
        [NCCL_PXB] = "PXB",
        [NCCL_PHB] = "PHB",
        [NCCL_SYS] = "SYS",
    };

    return names[type];
}

#define SLOWEST_CPUS (6 * NCCL_PER_GB) /* BDW_QPI_BW, ZPI_BW */

/* ncclTopoGetInterCpuBw() of topo.cc, numbers of topo.h; 0: unknown to NCCL, which then counts it
 * as endless. */
static unsigned between_cpus(const struct host_processor *processor)
{
    bool six = processor->family == 6;

    if (!strcmp(processor->vendor, "AuthenticAMD"))
        return 16 * NCCL_PER_GB;
    if (!strcmp(processor->vendor, "GenuineIntel"))
        return (six && processor->model >= 0xcf   ? 40   /* Emerald Rapids and later */
                : six && processor->model >= 0x8f ? 22   /* Sapphire Rapids */
                : six && processor->model >= 0x55 ? 10   /* Skylake */
                                                  : 6) * /* Broadwell */
               NCCL_PER_GB;
    if (!strcmp(processor->vendor, "CentaurHauls") || !strcmp(processor->vendor, "  Shanghai  "))
        return (processor->family == 7 && processor->model == 0x5b ? 9 : 6) * NCCL_PER_GB;
    return 0;
}

/* getBcmGen() of topo.cc: which generation of PEX switches, 0: none. */
static unsigned pex_generation(const struct vtopo_host *host, const struct nccl_node *node,
                               unsigned level)
{
    const struct host_function *f;

    if (node->kind != NCCL_SWITCH || node->function == HOST_NONE)
        return 0;
    f = &host->functions.items[node->function];
    if (f->vendor != 0x1000 || f->subsystem_vendor != 0x1000)
        return 0;
    if (f->device == 0xc010 && f->subsystem_device >> 12 == 0xa)
        return 4;
    return f->device == 0xc030 && f->subsystem_device >> 12 == level ? 5 : 0;
}

void nccl_flatten(struct nccl_graph *graph, const struct vtopo_host *host)
{
    struct nccl_node *nodes = graph->nodes.items;

    /* Parents come first.  What only now becomes a child of a switch stays a level of its own. */
    for (size_t i = 0; i < graph->nodes.count; i++) {
        size_t above = nodes[i].parent;
        unsigned generation;

        if (above == NCCL_NONE)
            continue;
        if (nodes[above].merged != NCCL_NONE) {
            nodes[i].parent = nodes[above].merged;
            continue;
        }
        generation = pex_generation(host, &nodes[above], 0);
        if (!generation || pex_generation(host, &nodes[i], 1) != generation)
            continue;
        nodes[i].merged = above;
        nodes[i].parent = NCCL_NONE;
    }
}

static size_t depth_of(const struct nccl_graph *graph, size_t at)
{
    size_t depth = 0;

    for (; graph->nodes.items[at].parent != NCCL_NONE; depth++)
        at = graph->nodes.items[at].parent;
    return depth;
}

/* A step up the tree: what it does to the path. */
static size_t step_up(const struct nccl_graph *graph, size_t at, struct nccl_path *path)
{
    const struct nccl_node *node = &graph->nodes.items[at];
    const struct nccl_node *above = &graph->nodes.items[node->parent];
    enum nccl_path_type type = NCCL_PIX;
    unsigned bandwidth = link_rate(&node->link);

    if (above->kind == NCCL_CPU)
        type = NCCL_PHB;
    else if (node->kind == NCCL_SWITCH)
        type = NCCL_PXB;
    if (type > path->type)
        path->type = type;
    if (bandwidth < path->bandwidth)
        path->bandwidth = bandwidth;
    return node->parent;
}

static void cross_cpus(const struct host_processor *processor, struct nccl_path *path)
{
    unsigned bandwidth = between_cpus(processor);

    path->type = NCCL_SYS;
    path->at_most = !*processor->vendor && path->bandwidth > SLOWEST_CPUS;
    if (bandwidth && bandwidth < path->bandwidth)
        path->bandwidth = bandwidth;
}

struct nccl_path nccl_path_between(const struct nccl_graph *graph,
                                   const struct host_processor *processor, size_t one, size_t other)
{
    struct nccl_path path = {NCCL_PIX, 5000 * NCCL_PER_GB, false}; /* LOC_BW of topo.h */
    size_t depth = depth_of(graph, one), other_depth = depth_of(graph, other);

    while (one != other && (depth || other_depth)) {
        if (depth >= other_depth) {
            one = step_up(graph, one, &path);
            depth--;
        } else {
            other = step_up(graph, other, &path);
            other_depth--;
        }
    }
    if (one != other)
        cross_cpus(processor, &path);
    return path;
}

bool nccl_is_near(enum nccl_path_type type)
{
    /* PATH_PXB in ncclTopoCheckP2p() and, but for GPUs with C2C, in ncclTopoCheckGdr() of paths.cc.
     */
    return type <= NCCL_PXB;
}

bool nccl_does_p2p_anywhere(const struct host_processor *processor, size_t gpus)
{
    /* ncclTopoCheckP2p(): "Allow P2P between pairs of GPU devices on AMD systems" */
    return !strcmp(processor->vendor, "AuthenticAMD") && gpus <= 2;
}
