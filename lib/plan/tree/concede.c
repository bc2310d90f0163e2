/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * concede.c - the layout with as much fidelity as fits
 *
 * Takes:  plan.cards; the steps that build a layout and number it, each of which may find that it
 * does not fit. Gives:  the best layout that fits, with a finding for each thing that was given up
 * and the budget that forced it; a refusal with the count where none fits. Rule:   given up are, in
 * this order: spare ports (as few as will do), expanders of one cell that are apart, nested
 *         switches.  Each try starts anew; in the end nothing is given up that would still fit.
 * With a strict policy there is one try. Not here: what does not fit, and why (io_windows.c,
 * hotplug.c, number.c, address_space.c).
 */
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/planner.h"

#include <stdarg.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

int plan_misfit(struct planner *p, const char *cure, const char *format, ...)
{
    va_list ap;

    free(p->misfit.why);
    va_start(ap, format);
    p->misfit = (struct misfit){mem_vprintf(format, ap), cure};
    va_end(ap);
    return p->misfit.why ? VTOPO_ERR_REFUSED : error_nomem(p->reterr);
}

/* --- one try --- */

/* The plan as it is before a layout is made: what each try starts from. */
struct start {
    struct plan_device *devices;
    struct plan_card *cards;
    size_t card_count, findings;
};

static int remember(struct planner *p, struct start *ret)
{
    size_t devices = p->plan->devices.count, cards = p->plan->cards.count;

    *ret = (struct start){
        .devices = calloc(devices + 1, sizeof(*ret->devices)),
        .cards = calloc(cards + 1, sizeof(*ret->cards)),
        .card_count = cards,
        .findings = p->plan->findings.count,
    };
    if (!ret->devices || !ret->cards)
        return error_nomem(p->reterr);
    if (devices)
        memcpy(ret->devices, p->plan->devices.items, devices * sizeof(*ret->devices));
    if (cards)
        memcpy(ret->cards, p->plan->cards.items, cards * sizeof(*ret->cards));
    return 0;
}

static void go_back(struct planner *p, const struct start *start)
{
    struct vtopo_plan *plan = p->plan;

    for (size_t i = 0; i < plan->controllers.count; i++)
        free(plan->controllers.items[i].alias);
    plan->controllers.count = plan->bus_fixes.count = plan->ports_off.count = plan->budgets.count =
        0;
    plan->cards.count = start->card_count;
    if (plan->devices.count)
        memcpy(plan->devices.items, start->devices, plan->devices.count * sizeof(*start->devices));
    if (plan->cards.count)
        memcpy(plan->cards.items, start->cards, plan->cards.count * sizeof(*start->cards));
    findings_truncate(&plan->findings, start->findings);
    free(steal(p->chains));
    free(steal(p->misfit.why));
}

static int lay_out(struct planner *p, const struct start *start)
{
    int r;

    go_back(p, start);
    r = plan_layout(p);
    if (!r)
        r = plan_hotplug(p);
    if (!r)
        r = plan_number(p);
    if (!r)
        r = plan_count(p);
    return r ? r : plan_budget(p);
}

/* --- the ladder --- */

enum rung { SPARE_PORTS, MERGE, FLATTEN, RUNGS };

struct ladder {
    struct planner *p;
    struct start start;
    bool given_up[RUNGS];
    struct misfit misfit[RUNGS]; /* what forced it */
    unsigned spare_ports;
    bool unsure; /* a layout that does not fit may fit once libvirt has defined the domain */
};

static bool is_misfit(const struct ladder *l, int r)
{
    return r == VTOPO_ERR_REFUSED && l->p->misfit.why;
}

/* Can giving this up change anything? */
static bool is_there(const struct planner *p, enum rung rung)
{
    switch (rung) {
    case SPARE_PORTS:
        return p->facts.policy->spare_ports > 0;
    case MERGE:
        return p->facts.policy->mirror != MIRROR_NUMA && p->facts.base->cells.count;
    case FLATTEN:
        return p->facts.policy->mirror == MIRROR_EXACT;
    case RUNGS:
        break;
    }
    return false;
}

/*
 * Of a domain without addresses only libvirt knows how much it needs.  A layout is made of less
 * only if more would not fit however little that is: otherwise the next rewrite, which sees what
 * libvirt made of it, would undo the step.
 */
static int fits_with_least(struct ladder *l)
{
    struct misfit misfit = l->p->misfit;
    int r;

    l->p->misfit.why = NULL;
    l->p->least = true;
    r = lay_out(l->p, &l->start);
    l->p->least = false;
    if (r && !is_misfit(l, r)) {
        free(misfit.why);
        return r;
    }
    l->unsure = l->unsure || !r;
    free(l->p->misfit.why);
    l->p->misfit = misfit;
    return VTOPO_ERR_REFUSED;
}

/* 0: it fits.  VTOPO_ERR_REFUSED with planner.misfit: it does not. */
static int try_it(struct ladder *l)
{
    struct planner *p = l->p;
    int r;

    p->fidelity = (struct fidelity){
        .spare_ports = l->given_up[SPARE_PORTS] ? l->spare_ports : p->facts.policy->spare_ports,
        .merged = l->given_up[MERGE],
        .flat = l->given_up[FLATTEN],
    };
    r = lay_out(p, &l->start);
    return is_misfit(l, r) && !libvirt_adds_nothing(p->facts.base, p->plan) ? fits_with_least(l)
                                                                            : r;
}

/* The last try is why @rung is given up. */
static void take_misfit(struct ladder *l, enum rung rung)
{
    free(l->misfit[rung].why);
    l->misfit[rung] = l->p->misfit;
    l->p->misfit.why = NULL;
}

/* Gives up one thing after the other until it fits. */
static int climb_down(struct ladder *l)
{
    int r = try_it(l);

    for (enum rung rung = 0; is_misfit(l, r) && !l->p->facts.policy->strict && rung < RUNGS;
         rung++) {
        if (!is_there(l->p, rung))
            continue;
        l->given_up[rung] = true;
        take_misfit(l, rung);
        r = try_it(l);
    }
    return r;
}

/* What was given up without need: the last step was needed, each one before it may not have been.
 */
static int take_back(struct ladder *l)
{
    enum rung last = RUNGS;
    int r = 0;

    while (last && !l->given_up[last - 1])
        last--;
    for (enum rung rung = last ? last - 1 : 0; !r && rung-- > 0;) {
        if (!l->given_up[rung])
            continue;
        l->given_up[rung] = false;
        r = try_it(l);
        if (!is_misfit(l, r))
            continue;
        l->given_up[rung] = true;
        take_misfit(l, rung);
        r = 0;
    }
    return r;
}

/* As many spare ports as there is room for. */
static int keep_spare_ports(struct ladder *l)
{
    unsigned fit = 0, too_many = l->p->facts.policy->spare_ports;

    while (l->given_up[SPARE_PORTS] && fit + 1 < too_many) {
        int r;

        l->spare_ports = fit + (too_many - fit) / 2;
        r = try_it(l);
        if (r && !is_misfit(l, r))
            return r;
        if (r)
            too_many = l->spare_ports;
        else
            fit = l->spare_ports;
    }
    l->spare_ports = fit;
    return 0;
}

/* --- what is said --- */

static char *say_count(const struct vtopo_plan *plan)
{
    autofree char *text = NULL;

    for (size_t i = 0; i < plan->budgets.count; i++) {
        const struct plan_budget *b = &plan->budgets.items[i];
        uint64_t unit = b->bytes ? MIB : 1;
        bool ok = mem_append(&text, "%s%s %llu of ", text ? ", " : "", b->name,
                             (unsigned long long)((b->used + unit - 1) / unit));

        if (ok && b->unknown)
            ok = mem_append(&text, "an unknown number of%s", b->bytes ? " MiB" : "");
        else if (ok)
            ok = mem_append(&text, "%llu%s", (unsigned long long)(b->available / unit),
                            b->bytes ? " MiB" : "");
        if (!ok)
            return NULL;
    }
    return steal(text);
}

/* Nothing that may be given up makes it fit. */
static int refuse(struct ladder *l)
{
    struct planner *p = l->p;
    autofree char *why = steal(p->misfit.why);
    autofree char *count = NULL;
    int r = plan_count(p);

    if (r)
        return r;
    count = say_count(p->plan);
    if (!count)
        return error_nomem(p->reterr);
    return error_set(p->reterr, VTOPO_ERR_REFUSED, "the layout does not fit: %s; %s%s (%s)", why,
                     p->misfit.cure,
                     p->facts.policy->strict ? "; a strict policy gives up nothing" : "", count);
}

static int refuse_unsure(struct ladder *l, enum rung rung)
{
    return error_set(
        l->p->reterr, VTOPO_ERR_REFUSED,
        "the layout may not fit: %s, reckoned with all that libvirt may add to a domain without addresses; define the domain first, then rewrite what \"virsh dumpxml --inactive\" prints",
        l->misfit[rung].why);
}

static int tell_step(struct ladder *l, enum rung rung)
{
    struct planner *p = l->p;
    const char *why = l->misfit[rung].why, *cure = l->misfit[rung].cure;

    switch (rung) {
    case SPARE_PORTS:
        if (!l->spare_ports)
            return plan_finding(
                p, FINDING_SPARE_GIVEN_UP, "domain",
                "there are no spare ports, because with them the layout does not fit: %s; %s", why,
                cure);
        return plan_finding(
            p, FINDING_SPARE_GIVEN_UP, "domain",
            "there are fewer spare ports on each expander than asked for (%u, not %u), because with more the layout does not fit: %s; %s",
            l->spare_ports, p->facts.policy->spare_ports, why, cure);
    case MERGE:
        return plan_finding(
            p, FINDING_MERGED, "domain",
            "each cell has one expander for all its root complexes, because with one for each the layout does not fit: %s; %s",
            why, cure);
    case FLATTEN:
        return plan_finding(
            p, FINDING_FLATTENED, "domain",
            "the switches of one switch tree are one switch, because with their levels the layout does not fit: %s; %s",
            why, cure);
    case RUNGS:
        break;
    }
    return 0;
}

static int tell(struct ladder *l)
{
    int r = 0;

    for (enum rung rung = 0; !r && rung < RUNGS; rung++) {
        if (!l->given_up[rung])
            continue;
        r = l->unsure ? refuse_unsure(l, rung) : tell_step(l, rung);
    }
    return r;
}

/* The tries end with one that did not fit as often as not: the one that was found is made again. */
static int settle(struct ladder *l)
{
    int r = take_back(l);

    if (!r)
        r = keep_spare_ports(l);
    if (!r)
        r = try_it(l);
    return r ? r : tell(l);
}

static bool any_given_up(const struct ladder *l)
{
    return l->given_up[SPARE_PORTS] || l->given_up[MERGE] || l->given_up[FLATTEN];
}

int plan_ladder(struct planner *p)
{
    struct ladder l = {.p = p};
    int r = remember(p, &l.start);

    if (!r)
        r = climb_down(&l);
    if (is_misfit(&l, r))
        r = refuse(&l);
    else if (!r && any_given_up(&l))
        r = settle(&l);
    for (enum rung rung = 0; rung < RUNGS; rung++)
        free(l.misfit[rung].why);
    free(l.start.devices);
    free(l.start.cards);
    return r;
}
