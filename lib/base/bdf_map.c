/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bdf_map.c - see bdf_map.h */
#include "base/bdf_map.h"

#include <stdlib.h>

#define FIRST_SIZE 64

/* Buses, slots and functions are small numbers in a row: the factor (2^64 by the golden ratio)
 * spreads them over the upper bits. */
static size_t first_slot(const struct bdf_map *map, uint64_t key)
{
    return (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (map->size - 1);
}

/* The slot of @key, or the free one where it would be. */
static struct bdf_map_slot *find_slot(const struct bdf_map *map, uint64_t key)
{
    size_t at = first_slot(map, key);

    while (map->slots[at].key && map->slots[at].key != key)
        at = (at + 1) & (map->size - 1);
    return &map->slots[at];
}

static bool grow(struct bdf_map *map)
{
    struct bdf_map grown = {.size = map->size ? map->size * 2 : FIRST_SIZE, .count = map->count};

    grown.slots = calloc(grown.size, sizeof(*grown.slots));
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < map->size; i++) {
        if (map->slots[i].key)
            *find_slot(&grown, map->slots[i].key) = map->slots[i];
    }
    free(map->slots);
    *map = grown;
    return true;
}

size_t bdf_map_get(const struct bdf_map *map, const struct bdf *bdf)
{
    const struct bdf_map_slot *slot = map->size ? find_slot(map, bdf_key(bdf) + 1) : NULL;

    return slot && slot->key ? slot->value : BDF_MAP_NONE;
}

bool bdf_map_add(struct bdf_map *map, const struct bdf *bdf, size_t value)
{
    if (2 * map->count >= map->size && !grow(map))
        return false;
    *find_slot(map, bdf_key(bdf) + 1) = (struct bdf_map_slot){bdf_key(bdf) + 1, value};
    map->count++;
    return true;
}

void bdf_map_clear(struct bdf_map *map)
{
    free(map->slots);
    *map = (struct bdf_map){0};
}
