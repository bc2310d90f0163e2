/* SPDX-License-Identifier: GPL-2.0-or-later */
/* companions.c - see companions.h */
#include "place/companions.h"

#include "model/assignable.h"
#include "model/pci_class.h"

#include <stdlib.h>

/* A function and what it goes with. */
struct key {
    int group;     /* -1: none, and then of a slot */
    uint64_t slot; /* of one that goes alone itself */
    size_t function;
};

static int compare_keys(const void *left, const void *right)
{
    const struct key *a = left, *b = right;

    if (a->group != b->group)
        return (a->group > b->group) - (a->group < b->group);
    if (a->group < 0 && a->slot != b->slot)
        return (a->slot > b->slot) - (a->slot < b->slot);
    return (a->function > b->function) - (a->function < b->function);
}

static struct key key_of(const struct vtopo_host *host, size_t function)
{
    const struct host_function *f = &host->functions.items[function];
    struct bdf slot = f->bdf;

    if (!f->is_vf && !class_is_network(f->class_code))
        slot.function = 0;
    return (struct key){f->iommu_group, bdf_key(&slot), function};
}

static bool go_together(const struct key *a, const struct key *b)
{
    return a->group == b->group && (a->group >= 0 || a->slot == b->slot);
}

static void set_ranges(const struct key *keys, struct companions *companions)
{
    size_t size;

    for (size_t first = 0; first < companions->count; first += size) {
        for (size = 1;
             first + size < companions->count && go_together(&keys[first], &keys[first + size]);)
            size++;
        for (size_t i = first; i < first + size; i++) {
            companions->members[i] = keys[i].function;
            companions->first[keys[i].function] = first;
            companions->size[keys[i].function] = size;
        }
    }
}

bool companions_find(const struct vtopo_host *host, struct companions *ret)
{
    size_t functions = host->functions.count;
    autofree struct key *keys = calloc(functions + 1, sizeof(*keys));

    *ret = (struct companions){
        .members = calloc(functions + 1, sizeof(*ret->members)),
        .first = calloc(functions + 1, sizeof(*ret->first)),
        .size = calloc(functions + 1, sizeof(*ret->size)),
    };
    if (!keys || !ret->members || !ret->first || !ret->size)
        return false;
    for (size_t i = 0; i < functions; i++) {
        if (is_assignable(&host->functions.items[i]))
            keys[ret->count++] = key_of(host, i);
    }
    if (ret->count)
        qsort(keys, ret->count, sizeof(*keys), compare_keys);
    set_ranges(keys, ret);
    return true;
}

void companions_clear(struct companions *companions)
{
    free(companions->members);
    free(companions->first);
    free(companions->size);
    *companions = (struct companions){0};
}
