/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card_pairs.c - see card_pairs.h
 *
 * Takes:  the finished layout, the host's switches above each card.
 * Gives:  findings that name the pairs: "A, B with C, D; C with E".
 * Rule:   cards that follow each other below the same switches of host and guest are at one place,
 *         and pairs are compared by place. Whether there is any pair to name is found out first,
 *         among those that can be one: that is linear, and as a rule the answer is no.
 * Not here: what else differs (differences.c).
 */
#include "plan/card_pairs.h"

#include "base/buffer.h"

#include <string.h>

/* Where one or more cards are. */
struct place {
    const struct plan_card *card;  /* the first of them */
    const struct plan_chain *host; /* the switches above on the host, */
    struct plan_chain guest;       /* and in the guest: upstream ports of the plan */
    size_t expander;               /* place in plan.controllers, PLAN_NONE: pcie.0 */
    bool apart;                    /* somebody wants it to be elsewhere than its neighbours */
};

struct places {
    struct place *items;
    size_t count;
    size_t *of_card; /* of each card its place */
};

/* --- places --- */

static void find_guest_chain(const struct vtopo_plan *plan, size_t port, struct place *place)
{
    const struct plan_controller *controllers = plan->controllers.items;
    size_t depth = 0, at;

    place->guest.count = 0;
    place->expander = PLAN_NONE;
    for (at = port; at != PLAN_NONE; at = controllers[at].parent) {
        depth += controllers[at].model == CTRL_UPSTREAM;
        if (model_is_expander(controllers[at].model))
            place->expander = at;
    }
    place->guest.count = depth > PLAN_SWITCHES ? PLAN_SWITCHES : depth;
    for (at = port; at != PLAN_NONE; at = controllers[at].parent) {
        if (controllers[at].model == CTRL_UPSTREAM && --depth < PLAN_SWITCHES)
            place->guest.at[depth] = at;
    }
}

static bool is_same_chain(const struct plan_chain *a, const struct plan_chain *b)
{
    return a->count == b->count && !memcmp(a->at, b->at, a->count * sizeof(*a->at));
}

static bool is_same_place(const struct place *a, const struct place *b)
{
    return a->expander == b->expander && a->apart == b->apart &&
           bdf_equal(&a->card->root, &b->card->root) && a->card->node == b->card->node &&
           a->card->cell == b->card->cell && is_same_chain(a->host, b->host) &&
           is_same_chain(&a->guest, &b->guest);
}

static bool places_find(const struct vtopo_plan *plan, const struct plan_chain *chains,
                        struct places *ret)
{
    size_t count = plan->cards.count;

    *ret = (struct places){
        .items = malloc((count + 1) * sizeof(*ret->items)),
        .of_card = calloc(count + 1, sizeof(*ret->of_card)),
    };
    if (!ret->items || !ret->of_card)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct plan_card *card = &plan->cards.items[i];
        struct place place = {
            .card = card,
            .host = &chains[i],
            .apart = card->own_port || card->attach_pci,
        };

        find_guest_chain(plan, card->port, &place);
        if (!ret->count || !is_same_place(&place, &ret->items[ret->count - 1]))
            ret->items[ret->count++] = place;
        ret->of_card[i] = ret->count - 1;
    }
    return true;
}

static void places_clear(struct places *places)
{
    free(places->items);
    free(places->of_card);
}

/* --- relations of places --- */

static size_t common(const struct plan_chain *a, const struct plan_chain *b)
{
    size_t n = 0;

    while (n < a->count && n < b->count && a->at[n] == b->at[n])
        n++;
    return n;
}

/* Switches between two places that share @shared of them, the shared one itself not counted. */
static size_t between(const struct plan_chain *a, const struct plan_chain *b, size_t shared)
{
    return a->count + b->count - 2 * shared;
}

static bool is_nearer(const struct place *a, const struct place *b)
{
    size_t host = common(a->host, b->host), guest = common(&a->guest, &b->guest);

    if (guest && (!host || between(&a->guest, &b->guest, guest) < between(a->host, b->host, host)))
        return true;
    if (a->expander == b->expander && a->expander != PLAN_NONE &&
        !bdf_equal(&a->card->root, &b->card->root))
        return true;
    return a->card->cell >= 0 && a->card->cell == b->card->cell && a->card->node != b->card->node;
}

/* Of a card that needs a root port another finding says that it is apart. */
static bool is_farther(const struct place *a, const struct place *b)
{
    return common(a->host, b->host) && !common(&a->guest, &b->guest) && !a->apart && !b->apart;
}

typedef bool relation(const struct place *, const struct place *);

/* --- is there any pair? --- */

#define NO_KEY SIZE_MAX

/* What both places of a pair must have in common. */
typedef size_t key_of(const struct place *);

static size_t key_of_host_switch(const struct place *place)
{
    return place->host->count ? place->host->at[0] : NO_KEY;
}

static size_t key_of_guest_switch(const struct place *place)
{
    return place->guest.count ? place->guest.at[0] : NO_KEY;
}

static size_t key_of_expander(const struct place *place)
{
    return place->expander;
}

static size_t key_of_cell(const struct place *place)
{
    return place->card->cell >= 0 ? (size_t)place->card->cell : NO_KEY;
}

struct keyed {
    size_t key;
    const struct place *place;
};

static int compare_keys(const void *left, const void *right)
{
    const struct keyed *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

static size_t sort_by_key(const struct places *places, key_of *key, struct keyed *list)
{
    size_t count = 0;

    for (size_t i = 0; i < places->count; i++) {
        size_t value = key(&places->items[i]);

        if (value != NO_KEY)
            list[count++] = (struct keyed){value, &places->items[i]};
    }
    if (count)
        qsort(list, count, sizeof(*list), compare_keys);
    return count;
}

/* @all: each with each of the same key; otherwise the first with the others, which is enough where
 * the relation is a difference. */
static bool any_with_key(const struct places *places, key_of *key, relation *is, bool all,
                         struct keyed *list)
{
    size_t count = sort_by_key(places, key, list), end;

    for (size_t first = 0; first < count; first = end) {
        for (end = first + 1; end < count && list[end].key == list[first].key; end++) {
            for (size_t i = first; i < (all ? end : first + 1); i++) {
                if (is(list[i].place, list[end].place))
                    return true;
            }
        }
    }
    return false;
}

/* Cards at one place are pairs, too. */
static bool any_within(const struct vtopo_plan *plan, const struct places *places, relation *is)
{
    for (size_t i = 1; i < plan->cards.count; i++) {
        const struct place *place = &places->items[places->of_card[i]];

        if (places->of_card[i] == places->of_card[i - 1] && is(place, place))
            return true;
    }
    return false;
}

static bool any_nearer(const struct vtopo_plan *plan, const struct places *places,
                       struct keyed *list)
{
    return any_within(plan, places, is_nearer) ||
           any_with_key(places, key_of_expander, is_nearer, false, list) ||
           any_with_key(places, key_of_cell, is_nearer, false, list) ||
           any_with_key(places, key_of_guest_switch, is_nearer, true, list);
}

static bool any_farther(const struct vtopo_plan *plan, const struct places *places,
                        struct keyed *list)
{
    return any_within(plan, places, is_farther) ||
           any_with_key(places, key_of_host_switch, is_farther, true, list);
}

/* --- their names --- */

/* Which cards, the first before the second, are a pair to be named. */
struct named {
    const struct vtopo_plan *plan;
    size_t places;
    const bool *matrix;         /* by place, or NULL: */
    const size_t *of_card;      /* of each card its place */
    const uint64_t *low, *high; /* the first's is higher than the second's */
};

static bool is_pair(const struct named *n, size_t a, size_t b)
{
    return n->matrix ? n->matrix[n->of_card[a] * n->places + n->of_card[b]]
                     : n->low[a] > n->high[b];
}

/* May card @b be named together with card @a before it: no pair themselves, and both with the same
 * ones behind? */
static bool is_like(const struct named *n, size_t a, size_t b)
{
    for (size_t i = a + 1; i <= b; i++) {
        if (is_pair(n, a, i))
            return false;
    }
    for (size_t i = b + 1; i < n->plan->cards.count; i++) {
        if (is_pair(n, a, i) != is_pair(n, b, i))
            return false;
    }
    return true;
}

/* Cards @from to @to; @a: only those that are a pair with this one, PLAN_NONE: all.  How many. */
static size_t name_cards(const struct named *n, size_t a, size_t from, size_t to,
                         struct buffer *text)
{
    size_t count = 0;

    for (size_t i = from; i < to; i++) {
        if (a != PLAN_NONE && !is_pair(n, a, i))
            continue;
        buffer_add(text, count++ ? ", " : "");
        buffer_add(text, BDF_TEXT(&n->plan->cards.items[i].host));
    }
    return count;
}

static bool any_behind(const struct named *n, size_t a, size_t from)
{
    for (size_t i = from; i < n->plan->cards.count; i++) {
        if (is_pair(n, a, i))
            return true;
    }
    return false;
}

static void name_pairs(const struct named *n, struct buffer *text)
{
    size_t count = n->plan->cards.count, end;

    for (size_t a = 0; a < count; a = end) {
        for (end = a + 1; end < count && is_like(n, a, end);)
            end++;
        if (!any_behind(n, a, end))
            continue;
        buffer_add(text, text->length ? "; " : "");
        name_cards(n, PLAN_NONE, a, end, text);
        buffer_add(text, " with ");
        name_cards(n, a, end, count, text);
    }
}

static int report_pairs(const struct named *n, enum finding_id id, const char *what,
                        const struct reporter *reporter)
{
    autobuffer struct buffer text = {0};

    name_pairs(n, &text);
    if (text.failed)
        return error_nomem(reporter->reterr);
    return text.length ? report_finding(reporter, id, "domain", "%s: %s", what, text.text) : 0;
}

static int report_related(const struct vtopo_plan *plan, const struct places *places,
                          enum finding_id id, relation *is, const char *what,
                          const struct reporter *reporter)
{
    size_t n = places->count;
    autofree bool *matrix = malloc(n * n * sizeof(*matrix));
    struct named named = {.plan = plan, .places = n, .matrix = matrix, .of_card = places->of_card};

    if (!matrix)
        return error_nomem(reporter->reterr);
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++)
            matrix[a * n + b] = is(&places->items[a], &places->items[b]);
    }
    return report_pairs(&named, id, what, reporter);
}

/* --- order --- */

static uint64_t number_of(const struct bdf *bdf)
{
    return (uint64_t)bdf->domain << 32 | (uint64_t)bdf->bus << 16 | (uint64_t)bdf->slot << 8 |
           bdf->function;
}

/* The cards' addresses in the guest; a card behind a bridge is in nobody's way.  Returns whether
 * any is higher than one behind it: on the host they ascend. */
static bool find_order(const struct vtopo_plan *plan, uint64_t *low, uint64_t *high)
{
    uint64_t highest = 0;
    bool any = false;

    for (size_t i = 0; i < plan->cards.count; i++) {
        const struct plan_card *card = &plan->cards.items[i];
        uint64_t at = number_of(&plan->devices.items[card->first_device].guest_after);

        low[i] = card->attach_pci ? 0 : at;
        high[i] = card->attach_pci ? UINT64_MAX : at;
        any = any || highest > high[i];
        highest = low[i] > highest ? low[i] : highest;
    }
    return any;
}

static int report_order(const struct vtopo_plan *plan, const struct reporter *reporter)
{
    autofree uint64_t *low = calloc(plan->cards.count + 1, sizeof(*low));
    autofree uint64_t *high = calloc(plan->cards.count + 1, sizeof(*high));
    struct named named = {.plan = plan, .low = low, .high = high};

    if (!low || !high)
        return error_nomem(reporter->reterr);
    if (!find_order(plan, low, high))
        return 0;
    return report_pairs(
        &named, FINDING_ORDER,
        "cards are numbered the other way round in the guest, because those that belong together there are not numbered one after the other on the host, or because one needs a root port of its own and is not in the switch of the others",
        reporter);
}

/* --- --- */

static const char *why_nearer(enum mirror mirror, bool conceded)
{
    static const char *const words[] = {
        [MIRROR_NUMA] =
            "cards are nearer in the guest than on the host (mirror \"root\" keeps root complexes apart)",
        [MIRROR_ROOT] =
            "cards are nearer in the guest than on the host, because one cell stands for their nodes",
        [MIRROR_SWITCH] =
            "cards are nearer in the guest than on the host (mirror \"exact\" keeps levels of switches, a cell for each node keeps nodes apart)",
        [MIRROR_EXACT] =
            "cards are nearer in the guest than on the host, because one cell stands for their nodes",
    };

    return conceded
               ? "cards are nearer in the guest than on the host, because less than was asked for fits, or because one cell stands for their nodes"
               : words[mirror];
}

static int report_distances(const struct facts *facts, const struct vtopo_plan *plan,
                            const struct places *places, bool conceded,
                            const struct reporter *reporter)
{
    autofree struct keyed *list = malloc((places->count + 1) * sizeof(*list));
    enum mirror mirror = facts->policy->mirror;
    int r = list ? 0 : error_nomem(reporter->reterr);

    if (!r && any_nearer(plan, places, list))
        r = report_related(plan, places, FINDING_NEARER, is_nearer, why_nearer(mirror, conceded),
                           reporter);
    if (!r && mirror >= MIRROR_SWITCH && any_farther(plan, places, list))
        r = report_related(
            plan, places, FINDING_FARTHER, is_farther,
            "cards of one host switch do not share a switch in the guest, because they are in different cells",
            reporter);
    return r;
}

int card_pairs_report(const struct facts *facts, const struct vtopo_plan *plan,
                      const struct plan_chain *chains, bool conceded,
                      const struct reporter *reporter)
{
    struct places places;
    int r = 0;

    if (plan->cards.count < 2)
        return 0;
    r = places_find(plan, chains, &places) ? 0 : error_nomem(reporter->reterr);
    if (!r)
        r = report_distances(facts, plan, &places, conceded, reporter);
    if (!r)
        r = report_order(plan, reporter);
    places_clear(&places);
    return r;
}
