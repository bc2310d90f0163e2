/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * propose.c - see place.h
 *
 * Takes:  a host and a request.
 * Gives:  proposals, best first.
 * Rule:   a proposal is grown (grow.c) from each GPU, or from each NIC where no GPU is wanted: of
 *         those with the same lowest switch and hold the lowest.  Where there are enough GPUs of
 *         one model this is done for each model, otherwise for all together.  First only what is
 *         free may be taken, then what a driver of the host has, too; what VMs have, to see whether
 *         that would be nearer.  Equal sets are one.  So the work grows with the number of switches
 *         and never with that of sets.
 */
#include "place/grow.h"
#include "place/rank.h"
#include "place/room.h"
#include "place/wish.h"

#include "base/error.h"

#include <string.h>

#define SEEDS_MAX 64  /* switches to begin at */
#define MODELS_MAX 16 /* of GPUs */

struct proposing {
    const struct place_request *request;
    const struct stock *stock;
    struct room room;
    struct choice choice;
    bool *allowed;              /* now */
    bool *available;            /* free, or held by a driver of the host */
    struct place_proposal best; /* of what VMs have, too */
    bool collects;              /* proposals, otherwise the best one */
    struct place *place;
};

static const struct host_function *function_of(const struct stock *stock, size_t item)
{
    return &stock->host->functions.items[stock->items.items[item].function];
}

/* --- what may be taken --- */

/* All that nothing stronger holds. */
static void allow(struct proposing *p, enum hold most)
{
    for (size_t i = 0; i < p->stock->items.count; i++)
        p->allowed[i] = stock_hold(p->stock, i) <= most && wish_has(p->request, p->stock, i);
}

static bool is_model(const struct proposing *p, size_t item, const struct place_id *model)
{
    return !model || place_is_id(function_of(p->stock, item), model);
}

static unsigned count_gpus(const struct proposing *p, const struct place_id *model)
{
    unsigned count = 0;

    for (size_t i = 0; i < p->stock->items.count; i++)
        count += p->allowed[i] && p->stock->items.items[i].gpu && is_model(p, i, model);
    return count;
}

/* --- proposals --- */

static bool is_known(const struct place *place, const struct place_proposal *proposal)
{
    for (size_t i = 0; i < place->proposals.count; i++) {
        const struct place_proposal *other = &place->proposals.items[i];

        if (other->units.count == proposal->units.count &&
            !memcmp(other->units.items, proposal->units.items,
                    other->units.count * sizeof(*other->units.items)))
            return true;
    }
    return false;
}

/* Takes it over, or clears it. */
static bool keep(struct proposing *p, struct place_proposal *proposal)
{
    struct place_proposal *kept = NULL;
    bool done = true;

    if (p->collects && !is_known(p->place, proposal)) {
        kept = vec_add(&p->place->proposals);
        done = kept;
    } else if (!p->collects && (!p->best.units.count || rank_compare(proposal, &p->best) < 0)) {
        place_proposal_clear(&p->best);
        kept = &p->best;
    }
    if (kept)
        *kept = *proposal;
    else
        place_proposal_clear(proposal);
    return done;
}

static bool propose_from(struct proposing *p, size_t seed)
{
    struct place_proposal proposal;
    bool complete = false, fits = false;
    bool done = grow(&p->choice, seed, &proposal, &complete);

    if (!done || !complete)
        return done;
    done = room_share(&p->room, p->stock, &proposal, &fits) &&
           rank_score(&p->choice, p->available, &proposal);
    if (done && fits)
        return keep(p, &proposal);
    place_proposal_clear(&proposal);
    return done;
}

/* One like this, with the same hold, came before. */
static bool is_seed(const struct proposing *p, size_t item)
{
    const struct stock_item *items = p->stock->items.items;

    for (size_t i = 0; i < item; i++) {
        if (p->allowed[i] && items[i].gpu == items[item].gpu &&
            items[i].place == items[item].place &&
            stock_hold(p->stock, i) == stock_hold(p->stock, item))
            return false;
    }
    return true;
}

static bool propose_seeds(struct proposing *p)
{
    size_t seeds = 0;
    bool done = true;

    for (size_t i = 0; done && i < p->stock->items.count && seeds < SEEDS_MAX; i++) {
        if (!p->allowed[i] || p->stock->items.items[i].gpu != (p->request->gpus > 0) ||
            !is_seed(p, i))
            continue;
        done = propose_from(p, i);
        seeds++;
    }
    return done;
}

/* Was the model of the item there before? */
static bool is_first_of_model(const struct proposing *p, size_t item)
{
    struct place_id model = {function_of(p->stock, item)->vendor,
                             function_of(p->stock, item)->device};

    for (size_t i = 0; i < item; i++) {
        if (p->allowed[i] && p->stock->items.items[i].gpu && is_model(p, i, &model))
            return false;
    }
    return true;
}

static void allow_model(struct proposing *p, enum hold most, const struct place_id *model)
{
    allow(p, most);
    for (size_t i = 0; i < p->stock->items.count; i++)
        p->allowed[i] = p->allowed[i] && (!p->stock->items.items[i].gpu || is_model(p, i, model));
}

static bool propose_models(struct proposing *p, enum hold most)
{
    struct place_id models[MODELS_MAX];
    size_t count = 0;
    bool done = true;

    allow(p, most);
    for (size_t i = 0; i < p->stock->items.count && count < MODELS_MAX; i++) {
        const struct host_function *f = function_of(p->stock, i);
        struct place_id model = {f->vendor, f->device};

        if (p->allowed[i] && p->stock->items.items[i].gpu && is_first_of_model(p, i) &&
            count_gpus(p, &model) >= p->request->gpus)
            models[count++] = model;
    }
    if (!p->request->gpus || !count)
        return propose_seeds(p);
    for (size_t i = 0; done && i < count; i++) {
        allow_model(p, most, &models[i]);
        done = propose_seeds(p);
    }
    return done;
}

/* --- */

static int compare_proposals(const void *left, const void *right)
{
    return rank_compare(left, right);
}

/* Also nearer than what there is none of. */
static bool is_nearer(const struct place *place, const struct place_proposal *other)
{
    const struct place_proposal *best = place->proposals.items;

    return other->units.count &&
           (!place->proposals.count || other->score[RANK_LEVEL] < best->score[RANK_LEVEL]);
}

static bool propose_all(struct proposing *p)
{
    struct place *place = p->place;
    bool done;

    p->collects = true;
    done = propose_models(p, HOLD_NONE) && propose_models(p, HOLD_DRIVER);
    if (done && place->proposals.count)
        qsort(place->proposals.items, place->proposals.count, sizeof(*place->proposals.items),
              compare_proposals);
    p->collects = false;
    done = done && propose_models(p, HOLD_RUNNING);
    place->has_nearer = is_nearer(place, &p->best);
    if (place->has_nearer)
        place->nearer = p->best;
    else
        place_proposal_clear(&p->best);
    return done;
}

/* --- */

static int start(const struct vtopo_host *host, struct proposing *p, struct vtopo_error **reterr)
{
    size_t count;

    if (!stock_make(host, p->request->owners, p->request->nics, &p->place->stock) ||
        !room_make(host, p->request, &p->room))
        return error_nomem(reterr);
    count = p->stock->items.count;
    p->allowed = calloc(count + 1, sizeof(*p->allowed));
    p->available = calloc(count + 1, sizeof(*p->available));
    if (!p->allowed || !p->available)
        return error_nomem(reterr);
    allow(p, HOLD_DRIVER);
    memcpy(p->available, p->allowed, count * sizeof(*p->allowed));
    p->choice = (struct choice){p->stock, p->request->gpus, p->request->nics, p->allowed};
    return 0;
}

int place_make(const struct vtopo_host *host, const struct place_request *request,
               struct place *ret, struct vtopo_error **reterr)
{
    struct proposing p = {.request = request, .place = ret, .stock = &ret->stock};
    int r;

    *ret = (struct place){0};
    r = start(host, &p, reterr);
    if (!r)
        r = place_check(request, &ret->stock, &p.room, reterr);
    if (!r && !propose_all(&p))
        r = error_nomem(reterr);
    if (!r && !ret->proposals.count)
        r = error_set(reterr, VTOPO_ERR_REFUSED,
                      "no nodes have so many CPUs, or so much memory, as is asked for");
    room_clear(&p.room);
    free(p.allowed);
    free(p.available);
    return r;
}

void place_proposal_clear(struct place_proposal *proposal)
{
    for (size_t i = 0; i < proposal->shares.count; i++)
        idset_free(&proposal->shares.items[i].list);
    free(proposal->shares.items);
    free(proposal->units.items);
    free(proposal->gpus.items);
    free(proposal->nics.items);
    *proposal = (struct place_proposal){0};
}

void place_clear(struct place *place)
{
    for (size_t i = 0; i < place->proposals.count; i++)
        place_proposal_clear(&place->proposals.items[i]);
    free(place->proposals.items);
    place_proposal_clear(&place->nearer);
    stock_clear(&place->stock);
}
