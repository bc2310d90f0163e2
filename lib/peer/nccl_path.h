/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_path.h - what NCCL thinks of the way between two devices
 */
#ifndef VTOPO_PEER_NCCL_PATH_H
#define VTOPO_PEER_NCCL_PATH_H

#include "peer/nccl_graph.h"
#include "plan/ground/link_rate.h"

/* In NCCL's order: the ones before are nearer (PATH_* in src/include/graph.h).  It has no NODE,
 * which nvidia-smi has. */
enum nccl_path_type {
    NCCL_PIX, /* at most one PCI switch between them */
    NCCL_PXB, /* several switches, not the CPU */
    NCCL_PHB, /* through the CPU (NUMA node) */
    NCCL_SYS, /* from one NUMA node to another */
};

#define NCCL_PER_GB LINK_RATE_GB

struct nccl_path {
    enum nccl_path_type type;
    unsigned bandwidth; /* the narrowest link, in 1/80 GB/s */
    bool at_most;       /* the bandwidth between the nodes is not known and not counted */
};

/* "PIX" */
const char *nccl_path_name(enum nccl_path_type type);

/*
 * Make one switch of the two levels that Broadcom's PEX switches show, as
 * ncclTopoFlattenBcmSwitches() does.  To be done once, before paths are asked for; the graph is
 * then no longer what a topology file says.
 */
void nccl_flatten(struct nccl_graph *graph, const struct vtopo_host *host);

/* Between two devices of the graph.  @processor: what CPUID says in the guest; without a vendor it
 * is unknown. */
struct nccl_path nccl_path_between(const struct nccl_graph *graph,
                                   const struct host_processor *processor, size_t one,
                                   size_t other);

/* Does NCCL use P2P (two GPUs) or GPUDirect RDMA (a GPU and a NIC) by default on such a path? */
bool nccl_is_near(enum nccl_path_type type);

/* Does it use P2P on any path?  @gpus: how many take part. */
bool nccl_does_p2p_anywhere(const struct host_processor *processor, size_t gpus);

#endif
