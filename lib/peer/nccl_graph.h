/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_graph.h - the guest as NCCL draws it: CPUs (NUMA nodes), PCI switches below them, devices
 * below these
 *
 * After NVIDIA/nccl, commit 5067397c (2.30.7): src/graph/xml.cc, topo.cc, paths.cc.
 */
#ifndef VTOPO_PEER_NCCL_GRAPH_H
#define VTOPO_PEER_NCCL_GRAPH_H

#include "plan/ground/plan.h"

#define NCCL_NONE SIZE_MAX

enum nccl_kind { NCCL_CPU, NCCL_SWITCH, NCCL_DEVICE };

struct nccl_node {
    enum nccl_kind kind;
    size_t parent;     /* place in the graph; NCCL_NONE: a CPU */
    int cell;          /* CPU: its number; -1: in the guest, of what has no node */
    struct bdf bus_id; /* SWITCH, DEVICE: what NCCL calls it */
    size_t function;   /* place in plan.extract.host.functions of what it is; HOST_NONE: a port of
                          the guest */
    size_t device;     /* DEVICE: place in plan.devices */
    struct host_link link; /* to the parent, as NCCL reads it; 0: unknown */
    size_t merged; /* SWITCH: the one that it has become a part of (nccl_flatten()); NCCL_NONE */
};

/* Every parent comes before its children; CPUs come first, devices of one parent in the order of
 * the guest. */
struct nccl_graph {
    VEC(struct nccl_node) nodes;
    size_t *places; /* of each of plan.devices in nodes; NCCL_NONE: it has no known address */
};

/*
 * What NCCL sees with a topology file: the host's switches and links, the guest's CPUs and
 * addresses.  A device without a cell is on the nearest one.  False: out of memory.
 */
bool nccl_graph_of_host(const struct vtopo_plan *plan, struct nccl_graph *ret_graph);

/*
 * What NCCL reads from the guest's /sys.
 *
 * @ports  the link that each of plan.controllers says it has, NULL: what the plan makes it say
 * (links.c), or nccl_stock_port().  Other controllers of the domain say what nccl_own_port() gives.
 *
 * What has no node in the guest (numa_node -1) is on a CPU of its own, as NCCL has it.  False: out
 * of memory.
 */
bool nccl_graph_of_guest(const struct vtopo_plan *plan, const struct host_link *ports,
                         struct nccl_graph *ret_graph);

void nccl_graph_clear(struct nccl_graph *graph);

/* The link that QEMU's port says it has. */
struct host_link nccl_stock_port(enum controller_model model);
/* The same of one that the domain has. */
struct host_link nccl_own_port(const struct domain_controller *own);

/* The device's place in the graph, or NCCL_NONE: it has no address that can be told. */
size_t nccl_find_device(const struct nccl_graph *graph, size_t device);

#endif
