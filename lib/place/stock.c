/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stock.c - see stock.h */
#include "place/stock.h"

#include "check/check.h"
#include "model/assignable.h"
#include "model/host_tree.h"
#include "model/pci_class.h"
#include "place/companions.h"

#include <string.h>

#define VENDOR_NVIDIA 0x10de

/* --- what counts --- */

/* A virtual function of NVIDIA's GPUs is nothing without a vGPU type, and then a share of a GPU. */
static bool is_gpu(const struct host_function *f)
{
    return class_is_gpu(f->class_code) && !(f->is_vf && f->vendor == VENDOR_NVIDIA);
}

bool stock_is_item(const struct vtopo_host *host, size_t function)
{
    const struct host_function *f = &host->functions.items[function];

    return is_assignable(f) && check_is_gpu_or_nic(host, f) &&
           (is_gpu(f) || class_is_network(f->class_code));
}

/* --- units --- */

static bool add_member(struct stock *stock, struct stock_unit *unit, size_t function)
{
    const struct host_function *f = &stock->host->functions.items[function];
    size_t *member = vec_add(&stock->members);

    if (!member)
        return false;
    *member = function;
    unit->count++;
    if (stock_is_item(stock->host, function) && class_is_network(f->class_code))
        unit->nics++;
    else if (stock_is_item(stock->host, function))
        unit->gpus++;
    if (stock->holds[function] > unit->hold)
        unit->hold = stock->holds[function];
    return true;
}

/* The functions of a group; nothing is added where none is a GPU or a NIC. */
static bool add_unit(struct stock *stock, const size_t *members, size_t count)
{
    struct stock_unit unit = {.first = stock->members.count};
    struct stock_unit *added;
    bool done = true;

    for (size_t i = 0; done && i < count; i++)
        done = add_member(stock, &unit, members[i]);
    if (!done || !(unit.gpus + unit.nics)) {
        stock->members.count = unit.first;
        return done;
    }
    added = vec_add(&stock->units);
    if (added)
        *added = unit;
    return added;
}

static int compare_units(const void *left, const void *right)
{
    const struct stock_unit *a = left, *b = right;

    return (a->holder > b->holder) - (a->holder < b->holder);
}

/* By address: .holder is the first function for a moment. */
static void sort_units(struct stock *stock)
{
    for (size_t i = 0; i < stock->units.count; i++)
        stock->units.items[i].holder = stock->members.items[stock->units.items[i].first];
    if (stock->units.count)
        qsort(stock->units.items, stock->units.count, sizeof(*stock->units.items), compare_units);
    for (size_t i = 0; i < stock->units.count; i++) {
        struct stock_unit *unit = &stock->units.items[i];

        for (size_t k = unit->first + unit->count; k-- > unit->first;) {
            if (stock->holds[stock->members.items[k]] == unit->hold)
                unit->holder = stock->members.items[k];
        }
    }
}

static bool add_units(struct stock *stock)
{
    struct companions companions;
    bool done = companions_find(stock->host, &companions);
    size_t size;

    for (size_t first = 0; done && first < companions.count; first += size) {
        size = companions.size[companions.members[first]];
        done = add_unit(stock, &companions.members[first], size);
    }
    companions_clear(&companions);
    sort_units(stock);
    return done;
}

/* --- items --- */

static size_t lowest_above(const struct vtopo_host *host, size_t function)
{
    size_t at;

    HOST_FOR_EACH_ABOVE(host, function, at)
    {
        if (host->functions.items[at].port == PORT_UPSTREAM)
            return at;
    }
    return host_parent(host, function);
}

/* Is it a virtual function that nobody needs, as there are enough like it? */
static bool is_one_too_many(const struct stock *stock, const struct stock_unit *unit, size_t *vfs,
                            size_t most)
{
    size_t function = stock->members.items[unit->first], physfn;
    const struct host_function *f = &stock->host->functions.items[function];

    if (!f->is_vf || unit->count > 1 || unit->hold > HOLD_DRIVER)
        return false;
    physfn = host_find(stock->host, &f->physfn);
    return physfn != HOST_NONE && vfs[physfn]++ >= most;
}

static bool add_items(struct stock *stock, const struct stock_unit *unit)
{
    const struct vtopo_host *host = stock->host;

    for (size_t i = unit->first; i < unit->first + unit->count; i++) {
        size_t function = stock->members.items[i];
        const struct host_function *f = &host->functions.items[function];
        struct stock_item *item;

        if (!stock_is_item(host, function))
            continue;
        if (stock->items.count == STOCK_MAX) {
            stock->left_out++;
            continue;
        }
        item = vec_add(&stock->items);
        if (!item)
            return false;
        *item = (struct stock_item){
            .function = function,
            .unit = (size_t)(unit - stock->units.items),
            .gpu = !class_is_network(f->class_code),
            .lowest = lowest_above(host, function),
            .node = host_find_node(host, host_node_of(host, f)),
        };
    }
    return true;
}

static int compare_items(const void *left, const void *right)
{
    const struct stock_item *a = left, *b = right;

    return (a->function > b->function) - (a->function < b->function);
}

/* Of units with GPUs, or of the others. */
static bool add_kind(struct stock *stock, bool gpus, size_t vfs, size_t *counts)
{
    bool done = true;

    for (enum hold hold = HOLD_NONE; done && hold <= HOLD_USE; hold++) {
        for (size_t i = 0; done && i < stock->units.count; i++) {
            const struct stock_unit *unit = &stock->units.items[i];

            if (unit->hold == hold && (unit->gpus > 0) == gpus &&
                !is_one_too_many(stock, unit, counts, vfs))
                done = add_items(stock, unit);
        }
    }
    return done;
}

/* Free ones first, and GPUs before NICs, of which there may be hundreds of virtual ones: those that
 * are wanted most are not those that are left out. */
static bool collect_items(struct stock *stock, size_t vfs)
{
    autofree size_t *counts = calloc(stock->host->functions.count + 1, sizeof(*counts));
    bool done = counts && add_kind(stock, true, vfs, counts) && add_kind(stock, false, vfs, counts);

    if (done && stock->items.count)
        qsort(stock->items.items, stock->items.count, sizeof(*stock->items.items), compare_items);
    return done;
}

static uint64_t card_of(const struct stock *stock, size_t at)
{
    const struct host_function *f = &stock->host->functions.items[stock->items.items[at].function];
    struct bdf bdf = f->is_vf ? f->physfn : f->bdf;

    bdf.function = 0;
    return bdf_key(&bdf);
}

/* Numbers are those of the first item each. */
static void number_items(struct stock *stock)
{
    struct stock_item *items = stock->items.items;

    for (size_t i = 0; i < stock->items.count; i++) {
        items[i].place = items[i].card = i;
        for (size_t k = i; k-- > 0;) {
            if (items[i].lowest != HOST_NONE && items[k].lowest == items[i].lowest)
                items[i].place = items[k].place;
            if (card_of(stock, k) == card_of(stock, i))
                items[i].card = items[k].card;
        }
    }
}

static bool measure(struct stock *stock)
{
    size_t count = stock->items.count;

    stock->distances = calloc(count * count + 1, sizeof(*stock->distances));
    for (size_t i = 0; stock->distances && i < count; i++) {
        for (size_t k = 0; k < i; k++)
            stock->distances[i * count + k] = stock->distances[k * count + i] =
                (uint16_t)distance_between(stock->host, stock->items.items[i].function,
                                           stock->items.items[k].function);
    }
    return stock->distances;
}

/* --- */

bool stock_make(const struct vtopo_host *host, const struct owners *owners, size_t vfs,
                struct stock *ret)
{
    *ret = (struct stock){.host = host, .holds = holds_find(host, owners)};
    if (!ret->holds || !add_units(ret) || !collect_items(ret, vfs))
        return false;
    number_items(ret);
    return measure(ret);
}

void stock_clear(struct stock *stock)
{
    free(stock->members.items);
    free(stock->units.items);
    free(stock->items.items);
    free(stock->distances);
    free(stock->holds);
    *stock = (struct stock){0};
}
