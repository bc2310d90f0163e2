/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base_domain.c - see base_domain.h
 *
 * Takes:  a domain as it is, perhaps rewritten before.
 * Gives:  what a former rewrite put in taken out; cells added that are asked for; the controllers
 *         of others that are taken over taken out.
 * Rule:   a view of the input where anything is to be taken out, otherwise the input itself.
 * Not here: what is vtopo's (model/undo.c), which cells (guest_cells.c), which controllers of
 * others can be taken over (devices/adopt.c, devices/back_ports.c), whether any are (make.c).
 */
#include "plan/base_domain.h"

#include "plan/devices/devices.h"

/* A view of the origin with marks on what is taken over. */
static int mark_adopted(const struct facts *facts, const struct policy_index *index,
                        const struct taking_over *taking_over, const struct reporter *reporter,
                        struct domain *ret_adopted)
{
    autofree bool *stays = devices_that_stay(facts, index);
    int r;

    if (!stays || !domain_view(facts->origin, ret_adopted))
        return error_nomem(reporter->reterr);
    r = cells_find_unmapped(facts, index, stays, reporter->reterr);
    if (r)
        return r;
    back_ports_adopt(ret_adopted, stays, taking_over->lone);
    return facts->policy->adopt ? adopt_expanders(ret_adopted, stays, taking_over->lone, reporter)
                                : 0;
}

/* False: out of memory. */
static bool list_adopted(const struct domain *origin, const struct domain *adopted,
                         struct vtopo_plan *plan)
{
    bool going[DOMAIN_INDEXES] = {false};

    for (size_t i = 0; i < adopted->controllers.count; i++)
        going[adopted->controllers.items[i].index] =
            adopted->controllers.items[i].marked && !origin->controllers.items[i].marked;
    for (unsigned i = 0; i < DOMAIN_INDEXES; i++) {
        unsigned *index;

        if (!going[i])
            continue;
        index = vec_add(&plan->adopted);
        if (!index)
            return false;
        *index = i;
    }
    return true;
}

/* False: out of memory. */
static bool take_out_adopted(const struct domain *adopted, struct domain *ret_rest)
{
    struct undo undo;
    bool ok;

    if (!undo_make_to_rebuild(adopted, &undo))
        return false;
    ok = undo_apply(adopted, &undo, ret_rest);
    undo_clear(&undo);
    return ok;
}

static int take_over(struct facts *facts, const struct policy_index *index,
                     const struct taking_over *taking_over, struct vtopo_plan *plan,
                     const struct reporter *reporter, struct base_domain *ret)
{
    int r = mark_adopted(facts, index, taking_over, reporter, &ret->adopted);

    if (!r && !list_adopted(facts->origin, &ret->adopted, plan))
        r = error_nomem(reporter->reterr);
    if (r || !plan->adopted.count)
        return r;
    if (!take_out_adopted(&ret->adopted, &ret->rest))
        return error_nomem(reporter->reterr);
    facts->base = &ret->rest;
    return 0;
}

int base_domain_find(struct facts *facts, const struct policy_index *index,
                     const struct taking_over *taking_over, struct vtopo_plan *plan,
                     const struct reporter *reporter, struct base_domain *ret)
{
    int r;

    *ret = (struct base_domain){0};
    if (!undo_make(facts->input, &plan->undo))
        return error_nomem(reporter->reterr);
    if (!undo_changes_nothing(&plan->undo)) {
        if (!undo_apply(facts->input, &plan->undo, &ret->undone))
            return error_nomem(reporter->reterr);
        facts->origin = facts->base = &ret->undone;
    }
    r = guest_cells_find(facts, index, &ret->lacking, reporter->reterr);
    if (r)
        return r;
    if (ret->lacking.added)
        facts->origin = facts->base = &ret->lacking.domain;
    if (!taking_over->allowed || !(facts->policy->adopt || back_ports_any(facts->origin)))
        return 0;
    return take_over(facts, index, taking_over, plan, reporter, ret);
}

void base_domain_clear(struct base_domain *base)
{
    domain_view_clear(&base->rest);
    domain_view_clear(&base->adopted);
    guest_cells_clear(&base->lacking);
    domain_view_clear(&base->undone);
}
