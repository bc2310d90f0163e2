/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grow.h - from one device to a set of devices that are near it */
#ifndef VTOPO_PLACE_GROW_H
#define VTOPO_PLACE_GROW_H

#include "place/place.h"

/* Which items may be taken. */
struct choice {
    const struct stock *stock;
    unsigned gpus, nics; /* how many are wanted */
    const bool *allowed; /* of each item */
};

/*
 * Sets units, gpus and nics of a proposal.
 *
 * @seed          an item that is allowed: a GPU, or a NIC where no GPU is wanted
 * @ret_complete  are there enough?  If not, the proposal is empty
 * False: out of memory
 */
bool grow(const struct choice *choice, size_t seed, struct place_proposal *ret_proposal,
          bool *ret_complete);

#endif
