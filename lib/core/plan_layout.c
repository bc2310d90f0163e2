/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_layout.c - the tree of expanders, root ports and switches
 *
 * Takes:  plan.cards, the host's tree, policy.mirror.
 * Gives:  plan.controllers, parents before children, and the port of each card; without numbers.
 * Rule:   an expander per cell (numa) or per host root complex and cell (the other modes), in the order of its first
 *         card; below it, in the order of the cards, a root port for each card alone and a switch for cards that share
 *         one on the host (switch: one level; exact: the host's levels).
 * Not here: indexes, slots, bus numbers (plan_number.c).
 */
#include "core/planner.h"

#include <stdio.h>
#include <string.h>

/* The cards that one branch of the tree is built from: places in plan.cards, ascending. */
struct bunch {
    size_t *cards;
    size_t count;
};

size_t plan_switches_above(const struct vtopo_host *host, size_t function, size_t *switches,
                           size_t limit)
{
    size_t n = 0, depth = 0, at;

    for (at = host->functions.items[function].parent; at != HOST_NONE; at = host->functions.items[at].parent)
        depth += host->functions.items[at].port == PORT_UPSTREAM;
    n = depth;
    for (at = host->functions.items[function].parent; at != HOST_NONE; at = host->functions.items[at].parent) {
        if (host->functions.items[at].port == PORT_UPSTREAM && --n < limit)
            switches[n] = at;
    }
    return depth;
}

/* The switches above a card, topmost first. */
struct chain {
    size_t count;
    size_t at[PLAN_SWITCHES];
};

static struct chain chain_of(const struct planner *p, size_t card)
{
    const struct plan_card *c = &p->plan->cards.items[card];
    struct chain chain;

    chain.count = plan_switches_above(p->host, p->plan->devices.items[c->first_device].function,
                                      chain.at, PLAN_SWITCHES);
    if (chain.count > PLAN_SWITCHES)
        chain.count = PLAN_SWITCHES;
    return chain;
}

/* Must the card be hot-pluggable, so in a root port of its own? */
static bool wants_hotplug(const struct planner *p, size_t card)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];
        const struct policy_device *wish;

        if (device->card != card)
            continue;
        wish = plan_policy_of(p, &p->host->functions.items[device->function]);
        if (p->domain->devices.items[device->device].teaming_transient || (wish && wish->hotplug > 0))
            return true;
    }
    return false;
}

static struct plan_controller *add_controller(struct planner *p, enum controller_model model,
                                              size_t parent)
{
    struct plan_controller *c = vec_add(&p->plan->controllers);

    if (!c) {
        error_nomem(p->reterr);
        return NULL;
    }
    *c = (struct plan_controller){.model = model, .parent = parent, .cell = -1, .node = -1};
    return c;
}

/*
 * Colons and dots are not for aliases: libvirt drops such an alias silently (tried with 9.0).  An alias that is there
 * twice gets a number later (plan_number.c).
 */
static char *alias_of(const char *part, const struct bdf *bdf, const char *suffix)
{
    return mem_printf(MARK_PREFIX "%s-%04x-%02x-%02x-%x%s", part, bdf->domain, bdf->bus,
                      bdf->slot & 0x1fU, bdf->function & 7U, suffix);
}

static int add_card_port(struct planner *p, enum controller_model model, size_t parent, size_t card)
{
    struct plan_controller *port = add_controller(p, model, parent);

    if (!port)
        return VTOPO_ERR_NOMEM;
    port->alias = alias_of(model == CTRL_ROOT_PORT ? "rp" : "dp", &p->plan->cards.items[card].host, "");
    if (!port->alias)
        return error_nomem(p->reterr);
    port->hotplug_off = model == CTRL_DOWNSTREAM;
    p->plan->cards.items[card].port = p->plan->controllers.count - 1;
    return 0;
}

static int add_switch(struct planner *p, size_t parent, size_t host_switch, size_t *ret_at)
{
    struct plan_controller *up = add_controller(p, CTRL_UPSTREAM, parent);

    if (!up)
        return VTOPO_ERR_NOMEM;
    up->has_switch = true;
    up->switch_bdf = p->host->functions.items[host_switch].bdf;
    up->alias = alias_of("up", &up->switch_bdf, "");
    *ret_at = p->plan->controllers.count - 1;
    return up->alias ? 0 : error_nomem(p->reterr);
}

/* A port that a switch hangs below: the root port above a tree, or the downstream port between two levels. */
static int add_switch_port(struct planner *p, enum controller_model model, size_t parent,
                           size_t host_switch, size_t *ret_at)
{
    struct plan_controller *port = add_controller(p, model, parent);

    if (!port)
        return VTOPO_ERR_NOMEM;
    port->alias = alias_of(model == CTRL_ROOT_PORT ? "rp" : "dp",
                           &p->host->functions.items[host_switch].bdf, "-up");
    port->hotplug_off = model == CTRL_DOWNSTREAM;
    *ret_at = p->plan->controllers.count - 1;
    return port->alias ? 0 : error_nomem(p->reterr);
}

/* The cards of @from at @start and behind it that have the same switch at this depth (a card without one: itself). */
static size_t same_branch(const struct planner *p, const struct bunch *from, size_t start,
                          size_t depth)
{
    struct chain first = chain_of(p, from->cards[start]);
    size_t end = start + 1;

    for (; first.count > depth && end < from->count; end++) {
        struct chain chain = chain_of(p, from->cards[end]);

        if (chain.count <= depth || chain.at[depth] != first.at[depth])
            break;
    }
    return end - start;
}

/*
 * Cards below one switch are neighbours in the order of host addresses, because a bridge owns a range of bus numbers.
 * A host that numbers its buses otherwise (they can be moved by hand) would break that, so cards are first brought
 * together: stable, each switch where its first card is.
 */
static void bring_together(const struct planner *p, struct bunch *bunch, size_t depth)
{
    for (size_t i = 0; i < bunch->count; i++) {
        struct chain chain = chain_of(p, bunch->cards[i]);
        size_t place = i + 1;

        for (size_t j = i + 1; chain.count > depth && j < bunch->count; j++) {
            struct chain other = chain_of(p, bunch->cards[j]);
            size_t card = bunch->cards[j];

            if (other.count <= depth || other.at[depth] != chain.at[depth])
                continue;
            memmove(&bunch->cards[place + 1], &bunch->cards[place], (j - place) * sizeof(card));
            bunch->cards[place++] = card;
        }
        i = place - 1;
    }
}

/* mirror exact: the branches of the host switch at @depth of these cards' chains, each with its own switches below. */
static int build_branches(struct planner *p, size_t up, struct bunch bunch, size_t depth)
{
    int r = 0;

    bring_together(p, &bunch, depth + 1);
    for (size_t i = 0, n; !r && i < bunch.count; i += n) {
        struct chain chain = chain_of(p, bunch.cards[i]);
        struct bunch part = {bunch.cards + i, n = same_branch(p, &bunch, i, depth + 1)};
        size_t port, below;

        if (chain.count <= depth + 1) {
            r = add_card_port(p, CTRL_DOWNSTREAM, up, bunch.cards[i]);
            continue;
        }
        r = add_switch_port(p, CTRL_DOWNSTREAM, up, chain.at[depth + 1], &port);
        if (!r)
            r = add_switch(p, port, chain.at[depth + 1], &below);
        if (!r)
            r = build_branches(p, below, part, depth + 1);
    }
    return r;
}

/* The depth of the topmost switch that has two occupied branches downwards. */
static size_t first_fork(const struct planner *p, const struct bunch *bunch)
{
    struct chain chain = chain_of(p, bunch->cards[0]);
    size_t depth = 0;

    while (depth + 1 < chain.count && same_branch(p, bunch, 0, depth + 1) == bunch->count)
        depth++;
    return depth;
}

/* Two or more cards of one switch tree. */
static int build_switch(struct planner *p, size_t expander, struct bunch bunch)
{
    bool exact = p->policy->mirror == MIRROR_EXACT;
    struct chain chain = chain_of(p, bunch.cards[0]);
    size_t depth = exact ? first_fork(p, &bunch) : 0;
    size_t port, up;
    int r = add_switch_port(p, CTRL_ROOT_PORT, expander, chain.at[depth], &port);

    if (!r)
        r = add_switch(p, port, chain.at[depth], &up);
    if (!r && exact)
        return build_branches(p, up, bunch, depth);
    for (size_t i = 0; !r && i < bunch.count; i++)
        r = add_card_port(p, CTRL_DOWNSTREAM, up, bunch.cards[i]);
    return r;
}

static int build_root_port(struct planner *p, size_t expander, size_t card)
{
    int r = add_card_port(p, CTRL_ROOT_PORT, expander, card);
    char text[BDF_TEXT_SIZE];

    if (r || !wants_hotplug(p, card))
        return r;
    p->plan->controllers.items[p->plan->controllers.count - 1].hotplug_on = true;
    if (p->policy->mirror < MIRROR_SWITCH || !chain_of(p, card).count)
        return 0;
    return plan_finding(p, FINDING_TRANSIENT, bdf_format(&p->plan->cards.items[card].host, text),
                        "gets a root port of its own, because it must be hot-pluggable (teaming transient, or policy hotplug) and guest switch ports are not");
}

/*
 * Takes the cards that must be hot-pluggable out of a bunch of one switch tree: they are put behind the others.
 * Returns how many are left for a switch; with fewer than two there is none, and the order stays.
 */
static size_t set_hotplug_apart(const struct planner *p, struct bunch bunch)
{
    size_t stay = 0;

    for (size_t i = 0; i < bunch.count; i++)
        stay += !wants_hotplug(p, bunch.cards[i]);
    if (stay < 2)
        return 0;
    stay = 0;
    for (size_t i = 0; i < bunch.count; i++) {
        size_t card = bunch.cards[i];

        if (wants_hotplug(p, card))
            continue;
        memmove(&bunch.cards[stay + 1], &bunch.cards[stay], (i - stay) * sizeof(card));
        bunch.cards[stay++] = card;
    }
    return stay;
}

/* All cards of one host switch tree, or one card that is in none: hot-pluggable ones before and behind the switch. */
static int build_tree(struct planner *p, size_t expander, struct bunch bunch)
{
    size_t together = set_hotplug_apart(p, bunch), i = together;
    int r = 0;

    for (; !r && together && i < bunch.count && bunch.cards[i] < bunch.cards[0]; i++)
        r = build_root_port(p, expander, bunch.cards[i]);
    if (!r && together)
        r = build_switch(p, expander, (struct bunch){bunch.cards, together});
    for (; !r && i < bunch.count; i++)
        r = build_root_port(p, expander, bunch.cards[i]);
    return r;
}

/* Everything below an expander; @expander PLAN_NONE: below pcie.0, where only switches are worth building. */
static int build_below(struct planner *p, size_t expander, struct bunch bunch)
{
    bool switches = p->policy->mirror >= MIRROR_SWITCH;
    int r = 0;

    if (switches)
        bring_together(p, &bunch, 0);
    for (size_t i = 0, n; !r && i < bunch.count; i += n) {
        n = switches ? same_branch(p, &bunch, i, 0) : 1;
        r = build_tree(p, expander, (struct bunch){bunch.cards + i, n});
    }
    return r;
}

/* Do two cards go below the same expander? */
static bool share_expander(const struct planner *p, const struct plan_card *a,
                           const struct plan_card *b)
{
    if (a->cell != b->cell || (a->cell < 0 && a->node != b->node))
        return false;
    return p->policy->mirror == MIRROR_NUMA || bdf_equal(&a->root, &b->root);
}

static char *alias_of_expander(const struct planner *p, const struct plan_card *card)
{
    char suffix[24] = "";

    if (card->cell >= 0)
        snprintf(suffix, sizeof(suffix), "-cell%d", card->cell);
    else if (card->node >= 0)
        snprintf(suffix, sizeof(suffix), "-node%d", card->node);
    if (p->policy->mirror == MIRROR_NUMA)
        return mem_printf(MARK_PREFIX "pxb%s", *suffix ? suffix : "-nonode");
    return mem_printf(MARK_PREFIX "pxb-%04x-%02x%s", card->root.domain, card->root.bus, suffix);
}

static int add_expander(struct planner *p, const struct plan_card *card)
{
    struct plan_controller *e = add_controller(p, CTRL_EXPANDER, PLAN_NONE);

    if (!e)
        return VTOPO_ERR_NOMEM;
    e->cell = card->cell;
    e->node = card->node;
    e->root = card->root;
    e->has_root = p->policy->mirror != MIRROR_NUMA;
    e->alias = alias_of_expander(p, card);
    return e->alias ? 0 : error_nomem(p->reterr);
}

/* The expander of the first card that has none yet, with all cards that share it. */
static int build_expander(struct planner *p, size_t first, struct bunch *bunch)
{
    const struct plan_card *card = &p->plan->cards.items[first];
    size_t expander = p->plan->controllers.count;
    int r = add_expander(p, card);

    bunch->count = 0;
    for (size_t i = first; i < p->plan->cards.count; i++) {
        if (share_expander(p, card, &p->plan->cards.items[i]))
            bunch->cards[bunch->count++] = i;
    }
    return r ? r : build_below(p, expander, *bunch);
}

/* Cards that got no port are none after all: their devices stay. */
static void leave_portless(struct vtopo_plan *plan)
{
    size_t kept = 0;

    for (size_t card = 0; card < plan->cards.count; card++) {
        bool stays = plan->cards.items[card].port == PLAN_NONE;

        for (size_t i = 0; i < plan->devices.count; i++) {
            struct plan_device *device = &plan->devices.items[i];

            if (device->fate != FATE_MOVED || device->card != card)
                continue;
            device->card = stays ? PLAN_NONE : kept;
            device->fate = stays ? FATE_STAYS : FATE_MOVED;
        }
        if (!stays)
            plan->cards.items[kept++] = plan->cards.items[card];
    }
    plan->cards.count = kept;
}

/*
 * Without cells, policy without_numa "group": only switches, below root ports on pcie.0.  A card that would be alone
 * has no reason to move.
 */
static int build_on_pcie0(struct planner *p, struct bunch bunch)
{
    int r = 0;

    bring_together(p, &bunch, 0);
    for (size_t i = 0, n; !r && i < bunch.count; i += n) {
        size_t together;

        n = same_branch(p, &bunch, i, 0);
        together = set_hotplug_apart(p, (struct bunch){bunch.cards + i, n});
        if (together && p->policy->mirror >= MIRROR_SWITCH)
            r = build_switch(p, PLAN_NONE, (struct bunch){bunch.cards + i, together});
    }
    leave_portless(p->plan);
    return r;
}

/* Empty, hot-pluggable root ports below every expander; behind all others, so their indexes are the highest. */
static int add_spare_ports(struct planner *p)
{
    size_t built = p->plan->controllers.count;

    for (size_t e = 0; e < built; e++) {
        if (p->plan->controllers.items[e].model != CTRL_EXPANDER)
            continue;
        for (unsigned n = 1; n <= p->policy->spare_ports; n++) {
            struct plan_controller *port = add_controller(p, CTRL_ROOT_PORT, e);

            if (!port)
                return VTOPO_ERR_NOMEM;
            port->spare = port->hotplug_on = true;
            port->alias = mem_printf(MARK_PREFIX "spare%s-%u",
                                     p->plan->controllers.items[e].alias + strlen(MARK_PREFIX "pxb"), n);
            if (!port->alias)
                return error_nomem(p->reterr);
        }
    }
    return 0;
}

int plan_layout(struct planner *p)
{
    autofree size_t *cards = calloc(p->plan->cards.count + 1, sizeof(*cards));
    struct bunch bunch = {cards, 0};
    int r = 0;

    if (!cards)
        return error_nomem(p->reterr);
    if (!p->domain->cells.count) {
        for (; bunch.count < p->plan->cards.count; bunch.count++)
            cards[bunch.count] = bunch.count;
        return build_on_pcie0(p, bunch);
    }
    for (size_t i = 0; !r && i < p->plan->cards.count; i++) {
        if (p->plan->cards.items[i].port == PLAN_NONE)
            r = build_expander(p, i, &bunch);
    }
    return r ? r : add_spare_ports(p);
}
