/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place_given_up.c - what is given up in a proposal, and what is not known (place_words.h)
 *
 * Rule:   what is nearer on this host, and only somebody else's, is said of the best proposal: the
 *         others are there to be compared with it.
 */
#include "check/nvlink.h"
#include "place/wish.h"
#include "report/hold_words.h"
#include "report/place_words.h"

#include <stdlib.h>
#include <string.h>

#define KIB_PER_MIB 1024u

static const struct host_function *function_of(const struct place *place, size_t item)
{
    return &place->stock.host->functions.items[place->stock.items.items[item].function];
}

static void say_held(const struct place *place, const struct place_request *request,
                     const struct place_proposal *p, struct sentences *ret)
{
    autofree struct held *held = calloc(p->units.count + 1, sizeof(*held));

    ret->failed = ret->failed || !held;
    for (size_t i = 0; held && i < p->units.count; i++) {
        const struct stock_unit *unit = &place->stock.units.items[p->units.items[i]];

        held[i] = (struct held){unit->holder, unit->holder, unit->hold};
    }
    if (held)
        hold_describe_all(place->stock.host, request->owners, held, p->units.count, ret);
}

static void say_models(const struct place_proposal *p, struct sentences *ret)
{
    if (p->score[RANK_MODELS])
        sentences_add(ret, mem_printf("the GPUs are of %u models", p->score[RANK_MODELS] + 1));
}

static void say_levels(const struct place_proposal *p, struct sentences *ret)
{
    if (p->gpu_level > DISTANCE_SWITCH)
        sentences_add(ret, mem_printf("the GPUs %s", place_words_of_several(p->gpu_level)));
    if (p->nic_level > DISTANCE_SWITCH && p->gpus.count)
        sentences_add(ret,
                      mem_printf("%s is %s", p->nics.count == 1 ? "the NIC" : "the farthest NIC",
                                 place_words_of_nic(p->nic_level)));
    else if (p->nic_level > DISTANCE_SWITCH)
        sentences_add(ret, mem_printf("the NICs %s", place_words_of_several(p->nic_level)));
}

/* Of nodes without devices. */
static void say_further_nodes(const struct place *place, const struct place_proposal *p,
                              struct sentences *ret)
{
    struct idset nodes = {0};
    autofree char *list = NULL;
    unsigned cpus = 0;
    uint64_t memory = 0;
    bool done = true;

    for (size_t i = 0; done && i < p->shares.count; i++) {
        const struct place_share *share = &p->shares.items[i];

        if (share->has_devices || share->node == HOST_NONE || !(share->cpus || share->memory_kib))
            continue;
        done = idset_add(&nodes, place->stock.host->nodes.items[share->node].id);
        cpus += share->cpus;
        memory += share->memory_kib;
    }
    list = done ? idset_format(&nodes) : NULL;
    if (!list)
        ret->failed = true;
    else if (*list)
        sentences_add(
            ret, mem_printf("%u CPUs and %llu MiB are from node%s %s, without any of the devices: "
                            "theirs have less that is free",
                            cpus, (unsigned long long)(memory / KIB_PER_MIB),
                            idset_size(&nodes) == 1 ? "" : "s", list));
    idset_free(&nodes);
}

static void say_shares(const struct place *place, const struct place_proposal *p,
                       struct sentences *ret)
{
    say_further_nodes(place, p, ret);
    for (size_t i = 0; i < p->shares.count; i++) {
        const struct place_share *share = &p->shares.items[i];

        if (share->lacks_memory)
            sentences_add(
                ret, mem_printf("node %u has less than %llu MiB free now (what its kernel caches "
                                "counts as used)",
                                place->stock.host->nodes.items[share->node].id,
                                (unsigned long long)(share->memory_kib / KIB_PER_MIB)));
    }
}

static void say_surplus(const struct place *place, const struct place_proposal *p,
                        struct sentences *ret)
{
    if (p->score[RANK_SURPLUS])
        sentences_add(
            ret, mem_printf("%u more than asked for come%s along, because they share IOMMU groups",
                            p->score[RANK_SURPLUS], p->score[RANK_SURPLUS] == 1 ? "s" : ""));
    for (size_t i = 0; i < p->gpus.count + p->nics.count; i++) {
        size_t item = i < p->gpus.count ? p->gpus.items[i] : p->nics.items[i - p->gpus.count];
        const struct host_function *f = function_of(place, item);

        if (f->iommu_group < 0)
            sentences_add(
                ret, mem_printf("%s is in no IOMMU group: no guest can have it before the IOMMU is "
                                "on (vtopo-host prepare)",
                                BDF_TEXT(&f->bdf)));
        if (place->stock.items.items[item].node == HOST_NONE && place->stock.host->nodes.count)
            sentences_add(
                ret, mem_printf("the host does not say on which node %s is", BDF_TEXT(&f->bdf)));
    }
}

static size_t count_board(const struct vtopo_host *host)
{
    size_t count = 0;

    for (size_t i = 0; i < host->functions.count; i++)
        count += nvlink_of(&host->functions.items[i]) >= NVLINK_SWITCHED;
    return count;
}

/* Some of the GPUs of a board with NVSwitches. */
static void say_nvlink(const struct place *place, const struct place_proposal *p,
                       struct sentences *ret)
{
    size_t board = count_board(place->stock.host), switched = 0;

    for (size_t i = 0; i < p->gpus.count; i++)
        switched += nvlink_of(function_of(place, p->gpus.items[i])) >= NVLINK_SWITCHED;
    if (switched > 1 && switched < board)
        sentences_add(ret,
                      mem_printf("%zu of %zu GPUs of a board with NVSwitches have NVLink only in a "
                                 "partition of NVIDIA's fabric manager",
                                 switched, board));
    if (switched && switched < p->gpus.count)
        sentences_add(
            ret, mem_printf("some of the GPUs are on a board with NVSwitches, and some are not"));
}

/* The devices of VMs that stand in the way. */
static void say_nearer(const struct place *place, const struct place_request *request,
                       struct sentences *ret)
{
    const struct place_proposal *nearer = &place->nearer;
    autofree char *how = place->has_nearer ? place_summary(place, nearer) : NULL;
    struct buffer text = {0};

    if (!place->has_nearer)
        return;
    buffer_printf(&text, "nearer (%s) would be", how ? how : "");
    for (size_t i = 0; i < nearer->units.count; i++) {
        const struct stock_unit *unit = &place->stock.units.items[nearer->units.items[i]];

        buffer_printf(
            &text, "%s %s", i ? "," : "",
            BDF_TEXT(
                &place->stock.host->functions.items[place->stock.members.items[unit->first]].bdf));
        if (unit->hold < HOLD_DEFINED)
            continue;
        buffer_add(&text, ", which ");
        hold_describe(place->stock.host, request->owners, unit->holder, unit->hold, &text);
    }
    sentences_add(ret, how ? buffer_steal(&text) : NULL);
    buffer_clear(&text);
}

void place_given_up(const struct place *place, const struct place_request *request,
                    const struct place_proposal *proposal, struct sentences *ret)
{
    *ret = (struct sentences){0};
    say_held(place, request, proposal, ret);
    say_models(proposal, ret);
    say_levels(proposal, ret);
    say_shares(place, proposal, ret);
    say_surplus(place, proposal, ret);
    say_nvlink(place, proposal, ret);
    if (proposal == place->proposals.items)
        say_nearer(place, request, ret);
}

/* --- what is not known --- */

static bool any_bound(const struct place *place)
{
    for (size_t i = 0; i < place->stock.items.count; i++) {
        const char *driver = function_of(place, i)->driver;

        if (driver && strstr(driver, "vfio"))
            return true;
    }
    return false;
}

void place_unknown(const struct place *place, const struct place_request *request,
                   struct sentences *ret)
{
    *ret = (struct sentences){0};
    if (!request->owners)
        sentences_add(
            ret, mem_printf("VMs were not asked (no --connect): what is free here may be in one%s",
                            any_bound(place) ? ", above all what a VFIO driver has" : ""));
    for (size_t i = 0; i < request->only_count; i++) {
        const struct place_id *id = &request->only[i];

        if (!place_has_id(place->stock.host, id))
            sentences_add(ret, mem_printf("the host has no GPU or NIC %04x:%04x, so it chooses "
                                          "nothing",
                                          id->vendor, id->device));
    }
    if (place->stock.left_out)
        sentences_add(ret, mem_printf("%zu GPUs and NICs were left out: %d are looked at",
                                      place->stock.left_out, STOCK_MAX));
}
