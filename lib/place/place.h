/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.h - which free devices of a host belong together, with CPUs and memory
 *
 * Takes:  a host, who has which of its devices, how many GPUs, NICs, CPUs and how much memory.
 * Gives:  proposals, best first; each with what is given up in it.
 * Rule:   propose.c finds them, rank.c puts them in order; each says how.
 * Not here: how they look (lib/report).
 */
#ifndef VTOPO_PLACE_PLACE_H
#define VTOPO_PLACE_PLACE_H

#include "place/stock.h"

struct vtopo_error;

#define PLACE_GPUS_MAX 64
#define PLACE_NICS_MAX 256

/* Vendor and device of GPUs or NICs. */
struct place_id {
    uint16_t vendor, device;
};

struct place_request {
    unsigned gpus, nics;
    unsigned cpus;               /* 0: nobody asked */
    uint64_t memory_kib;         /* 0: nobody asked */
    const struct owners *owners; /* NULL: nobody was asked who has which device */
    const struct idset *avoid;   /* CPUs that are not for the guest; may be empty */
    const struct place_id *only; /* those GPUs alone, if any of them is a GPU's; NICs likewise */
    size_t only_count;
};

/* What a guest gets of one node. */
struct place_share {
    size_t node;         /* in host.nodes; HOST_NONE: a host without NUMA information */
    bool has_devices;    /* of the proposal */
    unsigned cpus;       /* of those asked for */
    struct idset list;   /* as many, in whole cores as far as that goes */
    size_t free_cpus;    /* of the node, in whole cores */
    uint64_t memory_kib; /* of what was asked for */
    bool lacks_memory;   /* less than that is free now, as far as is known */
};

/* What makes one proposal better than another; the first that differs decides, less is better. */
enum place_criterion {
    RANK_HELD,      /* devices that a driver of the host has */
    RANK_MODELS,    /* further models of GPUs */
    RANK_LEVEL,     /* the farthest that is near enough only so (place_proposal.level) */
    RANK_GPUS,      /* the farthest two GPUs (place_proposal.gpu_level) */
    RANK_SURPLUS,   /* GPUs and NICs that come along, because they share an IOMMU group */
    RANK_DISTANCE,  /* all distances, added up */
    RANK_MEMORY,    /* nodes with less free memory than their share */
    RANK_LEFT_GPUS, /* free GPUs that stay below the switches that devices are taken from, */
    RANK_LEFT_NICS, /* and NICs; */
    RANK_NODE_GPUS, /* the same for nodes */
    RANK_NODE_NICS,
    RANK_CRITERIA
};

struct place_proposal {
    VEC(size_t) units; /* of the stock, ascending */
    VEC(size_t) gpus;  /* items of the stock, ascending */
    VEC(size_t) nics;
    unsigned score[RANK_CRITERIA];
    enum distance gpu_level; /* the farthest two GPUs; 0: fewer than two */
    enum distance nic_level; /* the farthest from a GPU to its nearest NIC, or from a NIC to its
                                nearest GPU; of NICs alone, as of GPUs; 0: there are none */
    VEC(struct place_share) shares; /* ascending by node, those of the devices and further ones */
};

struct place {
    struct stock stock;
    VEC(struct place_proposal) proposals; /* best first */
    struct place_proposal
        nearer; /* of devices that VMs have, too, if that is nearer than the best */
    bool has_nearer;
};

/*
 * @ret  free with place_clear(), also after a failure
 * VTOPO_ERR_REFUSED: the host does not have so much that is free, and what it has
 * VTOPO_ERR_HOST: it has nothing of what alone is wanted
 */
int place_make(const struct vtopo_host *host, const struct place_request *request,
               struct place *ret, struct vtopo_error **reterr);
void place_clear(struct place *place);
void place_proposal_clear(struct place_proposal *proposal);

#endif
