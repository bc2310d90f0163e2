/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * obstacles.h - what keeps two GPUs, or a GPU and a NIC, of a guest from reaching each other
 *
 * This is the one decision about a pair: the cliques that follow from the host (p2p_groups.h), the
 * table of pairs (peer/pairs.h) and what findings say of two devices all read it.
 */
#ifndef VTOPO_CHECK_OBSTACLES_H
#define VTOPO_CHECK_OBSTACLES_H

#include "check/check.h"

/* Why it does not happen, or not on the shortest way; bits. */
enum pair_obstacle {
    OBSTACLE_HOST = 1, /* no common switch on the host: as a rule NCCL does not try by default */
    OBSTACLE_PLACEMENT = 2,  /* none in the guest, though there is one on the host */
    OBSTACLE_ACS = 4,        /* a port between them is open, stops it, or has no ACS */
    OBSTACLE_ACS_DETOUR = 8, /* a port between them sends all of it through the root complex */
    OBSTACLE_ATS = 16,       /* one of them has no ATS */
    OBSTACLE_CLIQUE = 32,    /* the driver in the guest does not know that they are peers */
    OBSTACLE_UNREAD = 64,    /* config space that would tell could not be read */
    OBSTACLE_IOMMUFD =
        128, /* the domain opens devices by iommufd, which maps no BAR for another device */
    OBSTACLE_IOMMU =
        256, /* the guest has an IOMMU, which may be too narrow or send all of it through itself */
    OBSTACLE_ATS_LATER =
        512, /* ATS of one of them is off, as before the start of a guest: Linux turns it on then */
};
#define OBSTACLES 10

const char *pair_obstacle_name(enum pair_obstacle obstacle); /* "placement" */

struct obstacles;

/* Reads every register once.  @host must outlive it.  NULL: out of memory. */
struct obstacles *obstacles_new(const struct vtopo_host *host);
void obstacles_free(struct obstacles *obstacles); /* NULL is fine */

/*
 * What registers of the host say (ACS, ACS_DETOUR, ATS, ATS_LATER, UNREAD) of two functions, and of
 * the ports between them.  0 for two things that are made on the same function.
 */
unsigned obstacles_between(const struct obstacles *obstacles, size_t one, size_t other);

/* The first port on the way from one function to another with any of some faults. */
struct obstacle_port {
    size_t port;      /* place in host.functions */
    unsigned faults;  /* bits of enum acs_fault, all that it has */
    unsigned control; /* ACS Control of the port */
};

/*
 * Is there a port with any of @faults (bits of enum acs_fault) on the way through the switch that
 * two functions share?  If they share none, there is not.
 */
bool obstacles_find_port(const struct obstacles *obstacles, size_t one, size_t other,
                         unsigned faults, struct obstacle_port *ret_port);

#endif
