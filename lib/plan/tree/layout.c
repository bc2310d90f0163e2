/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout.c - the tree of expanders, root ports and switches
 *
 * Takes:  plan.cards, the host's tree, policy.mirror.
 * Gives:  plan.controllers, parents before children, and the port of each card; without numbers.
 * Rule:   an expander per cell (numa) or per host root complex and cell (the other modes), in the
 * order of its first card; below it, in the order of the cards, a root port for each card alone and
 * a switch for cards that share one on the host (switch: one level; exact: the host's levels).
 * Cards that are to be behind a PCIe-to-PCI bridge share one, which has the port that the first of
 * them would have had. Not here: indexes, slots, bus numbers (number.c).
 */
#include "model/host_tree.h"
#include "model/mark.h"
#include "plan/ground/planner.h"

#include <stdio.h>
#include <string.h>

#define MOST_PORTS 255 /* libvirt: the highest controller index */

/* The cards that one branch of the tree is built from: places in plan.cards, ascending. */
struct bunch {
    size_t *cards;
    size_t count;
};

/* The switches above a card, topmost first. */
static const struct plan_chain *chain_of(const struct planner *p, size_t card)
{
    return &p->chains[card];
}

static int collect_chains(struct planner *p)
{
    p->chains = calloc(p->plan->cards.count + 1, sizeof(*p->chains));
    if (!p->chains)
        return error_nomem(p->reterr);
    for (size_t card = 0; card < p->plan->cards.count; card++) {
        size_t device = p->plan->cards.items[card].first_device;
        struct plan_chain *c = &p->chains[card];

        c->count = host_switches_above(p->facts.host, p->plan->devices.items[device].function,
                                       c->at, PLAN_SWITCHES);
        if (c->count > PLAN_SWITCHES)
            c->count = PLAN_SWITCHES;
    }
    return 0;
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

/* Slot 0 of a conventional bus is the bridge's hot-plug controller. */
#define BRIDGE_SLOTS 31

static unsigned slots_used(const struct planner *p, size_t bridge)
{
    unsigned n = 0;

    for (size_t i = 0; i < p->plan->cards.count; i++)
        n += p->plan->cards.items[i].port == bridge;
    return n;
}

/* The expander above a controller, or the controller itself; PLAN_NONE: it hangs off pcie.0. */
static size_t expander_of(const struct planner *p, size_t at)
{
    while (at != PLAN_NONE && p->plan->controllers.items[at].model != CTRL_EXPANDER)
        at = p->plan->controllers.items[at].parent;
    return at;
}

/* The bridge below an expander (PLAN_NONE: on pcie.0) that has a slot left; PLAN_NONE: there is
 * none. */
static size_t find_bridge(const struct planner *p, size_t expander)
{
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        if (p->plan->controllers.items[i].model == CTRL_PCIE_TO_PCI &&
            expander_of(p, i) == expander && slots_used(p, i) < BRIDGE_SLOTS)
            return i;
    }
    return PLAN_NONE;
}

/* A PCIe-to-PCI bridge with the port above it, named after its first card. */
static int add_bridge(struct planner *p, enum controller_model model, size_t parent, size_t card)
{
    const struct bdf *host = &p->plan->cards.items[card].host;
    struct plan_controller *port = add_controller(p, model, parent), *bridge;

    if (!port)
        return VTOPO_ERR_NOMEM;
    port->hotplug_off = model == CTRL_DOWNSTREAM;
    port->alias = mark_port_alias(model == CTRL_ROOT_PORT ? "rp" : "dp", host, "-pci");
    if (!port->alias)
        return error_nomem(p->reterr);
    bridge = add_controller(p, CTRL_PCIE_TO_PCI, p->plan->controllers.count - 1);
    if (!bridge)
        return VTOPO_ERR_NOMEM;
    bridge->alias = mark_port_alias("pci", host, "");
    return bridge->alias ? 0 : error_nomem(p->reterr);
}

/* Cards of one expander share a bridge, which is where the first of them would be. */
static int add_to_bridge(struct planner *p, enum controller_model model, size_t parent, size_t card)
{
    size_t bridge = find_bridge(p, expander_of(p, parent));

    if (bridge == PLAN_NONE) {
        int r = add_bridge(p, model, parent, card);

        if (r)
            return r;
        bridge = p->plan->controllers.count - 1;
    }
    p->plan->cards.items[card].slot = slots_used(p, bridge) + 1;
    p->plan->cards.items[card].port = bridge;
    return 0;
}

static int add_card_port(struct planner *p, enum controller_model model, size_t parent, size_t card)
{
    struct plan_controller *port;

    if (p->plan->cards.items[card].attach_pci)
        return add_to_bridge(p, model, parent, card);
    port = add_controller(p, model, parent);
    if (!port)
        return VTOPO_ERR_NOMEM;
    port->alias = mark_port_alias(model == CTRL_ROOT_PORT ? "rp" : "dp",
                                  &p->plan->cards.items[card].host, "");
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
    up->switch_bdf = p->facts.host->functions.items[host_switch].bdf;
    up->alias = mark_port_alias("up", &up->switch_bdf, "");
    *ret_at = p->plan->controllers.count - 1;
    return up->alias ? 0 : error_nomem(p->reterr);
}

/* A port that a switch hangs below: the root port above a tree, or the downstream port between two
 * levels. */
static int add_switch_port(struct planner *p, enum controller_model model, size_t parent,
                           size_t host_switch, size_t *ret_at)
{
    struct plan_controller *port = add_controller(p, model, parent);

    if (!port)
        return VTOPO_ERR_NOMEM;
    port->alias = mark_port_alias(model == CTRL_ROOT_PORT ? "rp" : "dp",
                                  &p->facts.host->functions.items[host_switch].bdf, "-up");
    port->hotplug_off = model == CTRL_DOWNSTREAM;
    *ret_at = p->plan->controllers.count - 1;
    return port->alias ? 0 : error_nomem(p->reterr);
}

/* The cards of @from at @start and behind it that have the same switch at this depth (a card
 * without one: itself). */
static size_t same_branch(const struct planner *p, const struct bunch *from, size_t start,
                          size_t depth)
{
    const struct plan_chain *first = chain_of(p, from->cards[start]);
    size_t end = start + 1;

    for (; first->count > depth && end < from->count; end++) {
        const struct plan_chain *chain = chain_of(p, from->cards[end]);

        if (chain->count <= depth || chain->at[depth] != first->at[depth])
            break;
    }
    return end - start;
}

/*
 * Cards below one switch are neighbours in the order of host addresses, because a bridge owns a
 * range of bus numbers. A host that numbers its buses otherwise (they can be moved by hand) would
 * break that, so cards are first brought together: stable, each switch where its first card is.
 */
static void bring_together(const struct planner *p, struct bunch *bunch, size_t depth)
{
    for (size_t i = 0; i < bunch->count; i++) {
        const struct plan_chain *chain = chain_of(p, bunch->cards[i]);
        size_t place = i + 1;

        for (size_t j = i + 1; chain->count > depth && j < bunch->count; j++) {
            const struct plan_chain *other = chain_of(p, bunch->cards[j]);
            size_t card = bunch->cards[j];

            if (other->count <= depth || other->at[depth] != chain->at[depth])
                continue;
            memmove(&bunch->cards[place + 1], &bunch->cards[place], (j - place) * sizeof(card));
            bunch->cards[place++] = card;
        }
        i = place - 1;
    }
}

/* mirror exact: the branches of the host switch at @depth of these cards' chains, each with its own
 * switches below. */
static int build_branches(struct planner *p, size_t up, struct bunch bunch, size_t depth)
{
    int r = 0;

    bring_together(p, &bunch, depth + 1);
    for (size_t i = 0, n; !r && i < bunch.count; i += n) {
        const struct plan_chain *chain = chain_of(p, bunch.cards[i]);
        struct bunch part = {bunch.cards + i, n = same_branch(p, &bunch, i, depth + 1)};
        size_t port, below;

        if (chain->count <= depth + 1) {
            r = add_card_port(p, CTRL_DOWNSTREAM, up, bunch.cards[i]);
            continue;
        }
        r = add_switch_port(p, CTRL_DOWNSTREAM, up, chain->at[depth + 1], &port);
        if (!r)
            r = add_switch(p, port, chain->at[depth + 1], &below);
        if (!r)
            r = build_branches(p, below, part, depth + 1);
    }
    return r;
}

/* The depth of the topmost switch that has two occupied branches downwards. */
static size_t first_fork(const struct planner *p, const struct bunch *bunch)
{
    const struct plan_chain *chain = chain_of(p, bunch->cards[0]);
    size_t depth = 0;

    while (depth + 1 < chain->count && same_branch(p, bunch, 0, depth + 1) == bunch->count)
        depth++;
    return depth;
}

/* Two or more cards of one switch tree. */
static int build_switch(struct planner *p, size_t expander, struct bunch bunch)
{
    bool exact = p->facts.policy->mirror == MIRROR_EXACT && !p->fidelity.flat;
    const struct plan_chain *chain = chain_of(p, bunch.cards[0]);
    size_t depth = exact ? first_fork(p, &bunch) : 0;
    size_t port, up;
    int r = add_switch_port(p, CTRL_ROOT_PORT, expander, chain->at[depth], &port);

    if (!r)
        r = add_switch(p, port, chain->at[depth], &up);
    if (!r && exact)
        return build_branches(p, up, bunch, depth);
    for (size_t i = 0; !r && i < bunch.count; i++)
        r = add_card_port(p, CTRL_DOWNSTREAM, up, bunch.cards[i]);
    return r;
}

/* Are there other cards in the switch tree of this one? */
static bool has_neighbours(const struct planner *p, size_t card)
{
    for (size_t i = 0; i < p->plan->cards.count; i++) {
        if (i != card && chain_of(p, i)->count && chain_of(p, i)->at[0] == chain_of(p, card)->at[0])
            return true;
    }
    return false;
}

static int build_root_port(struct planner *p, size_t expander, size_t card)
{
    const struct plan_card *c = &p->plan->cards.items[card];
    int r = add_card_port(p, CTRL_ROOT_PORT, expander, card);
    char text[BDF_TEXT_SIZE];

    if (r || !c->hotplug)
        return r;
    p->plan->controllers.items[c->port].hotplug_on = true;
    if (p->facts.policy->mirror < MIRROR_SWITCH || !chain_of(p, card)->count ||
        !has_neighbours(p, card))
        return 0;
    return plan_finding(
        p, FINDING_TRANSIENT, bdf_format(&c->host, text),
        "gets a root port of its own and does not share a switch with its neighbours on the host, because it must be hot-pluggable (teaming transient, or policy hotplug) and guest switch ports are not");
}

static size_t count_bridged(const struct planner *p, const struct bunch *bunch)
{
    size_t n = 0;

    for (size_t i = 0; i < bunch->count; i++)
        n += p->plan->cards.items[bunch->cards[i]].attach_pci;
    return n;
}

static size_t count_hotplug(const struct planner *p, const struct bunch *bunch)
{
    size_t n = 0;

    for (size_t i = 0; i < bunch->count; i++)
        n += p->plan->cards.items[bunch->cards[i]].hotplug;
    return n;
}

/* Puts the cards of a bunch that must be hot-pluggable behind the others. */
static void set_hotplug_apart(const struct planner *p, struct bunch bunch)
{
    size_t stay = 0;

    for (size_t i = 0; i < bunch.count; i++) {
        size_t card = bunch.cards[i];

        if (p->plan->cards.items[card].hotplug)
            continue;
        memmove(&bunch.cards[stay + 1], &bunch.cards[stay], (i - stay) * sizeof(card));
        bunch.cards[stay++] = card;
    }
}

/*
 * All cards of one host switch tree, or one card that is in none: hot-pluggable ones before and
 * behind the switch.  Those for a bridge are no reason for a switch.
 */
static int build_tree(struct planner *p, size_t expander, struct bunch bunch)
{
    size_t together = bunch.count - count_hotplug(p, &bunch), next = 0;
    bool any_switch = together - count_bridged(p, &bunch) >= 2;
    int r = 0;

    for (; !r && next < bunch.count; next++) {
        if (any_switch && !p->plan->cards.items[bunch.cards[next]].hotplug)
            break; /* the switch is where its first card is */
        r = build_root_port(p, expander, bunch.cards[next]);
    }
    if (r || next == bunch.count)
        return r;
    bunch = (struct bunch){bunch.cards + next, bunch.count - next};
    set_hotplug_apart(p, bunch);
    r = build_switch(p, expander, (struct bunch){bunch.cards, together});
    for (size_t i = together; !r && i < bunch.count; i++)
        r = build_root_port(p, expander, bunch.cards[i]);
    return r;
}

/* Everything below an expander; @expander PLAN_NONE: below pcie.0, where only switches are worth
 * building. */
static int build_below(struct planner *p, size_t expander, struct bunch bunch)
{
    bool switches = p->facts.policy->mirror >= MIRROR_SWITCH;
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
    return p->facts.policy->mirror == MIRROR_NUMA || p->fidelity.merged ||
           bdf_equal(&a->root, &b->root);
}

/* Does the expander of a card stand for more than one root complex? */
static bool stands_for_several(const struct planner *p, const struct plan_card *card)
{
    for (size_t i = 0; i < p->plan->cards.count; i++) {
        const struct plan_card *other = &p->plan->cards.items[i];

        if (share_expander(p, card, other) && !bdf_equal(&card->root, &other->root))
            return true;
    }
    return p->facts.policy->mirror == MIRROR_NUMA;
}

static char *alias_of_expander(const struct plan_card *card, bool several)
{
    char suffix[24] = "";

    if (card->cell >= 0)
        snprintf(suffix, sizeof(suffix), "-cell%d", card->cell);
    else if (card->node >= 0)
        snprintf(suffix, sizeof(suffix), "-node%d", card->node);
    if (several)
        return mark_expander_alias(NULL, *suffix ? suffix : "-nonode");
    return mark_expander_alias(&card->root, suffix);
}

static int add_expander(struct planner *p, const struct plan_card *card)
{
    struct plan_controller *e = add_controller(p, CTRL_EXPANDER, PLAN_NONE);
    bool several = stands_for_several(p, card);

    if (!e)
        return VTOPO_ERR_NOMEM;
    e->cell = card->cell;
    e->node = card->node;
    e->root = card->root;
    e->has_root = !several;
    e->alias = alias_of_expander(card, several);
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
static void leave_portless(struct planner *p)
{
    struct vtopo_plan *plan = p->plan;
    size_t kept = 0;

    for (size_t card = 0; card < plan->cards.count; card++) {
        bool stays = plan->cards.items[card].port == PLAN_NONE;

        for (size_t i = 0; i < plan->devices.count; i++) {
            struct plan_device *device = &plan->devices.items[i];

            if (device->fate != FATE_MOVED || device->card != card)
                continue;
            device->card = stays ? PLAN_NONE : kept;
            device->fate = stays ? FATE_STAYS : FATE_MOVED;
            device->reason = STAY_OTHER;
        }
        if (stays)
            continue;
        p->chains[kept] = p->chains[card];
        plan->cards.items[kept++] = plan->cards.items[card];
    }
    plan->cards.count = kept;
}

/*
 * Without cells, policy without_numa "group": only switches, below root ports on pcie.0.  A card
 * that would be alone has no reason to move.
 */
static int build_on_pcie0(struct planner *p, struct bunch bunch)
{
    int r = 0;

    bring_together(p, &bunch, 0);
    for (size_t i = 0, n; !r && i < bunch.count; i += n) {
        struct bunch tree = {bunch.cards + i, n = same_branch(p, &bunch, i, 0)};
        size_t together = n - count_hotplug(p, &tree);

        if (together - count_bridged(p, &tree) < 2 || p->facts.policy->mirror < MIRROR_SWITCH)
            continue;
        set_hotplug_apart(p, tree);
        r = build_switch(p, PLAN_NONE, (struct bunch){tree.cards, together});
    }
    leave_portless(p);
    return r;
}

/* Empty, hot-pluggable root ports below every expander; behind all others, so their indexes are the
 * highest. */
static int add_spare_ports(struct planner *p)
{
    size_t built = p->plan->controllers.count;

    for (size_t e = 0; e < built; e++) {
        if (p->plan->controllers.items[e].model != CTRL_EXPANDER)
            continue;
        for (unsigned n = 1; n <= p->fidelity.spare_ports; n++) {
            struct plan_controller *port = add_controller(p, CTRL_ROOT_PORT, e);

            if (!port)
                return VTOPO_ERR_NOMEM;
            port->spare = port->hotplug_on = true;
            port->alias = mark_spare_alias(p->plan->controllers.items[e].alias, n);
            if (!port->alias)
                return error_nomem(p->reterr);
        }
    }
    return 0;
}

static int build_expanders(struct planner *p, struct bunch *bunch)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->plan->cards.count; i++) {
        if (p->plan->cards.items[i].port == PLAN_NONE)
            r = build_expander(p, i, bunch);
    }
    return r ? r : add_spare_ports(p);
}

/* Every card and every spare port needs a controller index, and there are 255: so nothing below
 * grows without limit. */
static int check_size(struct planner *p)
{
    if (p->plan->cards.count <= MOST_PORTS && p->fidelity.spare_ports <= MOST_PORTS)
        return 0;
    return plan_misfit(
        p, "fewer devices need less",
        "it has %zu cards and %u spare ports on each expander, and a guest can have %d PCI controllers",
        p->plan->cards.count, p->fidelity.spare_ports, MOST_PORTS);
}

int plan_layout(struct planner *p)
{
    autofree size_t *cards = calloc(p->plan->cards.count + 1, sizeof(*cards));
    struct bunch bunch = {cards, 0};
    int r = cards ? check_size(p) : error_nomem(p->reterr);

    if (!r)
        r = collect_chains(p);
    if (r || p->facts.base->cells.count)
        return r ? r : build_expanders(p, &bunch);
    for (; bunch.count < p->plan->cards.count; bunch.count++)
        cards[bunch.count] = bunch.count;
    return build_on_pcie0(p, bunch);
}
