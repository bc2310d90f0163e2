/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * companions.h - which functions of a host are given away together
 *
 * Takes:  a host.
 * Gives:  for each function that can be given to a guest those that go with it, itself included.
 * Rule:   those of its IOMMU group, ports excepted; where there are no groups (the IOMMU is off)
 *         the functions of a card, but each of a NIC, and each virtual one, alone.
 */
#ifndef VTOPO_PLACE_COMPANIONS_H
#define VTOPO_PLACE_COMPANIONS_H

#include "model/host.h"

struct companions {
    size_t *members; /* functions, those that go together one after the other, ascending in each */
    size_t count;    /* of them all */
    size_t *first;   /* of each function: where its own begin in .members, */
    size_t *size;    /* and how many they are; 0: it cannot be given away */
};

/* @ret: free with companions_clear(), also after a failure.  False: out of memory. */
bool companions_find(const struct vtopo_host *host, struct companions *ret);
void companions_clear(struct companions *companions);

#endif
