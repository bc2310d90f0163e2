/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * obstacles.h - what keeps two GPUs, or a GPU and a NIC, of a guest from reaching each other
 */
#ifndef VTOPO_PEER_OBSTACLES_H
#define VTOPO_PEER_OBSTACLES_H

#include "model/host.h"

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

const char *pair_obstacle_name(enum pair_obstacle obstacle); /* "placement" */

struct obstacles;

/* Reads every register once.  @host must outlive it.  NULL: out of memory. */
struct obstacles *obstacles_new(const struct vtopo_host *host);
void obstacles_free(struct obstacles *obstacles); /* NULL is fine */

/*
 * What registers of the host say (ACS, ACS_DETOUR, ATS, UNREAD) of two functions, and of the ports
 * between them.  0 for two things that are made on the same function.
 */
unsigned obstacles_between(const struct obstacles *obstacles, size_t one, size_t other);

#endif
