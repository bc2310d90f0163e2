/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bdf_map.h - a number for each of many PCI addresses
 */
#ifndef VTOPO_BASE_BDF_MAP_H
#define VTOPO_BASE_BDF_MAP_H

#include "base/bdf.h"

#include <stddef.h>

#define BDF_MAP_NONE SIZE_MAX /* no number that an address can have */

struct bdf_map {
    struct bdf_map_slot {
        uint64_t key; /* bdf_key(), plus one; 0: free */
        size_t value;
    } * slots;
    size_t size; /* a power of two, at most half of it in use; 0: nothing is there */
    size_t count;
};

/* The number of @bdf; BDF_MAP_NONE: it is not there. */
size_t bdf_map_get(const struct bdf_map *map, const struct bdf *bdf);
/* Adds an address that is not there yet.  False: out of memory. */
bool bdf_map_add(struct bdf_map *map, const struct bdf *bdf, size_t value);
void bdf_map_clear(struct bdf_map *map);

#endif
