/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stock.h - the GPUs and NICs of a host, what goes with each, and how far apart they are
 *
 * Takes:  a host, who has which of its devices.
 * Gives:  units (what can only be given away together), the GPUs and NICs in them, distances.
 * Rule:   a unit is what an IOMMU group has besides ports.  A GPU is a whole one, or a virtual
 *         function that VFIO can have; a NIC is a network function, of which a virtual one counts
 *         too, as its physical one is the host's then.  Of the free virtual functions of one NIC
 *         only as many are there as can be asked for.
 */
#ifndef VTOPO_PLACE_STOCK_H
#define VTOPO_PLACE_STOCK_H

#include "place/holds.h"

#define STOCK_MAX 1024 /* GPUs and NICs; the distances of all pairs are kept */

struct stock_unit {
    size_t first, count; /* its functions, in stock.members */
    unsigned gpus, nics;
    enum hold hold; /* the strongest of its functions */
    size_t holder;  /* the function that has it */
};

struct stock_item {
    size_t function;
    size_t unit;
    bool gpu;
    size_t lowest; /* the lowest switch above, else the bridge above; HOST_NONE: on a root bus */
    size_t place;  /* a number that items with the same lowest switch share, */
    size_t card;   /* and one of those on one card, virtual functions with their physical one */
    size_t node;   /* in host.nodes; HOST_NONE: not known */
};

struct stock {
    const struct vtopo_host *host;
    VEC(size_t) members; /* functions */
    VEC(struct stock_unit) units;
    VEC(struct stock_item) items; /* ascending by function */
    uint16_t *distances;          /* of all pairs of items */
    enum hold *holds;             /* of all functions */
    size_t left_out;              /* GPUs and NICs that are not there because there are too many */
};

/* How far two devices are apart: each is outside of the one before. */
enum distance {
    DISTANCE_SWITCH = 1,   /* below one switch, or one slot */
    DISTANCE_SWITCHES = 2, /* below one switch with others between them */
    DISTANCE_ROOT = 4,     /* below one root complex */
    DISTANCE_NODE = 8,     /* on one node */
    DISTANCE_NODES = 16,   /* on two; more, by how far these are apart */
};

/* Is it a GPU or a NIC that somebody may ask for? */
bool stock_is_item(const struct vtopo_host *host, size_t function);

/*
 * @vfs       free virtual functions of each physical one that may be of use
 * @ret       free with stock_clear(), also after a failure
 * False: out of memory
 */
bool stock_make(const struct vtopo_host *host, const struct owners *owners, size_t vfs,
                struct stock *ret);
void stock_clear(struct stock *stock);

static inline unsigned stock_distance(const struct stock *stock, size_t one, size_t other)
{
    return stock->distances[one * stock->items.count + other];
}

static inline enum hold stock_hold(const struct stock *stock, size_t item)
{
    return stock->units.items[stock->items.items[item].unit].hold;
}

/* "How far" of a distance: one of enum distance. */
enum distance distance_level(unsigned distance);
/* Between two functions of the host. */
unsigned distance_between(const struct vtopo_host *host, size_t one, size_t other);

#endif
