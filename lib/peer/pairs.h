/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairs.h - what every two GPUs, and every GPU and NIC, of a guest can do with each other
 *
 * Takes:  a plan.
 * Gives:  the GPUDirect mode that the kinds of the two allow; what keeps it from happening; how
 *         NCCL sees them.
 */
#ifndef VTOPO_PEER_PAIRS_H
#define VTOPO_PEER_PAIRS_H

#include "check/obstacles.h"
#include "peer/nccl_path.h"

enum pair_mode {
    PAIR_NONE,   /* no GPUDirect */
    PAIR_NVLINK, /* P2P over NVLink, where there is one, and not over PCIe */
    PAIR_P2P,
    PAIR_RDMA,
};

enum pair_verdict {
    PAIR_WORKS,
    PAIR_LATER, /* when the guest has started */
    PAIR_DETOUR,
    PAIR_FAILS,
    PAIR_UNSURE,
};

/* What connects two GPUs besides PCIe. */
enum pair_nvlink {
    PAIR_NO_NVLINK,
    PAIR_MAYBE_NVLINK, /* two GPUs of NVIDIA: nothing says whether there is any */
    PAIR_BOARD_NVLINK, /* two modules of a board with NVLink (check/nvlink.h) */
};

struct pair {
    size_t one, other; /* places in plan.devices */
    enum pair_mode mode;
    enum pair_verdict verdict; /* of a mode that uses PCIe, and of that way alone */
    enum pair_nvlink nvlink;
    unsigned obstacles;
    struct nccl_path guest;     /* what NCCL sees in the guest's /sys, */
    struct nccl_path links;     /* with the links of the host there (--links host), */
    struct nccl_path with_file; /* and with its topology file */
};

struct pairs {
    VEC(size_t) peers; /* places in plan.devices, in the order of the guest: a function of each GPU
                          and NIC */
    size_t gpus;       /* of the peers */
    VEC(struct pair) items; /* with at least one GPU each, in that order */
};

/*
 * @peers_max  with more peers than that only these are found, and no pairs are made: there are as
 *             many as its square
 *
 * False: out of memory.
 */
bool pairs_make(const struct vtopo_plan *plan, size_t peers_max, struct pairs *ret_pairs);
void pairs_clear(struct pairs *pairs);

const char *pair_mode_name(enum pair_mode mode);          /* "p2p" */
const char *pair_verdict_name(enum pair_verdict verdict); /* "yes" */
const char *pair_nvlink_name(enum pair_nvlink nvlink);    /* "board"; NULL: none */

#endif
