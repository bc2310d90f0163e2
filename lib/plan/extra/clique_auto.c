/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clique_auto.c - P2P cliques from the host's switches and their ACS state
 *
 * Takes:  GPUs that QEMU takes a clique for; the ports above them with their config space.
 * Gives:  the clique of those that nobody gave one.
 * Rule:   GPUs below one host switch are a clique if the ports at which the ways to them part let
 * pass what one sends to the other, or at least what ATS has translated.  One that has no such peer
 * gets none; nor does one of which this cannot be read.  A clique in which somebody has given
 * exactly one id takes that; others take ids that are free, in the order of the host. Not here: the
 * other sources of cliques (clique.c), ACS Control (check_acs.c).
 */
#include "check/check.h"
#include "model/host_tree.h"
#include "plan/extra/clique.h"

#include <stdio.h>

struct gpu {
    size_t device;   /* place in plan.devices */
    size_t function; /* place in host.functions */
    struct bdf bdf;
    int clique;   /* given by somebody; -1: none */
    size_t group; /* place of the first GPU of its clique in the list */
};

struct gpus {
    struct gpu *items;
    size_t count;
};

/* What is on the way from one GPU to another. */
struct way {
    bool clear;
    size_t port; /* the first one that is not clear: place in host.functions */
    enum acs_state state;
    unsigned control;
};

/* Nothing that is not known.  Direct translated P2P goes before redirection and egress control, for
 * what is translated. */
static bool lets_through(enum acs_state state, unsigned control)
{
    bool direct =
        (control & (ACS_DIRECT_TRANSLATED | ACS_TRANSLATION_BLOCKING)) == ACS_DIRECT_TRANSLATED;

    return state != ACS_UNREADABLE &&
           (direct ||
            !(control & (ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT | ACS_EGRESS_CONTROL)));
}

static void look_at(const struct vtopo_host *host, size_t port, struct way *way)
{
    way->state = check_acs_state(&host->functions.items[port], &way->control);
    way->clear = lets_through(way->state, way->control);
    way->port = port;
}

/* false: they share no switch. */
static bool find_way(const struct vtopo_host *host, size_t a, size_t b, struct way *ret)
{
    size_t top = host_common_switch(host, a, b);

    if (top == HOST_NONE)
        return false;
    look_at(host, host_branch_to(host, top, a), ret);
    if (ret->clear)
        look_at(host, host_branch_to(host, top, b), ret);
    return true;
}

/* Is the way from number @gpu clear to all before it that are in the clique of number @first? */
static bool may_join(const struct vtopo_host *host, const size_t *gpus, const size_t *groups,
                     size_t gpu, size_t first)
{
    for (size_t i = first; i < gpu; i++) {
        struct way way;

        if (groups[i] == first && (!find_way(host, gpus[gpu], gpus[i], &way) || !way.clear))
            return false;
    }
    return true;
}

void plan_clique_groups(const struct vtopo_host *host, const size_t *gpus, size_t count,
                        size_t *ret_groups)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;

        while (first < i &&
               (ret_groups[first] != first || !may_join(host, gpus, ret_groups, i, first)))
            first++;
        ret_groups[i] = first;
    }
}

static int compare_gpus(const void *left, const void *right)
{
    return bdf_compare(&((const struct gpu *)left)->bdf, &((const struct gpu *)right)->bdf);
}

/* By host address: the domain's order is nobody's wish. */
static bool collect(const struct planner *p, struct gpus *gpus)
{
    gpus->items = calloc(p->plan->devices.count + 1, sizeof(*gpus->items));
    for (size_t i = 0; gpus->items && i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];

        if (plan_takes_clique(p, device))
            gpus->items[gpus->count++] =
                (struct gpu){i, device->function, device->host, device->clique, 0};
    }
    if (gpus->count)
        qsort(gpus->items, gpus->count, sizeof(*gpus->items), compare_gpus);
    return gpus->items;
}

static bool group(const struct planner *p, struct gpus *gpus)
{
    autofree size_t *functions = calloc(gpus->count + 1, sizeof(*functions));
    autofree size_t *groups = calloc(gpus->count + 1, sizeof(*groups));

    if (!functions || !groups)
        return false;
    for (size_t i = 0; i < gpus->count; i++)
        functions[i] = gpus->items[i].function;
    plan_clique_groups(p->facts.host, functions, gpus->count, groups);
    for (size_t i = 0; i < gpus->count; i++)
        gpus->items[i].group = groups[i];
    return true;
}

/* Of the clique of number @first: who is in it, how many nobody gave an id, and the ids that
 * somebody gave. */
struct census {
    size_t members, open;
    unsigned ids; /* a bit each */
};

static struct census count(const struct gpus *gpus, size_t first)
{
    struct census c = {0};

    for (size_t i = first; i < gpus->count; i++) {
        const struct gpu *gpu = &gpus->items[i];

        if (gpu->group != first)
            continue;
        c.members++;
        c.open += gpu->clique < 0;
        c.ids |= gpu->clique >= 0 ? 1U << gpu->clique : 0;
    }
    return c;
}

static int lowest(unsigned bits)
{
    return __builtin_ctz(bits);
}

/* The id for those of a clique that have none; -1: there is no reason for one, -2: there is none
 * left. */
static int choose(const struct census *c, unsigned *used)
{
    bool one = c->ids && !(c->ids & (c->ids - 1));
    unsigned left = ~*used & ((2U << CLIQUE_MAX) - 1);

    if (!c->open || c->members < 2)
        return -1;
    if (one)
        return lowest(c->ids);
    if (c->open < 2)
        return -1;
    if (!left)
        return -2;
    *used |= 1U << lowest(left);
    return lowest(left);
}

static int tell_too_many(struct planner *p, const struct gpu *gpu)
{
    return plan_finding(p, FINDING_CLIQUE_TOO_MANY, BDF_TEXT(&gpu->bdf),
                        "gets no P2P clique: all %d ids are given to others", CLIQUE_MAX + 1);
}

static int give(struct planner *p, struct gpus *gpus, size_t first, int clique)
{
    int r = 0;

    for (size_t i = first; !r && i < gpus->count; i++) {
        struct gpu *gpu = &gpus->items[i];
        struct plan_device *device = &p->plan->devices.items[gpu->device];

        if (gpu->group != first || gpu->clique >= 0 || device->clique_given)
            continue;
        if (clique == -2)
            r = tell_too_many(p, gpu);
        if (clique < 0)
            continue;
        gpu->clique = device->clique = clique;
        device->clique_source = CLIQUE_HOST;
        device->clique_given = true;
    }
    return r;
}

static int give_all(struct planner *p, struct gpus *gpus)
{
    unsigned used = 0;
    int r = 0;

    for (size_t i = 0; i < gpus->count; i++)
        used |= gpus->items[i].clique >= 0 ? 1U << gpus->items[i].clique : 0;
    for (size_t i = 0; !r && i < gpus->count; i++) {
        struct census c = count(gpus, i);

        r = give(p, gpus, i, choose(&c, &used));
    }
    return r;
}

static int tell_way(struct planner *p, const struct gpu *gpu, const struct gpu *other,
                    const struct way *way)
{
    const struct bdf *port = &p->facts.host->functions.items[way->port].bdf;

    if (way->state == ACS_UNREADABLE)
        return plan_finding(
            p, FINDING_CLIQUE_ACS, BDF_TEXT(&gpu->bdf),
            "gets no P2P clique with %s: the ACS state of the port %s between them cannot be read (config space is readable for root only)",
            BDF_TEXT(&other->bdf), BDF_TEXT(port));
    return plan_finding(
        p, FINDING_CLIQUE_ACS, BDF_TEXT(&gpu->bdf),
        "gets no P2P clique with %s: ACS of the port %s between them %s what one sends to the other (ACS Control is 0x%04x and should be 0x005d, which lets through what ATS has translated)",
        BDF_TEXT(&other->bdf), BDF_TEXT(port), way->state == ACS_BLOCK ? "may stop" : "redirects",
        way->control);
}

/* Of a GPU that got none: why, if it has a neighbour below its switch. */
static int tell_why(struct planner *p, const struct gpus *gpus, const struct gpu *gpu)
{
    for (size_t i = 0; i < gpus->count; i++) {
        struct way way;

        if (find_way(p->facts.host, gpu->function, gpus->items[i].function, &way) && !way.clear)
            return tell_way(p, gpu, &gpus->items[i], &way);
    }
    return plan_tell_partial(p, &p->plan->devices.items[gpu->device]);
}

static int tell_rest(struct planner *p, const struct gpus *gpus)
{
    int r = 0;

    for (size_t i = 0; !r && i < gpus->count; i++) {
        if (gpus->items[i].clique < 0 &&
            !p->plan->devices.items[gpus->items[i].device].clique_given)
            r = tell_why(p, gpus, &gpus->items[i]);
    }
    return r;
}

int plan_clique_auto(struct planner *p)
{
    struct gpus gpus = {0};
    int r = collect(p, &gpus) && group(p, &gpus) ? 0 : error_nomem(p->reterr);

    if (!r)
        r = give_all(p, &gpus);
    if (!r)
        r = tell_rest(p, &gpus);
    free(gpus.items);
    return r;
}
