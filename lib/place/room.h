/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room.h - CPUs and memory for a set of devices */
#ifndef VTOPO_PLACE_ROOM_H
#define VTOPO_PLACE_ROOM_H

#include "place/place.h"

/* The CPUs of each node that are free, in whole cores. */
struct room {
    const struct vtopo_host *host;
    const struct place_request *request;
    struct idset *cpus; /* of host.nodes; of a host without NUMA information one set */
    size_t count;
    size_t core; /* threads of a core, the most that one has */
};

/* @ret: free with room_clear(), also after a failure.  False: out of memory. */
bool room_make(const struct vtopo_host *host, const struct place_request *request,
               struct room *ret);
void room_clear(struct room *room);

/* CPUs, and memory (0: not known), that all nodes have together. */
size_t room_cpus(const struct room *room);
uint64_t room_memory(const struct room *room);

/*
 * Sets the shares of a proposal.
 *
 * @ret_fits  do they suffice?
 * False: out of memory
 */
bool room_share(const struct room *room, const struct stock *stock, struct place_proposal *proposal,
                bool *ret_fits);

#endif
