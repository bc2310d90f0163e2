/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stay_pairs.c - see stay_pairs.h
 *
 * Takes:  the finished plan, host and domain.
 * Gives:  a finding with the pairs of devices that somebody put below expanders or switches and
 *         that are nearer to each other than on the host, and one with those that are farther.
 * Rule:   two share an expander as they share a root complex, and a switch as they share the
 *         topmost one on the host. In mirror numa an expander stands for any root complex, and
 *         without switches nobody asks how far cards of one switch are.
 * Not here: cards that move (card_pairs.c).
 */
#include "plan/stay_pairs.h"

#include "base/buffer.h"
#include "model/host_tree.h"

/* A device that stays, as far as it matters here. */
struct stayer {
    const struct host_function *function;
    size_t tree;                   /* the topmost switch on the host; HOST_NONE: none */
    unsigned expander, guest_tree; /* indexes of controllers; 0: none */
};

/* The index of the topmost upstream port above a bus; 0: none.  Loops are left out. */
static unsigned topmost_switch(const struct guest_tree *tree, unsigned bus)
{
    unsigned top = 0;

    for (unsigned step = 0; bus && step < DOMAIN_INDEXES && tree->at[bus].there; step++) {
        if (tree->at[bus].model == CTRL_UPSTREAM)
            top = bus;
        if (!tree->at[bus].placed)
            break;
        bus = tree->at[bus].bus;
    }
    return top;
}

/* One entry for each guest slot. */
static size_t collect(const struct facts *facts, const struct vtopo_plan *plan,
                      struct stayer *stayers)
{
    const struct bdf *last = NULL;
    size_t n = 0;

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];
        size_t top[1];

        if (d->fate != FATE_STAYS || d->reason != STAY_PLACED || d->function == HOST_NONE ||
            d->after.kind != ADDRESS_PCI || (last && bdf_same_slot(last, &d->after.at)))
            continue;
        last = &d->after.at;
        stayers[n++] = (struct stayer){
            .function = &facts->host->functions.items[d->function],
            .tree = host_switches_above(facts->host, d->function, top, 1) ? top[0] : HOST_NONE,
            .expander = facts->tree->at[d->after.at.bus].expander,
            .guest_tree = topmost_switch(facts->tree, d->after.at.bus),
        };
    }
    return n;
}

static bool is_nearer(const struct stayer *a, const struct stayer *b, enum mirror mirror)
{
    if (mirror == MIRROR_NUMA)
        return false;
    if (a->expander && a->expander == b->expander &&
        !bdf_equal(&a->function->root, &b->function->root))
        return true;
    return a->guest_tree && a->guest_tree == b->guest_tree &&
           (a->tree == HOST_NONE || a->tree != b->tree);
}

static bool is_farther(const struct stayer *a, const struct stayer *b, enum mirror mirror)
{
    return mirror >= MIRROR_SWITCH && a->tree != HOST_NONE && a->tree == b->tree &&
           (!a->guest_tree || a->guest_tree != b->guest_tree);
}

typedef bool relation(const struct stayer *, const struct stayer *, enum mirror);

/* "A with B, C; B with C" */
static void name_pairs(const struct stayer *stayers, size_t count, enum mirror mirror, relation *is,
                       struct buffer *text)
{
    for (size_t a = 0; a < count; a++) {
        size_t named = 0;

        for (size_t b = a + 1; b < count; b++) {
            if (!is(&stayers[a], &stayers[b], mirror))
                continue;
            if (!named++)
                buffer_printf(text, "%s%s with ", text->length ? "; " : "",
                              BDF_TEXT(&stayers[a].function->bdf));
            else
                buffer_add(text, ", ");
            buffer_add(text, BDF_TEXT(&stayers[b].function->bdf));
        }
    }
}

#define STAY "devices that stay where somebody put them are "

int stay_pairs_report(const struct facts *facts, const struct vtopo_plan *plan,
                      const struct reporter *reporter)
{
    autofree struct stayer *stayers = calloc(plan->devices.count + 1, sizeof(*stayers));
    autobuffer struct buffer nearer = {0}, farther = {0};
    size_t count;
    int r = 0;

    if (!stayers)
        return error_nomem(reporter->reterr);
    count = collect(facts, plan, stayers);
    name_pairs(stayers, count, facts->policy->mirror, is_nearer, &nearer);
    name_pairs(stayers, count, facts->policy->mirror, is_farther, &farther);
    if (nearer.failed || farther.failed)
        return error_nomem(reporter->reterr);
    if (nearer.length)
        r = report_finding(reporter, FINDING_NEARER, "domain",
                           STAY "nearer in the guest than on the host: %s", nearer.text);
    if (!r && farther.length)
        r = report_finding(reporter, FINDING_STAY_FARTHER, "domain",
                           STAY "farther from each other than on the host: %s", farther.text);
    return r;
}
