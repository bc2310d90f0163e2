/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clique_auto.c - P2P cliques from the host's switches and their ACS state
 *
 * Takes:  GPUs that QEMU takes a clique for, and the groups of those that reach each other.
 * Gives:  the clique of those that nobody gave one.
 * Rule:   GPUs that reach each other are a clique; one that has no such peer gets none. A clique in
 *         which somebody has given exactly one id takes that; others take ids that are free, in the
 *         order of the host.
 * Not here: who reaches whom (check/p2p_groups.c), the other sources of cliques (clique.c).
 */
#include "check/p2p_groups.h"
#include "plan/extra/clique.h"

#include <stdio.h>

struct gpu {
    size_t device;   /* place in plan.devices */
    size_t function; /* place in host.functions */
    size_t top;      /* the topmost switch above it */
    struct bdf bdf;
    int clique;   /* given by somebody; -1: none */
    size_t group; /* place of the first GPU of its group in the list */
};

struct gpus {
    struct gpu *items;
    size_t count;
};

static int compare_gpus(const void *left, const void *right)
{
    return bdf_compare(&((const struct gpu *)left)->bdf, &((const struct gpu *)right)->bdf);
}

/* By host address: the domain's order is nobody's wish. */
static bool collect(const struct facts *facts, const struct vtopo_plan *plan, struct gpus *gpus)
{
    gpus->items = calloc(plan->devices.count + 1, sizeof(*gpus->items));
    for (size_t i = 0; gpus->items && i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device_takes_clique(facts, device))
            gpus->items[gpus->count++] = (struct gpu){
                .device = i,
                .function = device->function,
                .top = p2p_top_switch(facts->host, device->function),
                .bdf = device->host,
                .clique = device->clique,
            };
    }
    if (gpus->count)
        qsort(gpus->items, gpus->count, sizeof(*gpus->items), compare_gpus);
    return gpus->items;
}

static bool set_groups(const struct vtopo_host *host, const struct obstacles *obstacles,
                       struct gpus *gpus)
{
    autofree size_t *functions = calloc(gpus->count + 1, sizeof(*functions));
    autofree size_t *groups = calloc(gpus->count + 1, sizeof(*groups));

    if (!functions || !groups)
        return false;
    for (size_t i = 0; i < gpus->count; i++)
        functions[i] = gpus->items[i].function;
    if (!p2p_groups_find(host, obstacles, functions, gpus->count, groups))
        return false;
    for (size_t i = 0; i < gpus->count; i++)
        gpus->items[i].group = groups[i];
    return true;
}

/* --- ids --- */

/* Of a group: how many are in it, how many of them nobody gave an id, the ids that somebody gave,
 * and the id for the rest. */
struct group {
    size_t members, open;
    unsigned ids; /* a bit each */
    int clique;
};

#define NO_REASON (-1)
#define NO_ID_LEFT (-2)

/* Each group at the place of its first GPU. */
static void count_members(const struct gpus *gpus, struct group *groups)
{
    for (size_t i = 0; i < gpus->count; i++) {
        const struct gpu *gpu = &gpus->items[i];
        struct group *group = &groups[gpu->group];

        group->members++;
        group->open += gpu->clique < 0;
        group->ids |= gpu->clique >= 0 ? 1U << gpu->clique : 0;
    }
}

static int lowest(unsigned bits)
{
    return __builtin_ctz(bits);
}

static int choose_id(const struct group *group, unsigned *used)
{
    bool one = group->ids && !(group->ids & (group->ids - 1));
    unsigned left = ~*used & ((2U << CLIQUE_MAX) - 1);

    if (!group->open || group->members < 2)
        return NO_REASON;
    if (one)
        return lowest(group->ids);
    if (group->open < 2)
        return NO_REASON;
    if (!left)
        return NO_ID_LEFT;
    *used |= 1U << lowest(left);
    return lowest(left);
}

static void choose_ids(const struct gpus *gpus, struct group *groups)
{
    unsigned used = 0;

    for (size_t i = 0; i < gpus->count; i++)
        used |= gpus->items[i].clique >= 0 ? 1U << gpus->items[i].clique : 0;
    for (size_t i = 0; i < gpus->count; i++)
        groups[i].clique = choose_id(&groups[i], &used);
}

static int report_too_many(const struct gpu *gpu, const struct reporter *reporter)
{
    return report_finding(reporter, FINDING_CLIQUE_TOO_MANY, BDF_TEXT(&gpu->bdf),
                          "gets no P2P clique: all %d ids are given to others", CLIQUE_MAX + 1);
}

static int set_id(struct vtopo_plan *plan, struct gpu *gpu, int clique,
                  const struct reporter *reporter)
{
    struct plan_device *device = &plan->devices.items[gpu->device];

    if (gpu->clique >= 0 || device->clique_given || clique == NO_REASON)
        return 0;
    if (clique == NO_ID_LEFT)
        return report_too_many(gpu, reporter);
    gpu->clique = device->clique = clique;
    device->clique_source = CLIQUE_HOST;
    device->clique_given = true;
    return 0;
}

/* Group by group, in the order of their first GPUs. */
static int set_ids(struct vtopo_plan *plan, struct gpus *gpus, const struct group *groups,
                   const struct reporter *reporter)
{
    int r = 0;

    for (size_t first = 0; first < gpus->count; first++) {
        size_t left = groups[first].members;

        for (size_t i = first; !r && left; i++) {
            if (gpus->items[i].group != first)
                continue;
            r = set_id(plan, &gpus->items[i], groups[first].clique, reporter);
            left--;
        }
    }
    return r;
}

/* --- those that get none --- */

static int report_port(const struct facts *facts, const struct gpu *gpu, const struct gpu *other,
                       const struct obstacle_port *port, const struct reporter *reporter)
{
    struct clique_fault fault;
    autofree char *which = NULL, *after = NULL;

    if (!clique_describe_fault(facts, &other->bdf, port, &fault))
        return error_nomem(reporter->reterr);
    which = fault.which;
    after = mem_printf(": %s", fault.what);
    return after ? report_detail(reporter, FINDING_CLIQUE_ACS, BDF_TEXT(&gpu->bdf),
                                 "gets no P2P clique with ", which, after)
                 : error_nomem(reporter->reterr);
}

/* Why a GPU got none, if it has a neighbour below its switch. */
static int report_reason(const struct facts *facts, const struct obstacles *obstacles,
                         const struct gpus *gpus, const struct gpu *gpu,
                         const struct clique_neighbours *neighbours,
                         const struct plan_device *device, const struct reporter *reporter)
{
    for (size_t i = 0; gpu->top != HOST_NONE && i < gpus->count; i++) {
        const struct gpu *other = &gpus->items[i];
        struct obstacle_port port;

        if (other->top == gpu->top && other != gpu &&
            obstacles_find_port(obstacles, gpu->function, other->function, P2P_FAULTS, &port))
            return report_port(facts, gpu, other, &port, reporter);
    }
    return clique_report_partial(facts, neighbours, device, reporter);
}

static int report_rest(const struct facts *facts, const struct obstacles *obstacles,
                       const struct vtopo_plan *plan, const struct gpus *gpus,
                       const struct reporter *reporter)
{
    struct clique_neighbours neighbours;
    int r = clique_neighbours_find(facts, plan, &neighbours) ? 0 : error_nomem(reporter->reterr);

    for (size_t i = 0; !r && i < gpus->count; i++) {
        const struct gpu *gpu = &gpus->items[i];
        const struct plan_device *device = &plan->devices.items[gpu->device];

        if (gpu->clique < 0 && !device->clique_given)
            r = report_reason(facts, obstacles, gpus, gpu, &neighbours, device, reporter);
    }
    free(neighbours.items);
    return r;
}

int cliques_report_auto(const struct facts *facts, const struct obstacles *obstacles,
                        const struct vtopo_plan *plan, const struct reporter *reporter)
{
    struct gpus gpus = {0};
    int r = collect(facts, plan, &gpus) ? 0 : error_nomem(reporter->reterr);

    if (!r)
        r = report_rest(facts, obstacles, plan, &gpus, reporter);
    free(gpus.items);
    return r;
}

int cliques_assign_auto(const struct facts *facts, const struct obstacles *obstacles,
                        struct vtopo_plan *plan, const struct reporter *reporter)
{
    struct gpus gpus = {0};
    autofree struct group *groups = NULL;
    int r = collect(facts, plan, &gpus) && set_groups(facts->host, obstacles, &gpus)
                ? 0
                : error_nomem(reporter->reterr);

    if (!r) {
        groups = calloc(gpus.count + 1, sizeof(*groups));
        r = groups ? 0 : error_nomem(reporter->reterr);
    }
    if (!r) {
        count_members(&gpus, groups);
        choose_ids(&gpus, groups);
        r = set_ids(plan, &gpus, groups, reporter);
    }
    free(gpus.items);
    return r;
}
