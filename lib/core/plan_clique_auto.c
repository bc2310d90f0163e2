/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_clique_auto.c - P2P cliques from the host's switches and their ACS state
 *
 * Takes:  GPUs that QEMU takes a clique for; the ports above them with their config space.
 * Gives:  the clique of those that nobody gave one.
 * Rule:   GPUs below one host switch, with no port between them that redirects what one sends to the other, are a
 *         clique (what ATS has translated may go directly).  One that has no such peer gets none; nor does one of which this cannot be read.  A clique in which
 *         somebody has given exactly one id takes that; others take ids that are free, in the order of the host.
 * Not here: the other sources of cliques (plan_clique.c), checks of the host (ACS of all pairs).
 */
#include "core/pcicap.h"
#include "core/plan_clique.h"

#include <stdio.h>

/* ACS Control: PCI Express Base Specification 6.0, 7.7.11.3. */
#define ACS_CONTROL 6
#define ACS_BLOCKING 0x0002 /* translation blocking */
#define ACS_REDIRECT 0x002c /* P2P request redirect, P2P completion redirect, P2P egress control */
#define ACS_DIRECT 0x0040   /* direct translated P2P: requests that ATS has translated are not redirected */

enum acs { ACS_CLEAR, ACS_REDIRECTS, ACS_UNREADABLE };

struct gpu {
    size_t device;   /* place in plan.devices */
    size_t function; /* place in host.functions */
    struct bdf bdf;
    int clique;      /* given by somebody; -1: none */
    size_t group;    /* place of the first GPU of its clique in the list */
};

struct gpus {
    struct gpu *items;
    size_t count;
};

/* What is on the way from one GPU to another. */
struct way {
    enum acs acs;
    size_t port; /* the first one that is not clear: place in host.functions */
    unsigned control;
};

static bool is_above(const struct vtopo_host *host, size_t above, size_t at)
{
    for (; at != HOST_NONE; at = host->functions.items[at].parent) {
        if (at == above)
            return true;
    }
    return false;
}

size_t plan_common_switch(const struct vtopo_host *host, size_t a, size_t b)
{
    size_t at = a == b ? HOST_NONE : host->functions.items[a].parent;

    while (at != HOST_NONE && !is_above(host, at, b))
        at = host->functions.items[at].parent;
    return at != HOST_NONE && host->functions.items[at].port == PORT_UPSTREAM ? at : HOST_NONE;
}

static enum acs acs_of(const struct host_function *port, unsigned *ret_control)
{
    size_t at = 0;
    uint16_t control;

    *ret_control = 0;
    switch (pcicap_find_extended(port->config, port->config_size, PCICAP_EXT_ACS, &at)) {
    case PCICAP_ABSENT:
        return ACS_CLEAR;
    case PCICAP_FOUND:
        if (!pcicap_read16(port->config, port->config_size, at + ACS_CONTROL, &control))
            return ACS_UNREADABLE;
        *ret_control = control;
        if (!(control & ACS_REDIRECT) || (control & (ACS_DIRECT | ACS_BLOCKING)) == ACS_DIRECT)
            return ACS_CLEAR;
        return ACS_REDIRECTS;
    default:
        return ACS_UNREADABLE;
    }
}

/* From the port above a function up to, not including, the switch's upstream port. */
static void look_up(const struct vtopo_host *host, size_t function, size_t end, struct way *way)
{
    for (size_t at = host->functions.items[function].parent; way->acs == ACS_CLEAR && at != end;
         at = host->functions.items[at].parent) {
        way->acs = acs_of(&host->functions.items[at], &way->control);
        way->port = at;
    }
}

/* false: they share no switch. */
static bool find_way(const struct vtopo_host *host, const struct gpu *a, const struct gpu *b, struct way *ret)
{
    size_t top = plan_common_switch(host, a->function, b->function);

    *ret = (struct way){.acs = ACS_CLEAR, .port = HOST_NONE};
    if (top == HOST_NONE)
        return false;
    look_up(host, a->function, top, ret);
    look_up(host, b->function, top, ret);
    return true;
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

/*
 * A clear way to one member is a clear way to all: of two ways that meet, the ports up to the higher of the two switches
 * are all of those on the third.
 */
static void group(const struct planner *p, struct gpus *gpus)
{
    for (size_t i = 0; i < gpus->count; i++) {
        struct way way;

        gpus->items[i].group = i;
        for (size_t k = 0; k < i && gpus->items[i].group == i; k++) {
            if (gpus->items[k].group == k && find_way(p->host, &gpus->items[i], &gpus->items[k], &way) &&
                way.acs == ACS_CLEAR)
                gpus->items[i].group = k;
        }
    }
}

/* Of the clique of number @first: who is in it, how many nobody gave an id, and the ids that somebody gave. */
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

/* The id for those of a clique that have none; -1: there is no reason for one, -2: there is none left. */
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

static int tell_way(struct planner *p, const struct gpu *gpu, const struct gpu *other, const struct way *way)
{
    const struct bdf *port = &p->host->functions.items[way->port].bdf;

    if (way->acs == ACS_UNREADABLE)
        return plan_finding(p, FINDING_CLIQUE_ACS, BDF_TEXT(&gpu->bdf),
                            "gets no P2P clique with %s: the ACS state of the port %s between them cannot be read (config space is readable for root only)",
                            BDF_TEXT(&other->bdf), BDF_TEXT(port));
    return plan_finding(p, FINDING_CLIQUE_ACS, BDF_TEXT(&gpu->bdf),
                        "gets no P2P clique with %s: ACS of the port %s between them redirects what one sends to the other (ACS control is 0x%04x; direct translated P2P, 0x%04x, should be on in it, translation blocking, 0x%04x, off)",
                        BDF_TEXT(&other->bdf), BDF_TEXT(port), way->control, ACS_DIRECT, ACS_BLOCKING);
}

/* Of each GPU that got none and has a neighbour below its switch: why. */
static int tell_rest(struct planner *p, const struct gpus *gpus)
{
    int r = 0;

    for (size_t i = 0; !r && i < gpus->count; i++) {
        bool told = gpus->items[i].clique >= 0;
        struct way way;

        for (size_t k = 0; !r && !told && k < gpus->count; k++) {
            if (!find_way(p->host, &gpus->items[i], &gpus->items[k], &way) || way.acs == ACS_CLEAR)
                continue;
            r = tell_way(p, &gpus->items[i], &gpus->items[k], &way);
            told = true;
        }
    }
    return r;
}

int plan_clique_auto(struct planner *p)
{
    struct gpus gpus = {0};
    int r = collect(p, &gpus) ? 0 : error_nomem(p->reterr);

    if (!r) {
        group(p, &gpus);
        r = give_all(p, &gpus);
    }
    if (!r)
        r = tell_rest(p, &gpus);
    free(gpus.items);
    return r;
}
