/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.c - controller indexes
 *
 * Takes:  plan.controllers, parents before children; the indexes in use.
 * Gives:  an index for each; root ports for indexes that would stay empty.
 * Rule:   the lowest free ones in order, so that a parent has a lower index than its children;
 * behind those of the ports that libvirt will need for devices without an address.
 */
#include "plan/tree/number.h"

/* Will libvirt find an empty port at this index: one of the domain, or one that fills a gap? */
static bool port_for_others(const struct in_use *use, unsigned index)
{
    return !use->occupied[index] && (!use->at[index] || plan_is_port(use->at[index]->model));
}

/*
 * Devices without an address get the ports with the lowest indexes from libvirt, so those are left
 * for them: then they are where they are without vtopo, those that libvirt places after the
 * assigned ones excepted.  Where the indexes do not suffice for that, ours go first.
 */
unsigned plan_first_index(const struct planner *p, struct in_use *use)
{
    size_t needed = use->on_port;
    unsigned index = 1;

    for (; needed && index < INDEXES; index++)
        needed -= port_for_others(use, index);
    if (needed || index + p->plan->controllers.count > INDEXES)
        return 1;
    use->on_port = 0; /* what they need is there, or will be for an index without a controller */
    return index;
}

int plan_number_indexes(struct planner *p, struct in_use *use)
{
    unsigned next = plan_first_index(p, use), free_ones = 0;

    for (unsigned i = 1; i < INDEXES; i++)
        free_ones += !use->index[i];
    if (p->plan->controllers.count > free_ones)
        return plan_does_not_fit(p, LIMIT_INDEXES, p->plan->controllers.count, free_ones);
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];

        while (use->index[next])
            next++;
        use->index[next] = use->there[next] = true;
        c->index = next;
        if (next > use->highest)
            use->highest = next;
        if (c->parent != PLAN_NONE)
            c->parent_index = p->plan->controllers.items[c->parent].index;
    }
    return 0;
}

/* Where nothing is built and nothing was taken out, an index that only an address names is the
 * user's affair. */
static unsigned last_to_fill(const struct planner *p, const struct in_use *use)
{
    unsigned last = INDEXES - 1;

    if (p->plan->controllers.count || p->plan->undo.controllers.count)
        return use->highest;
    while (last && !use->at[last])
        last--;
    return last;
}

/*
 * In a domain whose addresses are all there an index without a controller is one that a former
 * rewrite or an adopted expander left.  libvirt would fill it with a root port on pcie.0, perhaps
 * before others, whose guest bus numbers would move: so the root port is written, in a slot behind
 * all others (slot.c).
 */
int plan_fill_gaps(struct planner *p, struct in_use *use)
{
    unsigned last = last_to_fill(p, use);

    if (!use->complete)
        return 0;
    for (unsigned i = 1; i <= last; i++) {
        struct plan_controller *c;

        if (use->there[i])
            continue;
        c = vec_add(&p->plan->controllers);
        if (!c)
            return error_nomem(p->reterr);
        *c = (struct plan_controller){.model = CTRL_ROOT_PORT,
                                      .index = i,
                                      .parent = PLAN_NONE,
                                      .filler = true,
                                      .cell = -1,
                                      .node = -1,
                                      /* OVMF would keep I/O space for it (hotplug.c). */
                                      .hotplug_off = p->facts.base->firmware == FIRMWARE_OVMF};
        use->index[i] = use->there[i] = true;
    }
    return 0;
}
