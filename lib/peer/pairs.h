/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairs.h - what every two GPUs, and every GPU and NIC, of a guest can do with each other
 *
 * Takes:  a plan with the host and the domain that it was made from.
 * Gives:  the GPUDirect mode that the kinds of the two allow; what keeps it from happening; how
 * NCCL sees them.
 */
#ifndef VTOPO_PEER_PAIRS_H
#define VTOPO_PEER_PAIRS_H

#include "peer/nccl_path.h"

enum peer_kind {
    PEER_NONE, /* neither GPU nor NIC */
    PEER_GPU,  /* a whole one */
    PEER_VGPU, /* a share of the time of a GPU, or it is not known what */
    PEER_MIG,  /* slices of a GPU in MIG mode */
    PEER_NIC,  /* whole or a virtual function */
    PEER_VDPA, /* a virtio NIC to the guest */
};

enum pair_mode {
    PAIR_NONE,   /* no GPUDirect */
    PAIR_NVLINK, /* P2P over NVLink, where there is one, and not over PCIe */
    PAIR_P2P,
    PAIR_RDMA,
};

/* Why it does not happen, or not on the shortest way; bits. */
enum pair_obstacle {
    OBSTACLE_HOST = 1, /* no common switch on the host: as a rule NCCL does not try by default */
    OBSTACLE_PLACEMENT = 2,  /* none in the guest, though there is one on the host */
    OBSTACLE_ACS = 4,        /* a port between them is open, stops it, or has no ACS */
    OBSTACLE_ACS_DETOUR = 8, /* a port between them sends all of it through the root complex */
    OBSTACLE_ATS = 16,       /* and one of them has no ATS, or not now */
    OBSTACLE_CLIQUE = 32,    /* the driver in the guest does not know that they are peers */
    OBSTACLE_UNREAD = 64,    /* config space that would tell could not be read */
    OBSTACLE_IOMMUFD =
        128, /* the domain opens devices by iommufd, which maps no BAR for another device */
    OBSTACLE_IOMMU =
        256, /* the guest has an IOMMU, which may be too narrow or send all of it through itself */
};
#define OBSTACLES 9

enum pair_verdict { PAIR_WORKS, PAIR_DETOUR, PAIR_FAILS, PAIR_UNSURE };

struct pair {
    size_t one, other; /* places in plan.devices */
    enum pair_mode mode;
    enum pair_verdict verdict; /* of a mode that uses PCIe */
    unsigned obstacles;
    struct nccl_path guest;     /* what NCCL sees in the guest's /sys, */
    struct nccl_path links;     /* with the links of the host there (--links host), */
    struct nccl_path with_file; /* and with its topology file */
};

struct pairs {
    VEC(size_t) peers; /* places in plan.devices, in the order of the guest: a function of each GPU
                          and NIC */
    VEC(struct pair) items; /* with at least one GPU each, in that order */
};

/* False: out of memory. */
bool pairs_make(const struct vtopo_plan *plan, const struct vtopo_host *host,
                const struct domain *domain, struct pairs *ret_pairs);
void pairs_clear(struct pairs *pairs);

/* What a device is to a peer. */
enum peer_kind peer_kind_of(const struct plan_device *device, const struct vtopo_host *host,
                            const struct domain *domain);
/* The name of its vGPU type; NULL: it is none, or it is not known. */
const char *peer_vgpu_type(const struct plan_device *device, const struct vtopo_host *host,
                           const struct domain *domain);

const char *peer_kind_name(enum peer_kind kind);             /* "gpu"; NULL for PEER_NONE */
const char *pair_mode_name(enum pair_mode mode);             /* "p2p" */
const char *pair_verdict_name(enum pair_verdict verdict);    /* "yes" */
const char *pair_obstacle_name(enum pair_obstacle obstacle); /* "placement" */

#endif
