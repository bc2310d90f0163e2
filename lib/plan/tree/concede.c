/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * concede.c - as much of what the policy asks for as fits
 *
 * Takes:  the cards; the steps that build a layout and number it, each of which may find that it
 *         does not fit.
 * Gives:  the best layout that fits, with a finding for each thing that was conceded and the budget
 *         that forced it; a refusal with the count where none fits.
 * Rule:   conceded are, in this order: spare ports (as few as will do), expanders of one cell that
 *         are apart, nested switches. Each try makes a new layout, and the best one that fits is
 *         the result; in the end nothing is conceded that would still fit. With a strict policy
 *         there is one try.
 * Not here: what does not fit, and why (io_windows.c, hotplug.c, number.c, address_space.c).
 */
#include "plan/tree/concede.h"

#include "base/buffer.h"
#include "plan/budget/budget.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/reporter.h"
#include "plan/tree/number.h"

#define MIB (UINT64_C(1) << 20)

/* --- one try --- */

/*
 * One try.  0: it fits.  VTOPO_ERR_REFUSED: with layout.shortage it does not, without it there is
 * another reason in *@reterr.  The caller clears @ret in any case.
 */
static int layout_build(const struct layout_input *in, const struct concessions *conceded,
                        struct layout *ret, struct vtopo_error **reterr)
{
    int r = layout_init(in->cards, ret) ? 0 : error_nomem(reterr);

    ret->merged = conceded->merged;
    if (!r)
        r = layout_add_controllers(in, conceded, ret, reterr);
    if (!r)
        r = layout_find_vacated(in, ret, reterr);
    if (!r)
        r = layout_number(in, conceded->fewest, ret, reterr);
    if (!r)
        r = layout_set_hotplug(in, conceded, ret, reterr);
    if (!r)
        r = layout_settle_vacated(in, ret, reterr);
    if (!r)
        r = layout_announce(in, ret, reterr);
    if (!r)
        r = layout_check_spare_ports(in, ret, reterr);
    if (!r)
        r = layout_set_mem_reserve(in, ret, reterr);
    if (!r)
        r = layout_set_pref_reserve(in, ret, reterr);
    if (!r)
        r = budgets_count(in, conceded->fewest, ret, reterr);
    return r ? r : budgets_check(in, ret, reterr);
}

int layout_of_gaps(const struct layout_input *in, struct layout *ret, struct vtopo_error **reterr)
{
    int r = layout_init(in->cards, ret) ? 0 : error_nomem(reterr);

    if (!r)
        r = layout_number(in, false, ret, reterr);
    if (r == VTOPO_ERR_REFUSED && ret->shortage.why)
        return error_set(reterr, r, "what vtopo had put in cannot be taken out: %s",
                         ret->shortage.why);
    return r ? r : budgets_count(in, false, ret, reterr);
}

/* --- the tries --- */

enum concession { SPARE_PORTS, MERGE, FLATTEN, CONCESSIONS };

struct tries {
    const struct layout_input *in;
    struct layout best; /* of those that fit */
    bool made[CONCESSIONS];
    struct shortage shortage[CONCESSIONS]; /* what forced it */
    struct layout failed;                  /* the last one that did not fit */
    unsigned spare_ports;
    bool unsure; /* a layout that does not fit may fit once libvirt has defined the domain */
    struct vtopo_error **reterr;
};

static bool is_shortage(const struct tries *t, int r)
{
    return r == VTOPO_ERR_REFUSED && t->failed.shortage.why;
}

/* Has a cell more than one expander? */
static bool are_apart(const struct layout_input *in)
{
    bool apart = in->facts->policy->mirror != MIRROR_NUMA;

    for (size_t i = 0; i < in->cards->cards.count; i++)
        apart = apart || in->cards->cards.items[i].own_root;
    return apart && in->facts->base->cells.count;
}

/* Can this concession change anything? */
static bool is_possible(const struct layout_input *in, enum concession concession)
{
    const struct facts *facts = in->facts;

    switch (concession) {
    case SPARE_PORTS:
        return facts->policy->spare_ports > 0;
    case MERGE:
        return are_apart(in);
    case FLATTEN:
        return facts->policy->mirror == MIRROR_EXACT;
    case CONCESSIONS:
        break;
    }
    return false;
}

/*
 * Of a domain without addresses only libvirt knows how much it needs.  A layout is made of less
 * only if more would not fit however little that is: otherwise the next rewrite, which sees what
 * libvirt made of it, would undo the step.
 */
static int try_with_fewest(struct tries *t, struct concessions conceded)
{
    struct layout layout;
    int r;

    conceded.fewest = true;
    r = layout_build(t->in, &conceded, &layout, t->reterr);
    if (!r)
        t->unsure = true;
    else if (r != VTOPO_ERR_REFUSED || !layout.shortage.why)
        layout_clear(&t->failed); /* there is an error now, which no concession mends */
    layout_clear(&layout);
    return r ? r : VTOPO_ERR_REFUSED;
}

static struct concessions conceded_by(const struct tries *t)
{
    return (struct concessions){
        .spare_ports = t->made[SPARE_PORTS] ? t->spare_ports : t->in->facts->policy->spare_ports,
        .merged = t->made[MERGE],
        .flat = t->made[FLATTEN],
    };
}

/* 0: it fits, and is the best one.  VTOPO_ERR_REFUSED with tries.failed: it does not. */
static int try_it(struct tries *t)
{
    struct concessions conceded = conceded_by(t);
    struct layout layout;
    int r = layout_build(t->in, &conceded, &layout, t->reterr);

    layout_clear(&t->failed);
    if (!r) {
        layout_clear(&t->best);
        t->best = layout;
        return 0;
    }
    t->failed = layout;
    if (!is_shortage(t, r) || libvirt_adds_nothing(t->in->facts->base, t->in->fates))
        return r;
    return try_with_fewest(t, conceded);
}

/* The last try is why @concession is made. */
static void set_shortage(struct tries *t, enum concession concession)
{
    free(t->shortage[concession].why);
    t->shortage[concession] = t->failed.shortage;
    t->failed.shortage.why = NULL;
}

/* Makes one concession after the other until it fits. */
static int concede_until_it_fits(struct tries *t)
{
    int r = try_it(t);

    for (enum concession c = 0;
         is_shortage(t, r) && !t->in->facts->policy->strict && c < CONCESSIONS; c++) {
        if (!is_possible(t->in, c))
            continue;
        t->made[c] = true;
        set_shortage(t, c);
        r = try_it(t);
    }
    return r;
}

/* What was conceded without need: the last one was needed, each one before it may not have been. */
static int withdraw(struct tries *t)
{
    enum concession last = CONCESSIONS;
    int r = 0;

    while (last && !t->made[last - 1])
        last--;
    for (enum concession c = last ? last - 1 : 0; !r && c-- > 0;) {
        if (!t->made[c])
            continue;
        t->made[c] = false;
        r = try_it(t);
        if (!is_shortage(t, r))
            continue;
        t->made[c] = true;
        set_shortage(t, c);
        r = 0;
    }
    return r;
}

/* As many spare ports as there is room for. */
static int find_spare_ports(struct tries *t)
{
    unsigned fit = 0, too_many = t->in->facts->policy->spare_ports;

    while (t->made[SPARE_PORTS] && fit + 1 < too_many) {
        int r;

        t->spare_ports = fit + (too_many - fit) / 2;
        r = try_it(t);
        if (r && !is_shortage(t, r))
            return r;
        if (r)
            too_many = t->spare_ports;
        else
            fit = t->spare_ports;
    }
    t->spare_ports = fit;
    return 0;
}

/* --- what is reported --- */

static char *text_of_budgets(const struct layout *layout)
{
    struct buffer text = {0};

    for (size_t i = 0; i < layout->budgets.count; i++) {
        const struct plan_budget *b = &layout->budgets.items[i];
        uint64_t unit = b->bytes ? MIB : 1;

        buffer_printf(&text, "%s%s %llu of ", i ? ", " : "", b->name,
                      (unsigned long long)((b->used + unit - 1) / unit));
        if (b->unknown)
            buffer_add(&text, "an unknown number of");
        else
            buffer_add_number(&text, b->available / unit);
        buffer_add(&text, b->bytes ? " MiB" : "");
    }
    return buffer_steal(&text);
}

/* No concession makes it fit. */
static int refuse(struct tries *t)
{
    const struct shortage *shortage = &t->failed.shortage;
    autofree char *count = NULL;
    int r = budgets_count(t->in, false, &t->failed, t->reterr);

    if (r)
        return r;
    count = text_of_budgets(&t->failed);
    if (!count)
        return error_nomem(t->reterr);
    return error_set(t->reterr, VTOPO_ERR_REFUSED, "the layout does not fit: %s; %s%s (%s)",
                     shortage->why, shortage->cure,
                     t->in->facts->policy->strict ? "; a strict policy gives up nothing" : "",
                     count);
}

static int refuse_unsure(const struct tries *t, enum concession concession)
{
    return error_set(
        t->reterr, VTOPO_ERR_REFUSED,
        "the layout may not fit: %s, counted with all that libvirt may add to a domain without addresses; define the domain first, then rewrite what \"virsh dumpxml --inactive\" prints",
        t->shortage[concession].why);
}

static int report_spare_ports(const struct tries *t, struct reporter *reporter)
{
    const struct shortage *shortage = &t->shortage[SPARE_PORTS];

    if (!t->spare_ports)
        return report_finding(
            reporter, FINDING_SPARE_CONCEDED, "domain",
            "there are no spare ports, because with them the layout does not fit: %s; %s",
            shortage->why, shortage->cure);
    return report_finding(
        reporter, FINDING_SPARE_CONCEDED, "domain",
        "there are fewer spare ports on each expander than asked for (%u, not %u), because with more the layout does not fit: %s; %s",
        t->spare_ports, t->in->facts->policy->spare_ports, shortage->why, shortage->cure);
}

static int report_concession(const struct tries *t, enum concession concession,
                             struct reporter *reporter)
{
    const struct shortage *shortage = &t->shortage[concession];

    switch (concession) {
    case SPARE_PORTS:
        return report_spare_ports(t, reporter);
    case MERGE:
        return report_finding(
            reporter, FINDING_MERGED, "domain",
            "each cell has one expander for all its root complexes, because with one for each the layout does not fit: %s; %s",
            shortage->why, shortage->cure);
    case FLATTEN:
        return report_finding(
            reporter, FINDING_FLATTENED, "domain",
            "the switches of one switch tree are one switch, because with their levels the layout does not fit: %s; %s",
            shortage->why, shortage->cure);
    case CONCESSIONS:
        break;
    }
    return 0;
}

static int report_concessions(struct tries *t)
{
    struct reporter reporter = {&t->best.findings, t->reterr};
    int r = 0;

    for (enum concession c = 0; !r && c < CONCESSIONS; c++) {
        if (t->made[c])
            r = t->unsure ? refuse_unsure(t, c) : report_concession(t, c, &reporter);
    }
    return r;
}

static int settle(struct tries *t)
{
    int r = withdraw(t);

    if (!r)
        r = find_spare_ports(t);
    return r ? r : report_concessions(t);
}

int layout_concede(const struct layout_input *in, struct layout *ret,
                   struct concessions *ret_conceded, struct vtopo_error **reterr)
{
    struct tries t = {.in = in, .reterr = reterr};
    int r = concede_until_it_fits(&t);

    if (is_shortage(&t, r))
        r = refuse(&t);
    else if (!r && (t.made[SPARE_PORTS] || t.made[MERGE] || t.made[FLATTEN]))
        r = settle(&t);
    for (enum concession c = 0; c < CONCESSIONS; c++)
        free(t.shortage[c].why);
    layout_clear(&t.failed);
    if (r) {
        layout_clear(&t.best);
        return r;
    }
    *ret = t.best;
    *ret_conceded = conceded_by(&t);
    return 0;
}
