/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * controllers.c - the tree of expanders, root ports and switches
 *
 * Takes:  the card list with the host's switches above each, policy.mirror.
 * Gives:  layout.controllers, parents before children, and the port of each card; without numbers.
 * Rule:   an expander per cell (numa) or per host root complex and cell (the other modes, and in
 *         all of them for a GPU whose memory is coherent: its SMMU, and what it may do with ATS,
 * are for it alone), in the order of its first card; below it, in the order of the cards, a root
 * port for each card alone and a switch for cards that share one on the host (switch: one level;
 * exact: the host's levels). On a machine without PCI Express each card has a slot of the expander.
 *         Cards that are to be behind a PCIe-to-PCI bridge share one, which has the
 *         port that the first of them would have had.
 * Not here: indexes, slots, bus numbers (number.c).
 */
#include "model/machine.h"
#include "model/mark.h"
#include "plan/ground/reporter.h"
#include "plan/tree/number.h"

#include <stdio.h>
#include <string.h>

#define MOST_PORTS 255 /* libvirt: the highest controller index */

/* The cards that one branch of the tree is built from: places in the card list, ascending. */
struct branch {
    size_t *cards;
    size_t count;
};

/* A PCIe-to-PCI bridge that cards share. */
struct bridge {
    size_t at;       /* place in layout.controllers */
    size_t expander; /* that it is below; PLAN_NONE: on pcie.0 */
    unsigned used;   /* slots */
    size_t card;     /* the first one */
};

struct builder {
    const struct facts *facts;
    const struct card_list *list;
    const struct concessions *conceded;
    struct layout *layout;
    struct vtopo_error **reterr;
    size_t *tree_sizes; /* of each card: how many cards are in its switch tree */
    VEC(struct bridge) bridges;
};

/* The switches above a card, topmost first. */
static const struct plan_chain *chain_of(const struct builder *b, size_t card)
{
    return &b->list->chains[card];
}

static struct plan_controller *add_controller(struct builder *b, enum controller_model model,
                                              size_t parent)
{
    struct plan_controller *c = vec_add(&b->layout->controllers);

    if (!c) {
        error_nomem(b->reterr);
        return NULL;
    }
    *c = (struct plan_controller){.model = model, .parent = parent, .cell = -1, .node = -1};
    return c;
}

/* Slot 0 of a conventional bus is the bridge's hot-plug controller. */
#define BRIDGE_SLOTS 31

/* The expander above a controller, or the controller itself; PLAN_NONE: it hangs off pcie.0. */
static size_t expander_of(const struct builder *b, size_t at)
{
    while (at != PLAN_NONE && !model_is_expander(b->layout->controllers.items[at].model))
        at = b->layout->controllers.items[at].parent;
    return at;
}

/* The bridge below an expander (PLAN_NONE: on pcie.0) that has a slot left; NULL: there is none. */
static struct bridge *find_bridge(struct builder *b, size_t expander)
{
    for (size_t i = 0; i < b->bridges.count; i++) {
        if (b->bridges.items[i].expander == expander && b->bridges.items[i].used < BRIDGE_SLOTS)
            return &b->bridges.items[i];
    }
    return NULL;
}

/* A PCIe-to-PCI bridge with the port above it, named after its first card. */
static int add_bridge(struct builder *b, enum controller_model model, size_t parent, size_t card)
{
    const struct bdf *host = &b->list->cards.items[card].host;
    struct plan_controller *port = add_controller(b, model, parent), *bridge;

    if (!port)
        return VTOPO_ERR_NOMEM;
    port->hotplug_off = model == CTRL_DOWNSTREAM;
    port->alias = mark_port_alias(model == CTRL_ROOT_PORT ? "rp" : "dp", host, "-pci");
    if (!port->alias)
        return error_nomem(b->reterr);
    bridge = add_controller(b, CTRL_PCIE_TO_PCI, b->layout->controllers.count - 1);
    if (!bridge)
        return VTOPO_ERR_NOMEM;
    bridge->alias = mark_port_alias("pci", host, "");
    return bridge->alias ? 0 : error_nomem(b->reterr);
}

/* Nobody may eject a bridge with a card that must not be ejected. */
static int set_bridge_off(struct builder *b, const struct bridge *bridge)
{
    struct plan_controllers *all = &b->layout->controllers;
    struct plan_controller *c = &all->items[bridge->at];

    all->items[c->parent].hotplug_off = true;
    free(c->alias);
    c->alias = mark_port_alias("pci", &b->list->cards.items[bridge->card].host, MARK_PORT_OFF);
    return c->alias ? 0 : error_nomem(b->reterr);
}

/* Cards of one expander share a bridge, which is where the first of them would be. */
static int add_to_bridge(struct builder *b, enum controller_model model, size_t parent, size_t card)
{
    size_t expander = expander_of(b, parent);
    struct bridge *bridge = find_bridge(b, expander);

    if (!bridge) {
        int r = add_bridge(b, model, parent, card);

        if (r)
            return r;
        bridge = vec_add(&b->bridges);
        if (!bridge)
            return error_nomem(b->reterr);
        *bridge = (struct bridge){b->layout->controllers.count - 1, expander, 0, card};
    }
    b->layout->ports[card] = (struct card_port){bridge->at, ++bridge->used};
    return b->list->cards.items[card].port_off ? set_bridge_off(b, bridge) : 0;
}

static int add_card_port(struct builder *b, enum controller_model model, size_t parent, size_t card)
{
    const struct plan_card *c = &b->list->cards.items[card];
    struct plan_controller *port;

    if (c->attach_pci)
        return add_to_bridge(b, model, parent, card);
    port = add_controller(b, model, parent);
    if (!port)
        return VTOPO_ERR_NOMEM;
    port->alias = mark_port_alias(model == CTRL_ROOT_PORT ? "rp" : "dp", &c->host,
                                  c->port_off ? MARK_PORT_OFF : "");
    if (!port->alias)
        return error_nomem(b->reterr);
    port->hotplug_off = model == CTRL_DOWNSTREAM || (c->port_off && !c->hotplug);
    b->layout->ports[card].port = b->layout->controllers.count - 1;
    return 0;
}

static int add_switch(struct builder *b, size_t parent, size_t host_switch, size_t *ret_at)
{
    struct plan_controller *up = add_controller(b, CTRL_UPSTREAM, parent);

    if (!up)
        return VTOPO_ERR_NOMEM;
    up->has_switch = true;
    up->switch_bdf = b->facts->host->functions.items[host_switch].bdf;
    up->alias = mark_port_alias("up", &up->switch_bdf, "");
    *ret_at = b->layout->controllers.count - 1;
    return up->alias ? 0 : error_nomem(b->reterr);
}

/* A port that a switch hangs below: the root port above a tree, or the downstream port between two
 * levels. */
static int add_switch_port(struct builder *b, enum controller_model model, size_t parent,
                           size_t host_switch, size_t *ret_at)
{
    struct plan_controller *port = add_controller(b, model, parent);

    if (!port)
        return VTOPO_ERR_NOMEM;
    port->alias = mark_port_alias(model == CTRL_ROOT_PORT ? "rp" : "dp",
                                  &b->facts->host->functions.items[host_switch].bdf, "-up");
    port->hotplug_off = model == CTRL_DOWNSTREAM;
    *ret_at = b->layout->controllers.count - 1;
    return port->alias ? 0 : error_nomem(b->reterr);
}

/* The cards of @from at @start and behind it that have the same switch at this depth (a card
 * without one: itself). */
static size_t same_branch(const struct builder *b, const struct branch *from, size_t start,
                          size_t depth)
{
    const struct plan_chain *first = chain_of(b, from->cards[start]);
    size_t end = start + 1;

    for (; first->count > depth && end < from->count; end++) {
        const struct plan_chain *chain = chain_of(b, from->cards[end]);

        if (chain->count <= depth || chain->at[depth] != first->at[depth])
            break;
    }
    return end - start;
}

/* A card and where the first one of its switch is. */
struct place {
    size_t top, first, at, card;
};

static int compare_tops(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = (a->top > b->top) - (a->top < b->top);

    return order ? order : (a->at > b->at) - (a->at < b->at);
}

static int compare_firsts(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = (a->first > b->first) - (a->first < b->first);

    return order ? order : (a->at > b->at) - (a->at < b->at);
}

static void sort_places(struct place *places, size_t count)
{
    qsort(places, count, sizeof(*places), compare_tops);
    for (size_t i = 0; i < count; i++)
        places[i].first = i && places[i].top != HOST_NONE && places[i].top == places[i - 1].top
                              ? places[i - 1].first
                              : places[i].at;
    qsort(places, count, sizeof(*places), compare_firsts);
}

/*
 * Cards below one switch are neighbours in the order of host addresses, because a bridge owns a
 * range of bus numbers. A host that numbers its buses otherwise (they can be moved by hand) would
 * break that, so cards are first brought together: stable, each switch where its first card is.
 */
static int bring_together(const struct builder *b, struct branch *branch, size_t depth)
{
    autofree struct place *places = calloc(branch->count + 1, sizeof(*places));

    if (!places)
        return error_nomem(b->reterr);
    for (size_t i = 0; i < branch->count; i++) {
        const struct plan_chain *chain = chain_of(b, branch->cards[i]);

        places[i].top = chain->count > depth ? chain->at[depth] : HOST_NONE;
        places[i].at = i;
        places[i].card = branch->cards[i];
    }
    sort_places(places, branch->count);
    for (size_t i = 0; i < branch->count; i++)
        branch->cards[i] = places[i].card;
    return 0;
}

/* mirror exact: the branches of the host switch at @depth of these cards' chains, each with its own
 * switches below. */
static int build_branches(struct builder *b, size_t up, struct branch branch, size_t depth)
{
    int r = bring_together(b, &branch, depth + 1);

    for (size_t i = 0, n; !r && i < branch.count; i += n) {
        const struct plan_chain *chain = chain_of(b, branch.cards[i]);
        struct branch part = {branch.cards + i, n = same_branch(b, &branch, i, depth + 1)};
        size_t port, below;

        if (chain->count <= depth + 1) {
            r = add_card_port(b, CTRL_DOWNSTREAM, up, branch.cards[i]);
            continue;
        }
        r = add_switch_port(b, CTRL_DOWNSTREAM, up, chain->at[depth + 1], &port);
        if (!r)
            r = add_switch(b, port, chain->at[depth + 1], &below);
        if (!r)
            r = build_branches(b, below, part, depth + 1);
    }
    return r;
}

/* The depth of the topmost switch that has two occupied branches downwards. */
static size_t first_fork(const struct builder *b, const struct branch *branch)
{
    const struct plan_chain *chain = chain_of(b, branch->cards[0]);
    size_t depth = 0;

    while (depth + 1 < chain->count && same_branch(b, branch, 0, depth + 1) == branch->count)
        depth++;
    return depth;
}

/* Nobody may eject a switch with a card that must not be ejected. */
static bool any_port_off(const struct builder *b, const struct branch *branch)
{
    bool any = false;

    for (size_t i = 0; i < branch->count; i++)
        any = any || b->list->cards.items[branch->cards[i]].port_off;
    return any;
}

/* Two or more cards of one switch tree. */
static int build_switch(struct builder *b, size_t expander, struct branch branch)
{
    bool exact = b->facts->policy->mirror == MIRROR_EXACT && !b->conceded->flat;
    const struct plan_chain *chain = chain_of(b, branch.cards[0]);
    size_t depth = exact ? first_fork(b, &branch) : 0;
    size_t port, up;
    int r = add_switch_port(b, CTRL_ROOT_PORT, expander, chain->at[depth], &port);

    if (!r)
        b->layout->controllers.items[port].hotplug_off = any_port_off(b, &branch);
    if (!r)
        r = add_switch(b, port, chain->at[depth], &up);
    if (!r && exact)
        return build_branches(b, up, branch, depth);
    for (size_t i = 0; !r && i < branch.count; i++)
        r = add_card_port(b, CTRL_DOWNSTREAM, up, branch.cards[i]);
    return r;
}

static int build_root_port(struct builder *b, size_t expander, size_t card)
{
    const struct plan_card *c = &b->list->cards.items[card];
    struct reporter reporter = {&b->layout->findings, b->reterr};
    int r = add_card_port(b, CTRL_ROOT_PORT, expander, card);
    char text[BDF_TEXT_SIZE];

    if (r || !c->hotplug)
        return r;
    b->layout->controllers.items[b->layout->ports[card].port].hotplug_on = true;
    if (b->facts->policy->mirror < MIRROR_SWITCH || b->tree_sizes[card] < 2)
        return 0;
    return report_finding(
        &reporter, FINDING_TRANSIENT, bdf_format(&c->host, text),
        "gets a root port of its own and does not share a switch with its neighbours on the host, because it must be hot-pluggable (teaming transient, or policy hotplug) and guest switch ports are not");
}

static size_t count_bridged(const struct builder *b, const struct branch *branch)
{
    size_t n = 0;

    for (size_t i = 0; i < branch->count; i++)
        n += b->list->cards.items[branch->cards[i]].attach_pci;
    return n;
}

static size_t count_own_ports(const struct builder *b, const struct branch *branch)
{
    size_t n = 0;

    for (size_t i = 0; i < branch->count; i++)
        n += b->list->cards.items[branch->cards[i]].own_port;
    return n;
}

/* Puts the cards of a branch that need a root port behind the others. */
static void set_own_ports_apart(const struct builder *b, struct branch branch)
{
    size_t stay = 0;

    for (size_t i = 0; i < branch.count; i++) {
        size_t card = branch.cards[i];

        if (b->list->cards.items[card].own_port)
            continue;
        memmove(&branch.cards[stay + 1], &branch.cards[stay], (i - stay) * sizeof(card));
        branch.cards[stay++] = card;
    }
}

/*
 * All cards of one host switch tree, or one card that is in none: those that need a root port
 * before and behind the switch.  Those for a bridge are no reason for a switch.
 */
static int build_tree(struct builder *b, size_t expander, struct branch branch)
{
    size_t together = branch.count - count_own_ports(b, &branch), next = 0;
    bool any_switch = together - count_bridged(b, &branch) >= 2;
    int r = 0;

    for (; !r && next < branch.count; next++) {
        if (any_switch && !b->list->cards.items[branch.cards[next]].own_port)
            break; /* the switch is where its first card is */
        r = build_root_port(b, expander, branch.cards[next]);
    }
    if (r || next == branch.count)
        return r;
    branch = (struct branch){branch.cards + next, branch.count - next};
    set_own_ports_apart(b, branch);
    r = build_switch(b, expander, (struct branch){branch.cards, together});
    for (size_t i = together; !r && i < branch.count; i++)
        r = build_root_port(b, expander, branch.cards[i]);
    return r;
}

/* Everything below an expander; @expander PLAN_NONE: below pcie.0, where only switches are worth
 * building. */
static int build_below(struct builder *b, size_t expander, struct branch branch)
{
    bool switches = b->facts->policy->mirror >= MIRROR_SWITCH;
    int r = switches ? bring_together(b, &branch, 0) : 0;

    for (size_t i = 0, n; !r && i < branch.count; i += n) {
        n = switches ? same_branch(b, &branch, i, 0) : 1;
        r = build_tree(b, expander, (struct branch){branch.cards + i, n});
    }
    return r;
}

/* Cards with the same go below the same expander. */
struct expander_key {
    int cell, node;  /* the node counts only without a cell */
    struct bdf root; /* all zeros where root complexes share one */
    size_t card;
};

static int compare_expanders(const struct expander_key *a, const struct expander_key *b)
{
    if (a->cell != b->cell)
        return a->cell < b->cell ? -1 : 1;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    return bdf_compare(&a->root, &b->root);
}

static int compare_keys(const void *left, const void *right)
{
    const struct expander_key *a = left, *b = right;
    int order = compare_expanders(a, b);

    return order ? order : (a->card > b->card) - (a->card < b->card);
}

static struct expander_key expander_key(const struct builder *b, size_t card)
{
    const struct plan_card *c = &b->list->cards.items[card];
    bool shared = b->conceded->merged || (b->facts->policy->mirror == MIRROR_NUMA && !c->own_root);

    return (struct expander_key){
        .cell = c->cell,
        .node = c->cell < 0 ? c->node : 0,
        .root = shared ? (struct bdf){0} : c->root,
        .card = card,
    };
}

/* The cards, those of one expander after each other, in the order of the first ones; @places gets
 * the first of each as a number of its expander. */
static int sort_by_expander(const struct builder *b, struct place *places)
{
    size_t count = b->list->cards.count;
    autofree struct expander_key *keys = calloc(count + 1, sizeof(*keys));

    if (!keys)
        return error_nomem(b->reterr);
    for (size_t i = 0; i < count; i++)
        keys[i] = expander_key(b, i);
    if (count)
        qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 0; i < count; i++) {
        bool same = i && !compare_expanders(&keys[i - 1], &keys[i]);

        places[i].top = same ? places[i - 1].top : keys[i].card;
        places[i].at = places[i].card = keys[i].card;
    }
    if (count)
        sort_places(places, count);
    return 0;
}

/* Does the expander of these cards stand for more than one root complex? */
static bool stands_for_several(const struct builder *b, const struct branch *branch)
{
    const struct plan_card *cards = b->list->cards.items;

    for (size_t i = 1; i < branch->count; i++) {
        if (!bdf_equal(&cards[branch->cards[0]].root, &cards[branch->cards[i]].root))
            return true;
    }
    return b->facts->policy->mirror == MIRROR_NUMA && !cards[branch->cards[0]].own_root;
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

static int add_expander(struct builder *b, const struct branch *branch)
{
    const struct plan_card *card = &b->list->cards.items[branch->cards[0]];
    struct plan_controller *e =
        add_controller(b, domain_machine(b->facts->base)->expander, PLAN_NONE);
    bool several = stands_for_several(b, branch);

    if (!e)
        return VTOPO_ERR_NOMEM;
    e->cell = card->cell;
    e->node = card->node;
    e->root = card->root;
    e->has_root = !several;
    e->alias = alias_of_expander(card, several);
    return e->alias ? 0 : error_nomem(b->reterr);
}

/* Without PCI Express cards are in slots of the expander itself, or of as many as it takes. */
static int build_slots(struct builder *b, struct branch branch)
{
    int r = 0;

    for (size_t i = 0; !r && i < branch.count; i++) {
        if (i % BRIDGE_SLOTS == 0)
            r = add_expander(b, &branch);
        b->layout->ports[branch.cards[i]] =
            (struct card_port){b->layout->controllers.count - 1, (unsigned)(1 + i % BRIDGE_SLOTS)};
    }
    return r;
}

/* An expander with all cards that share it. */
static int build_expander(struct builder *b, struct branch branch)
{
    size_t expander = b->layout->controllers.count;
    int r;

    if (!domain_machine(b->facts->base)->express)
        return build_slots(b, branch);
    r = add_expander(b, &branch);
    return r ? r : build_below(b, expander, branch);
}

/*
 * Without cells, policy without_numa "group": only switches, below root ports on pcie.0.  The list
 * has only cards that share one (who_moves.c).
 */
static int build_on_pcie0(struct builder *b, struct branch branch)
{
    int r = bring_together(b, &branch, 0);

    for (size_t i = 0, n; !r && i < branch.count; i += n) {
        n = same_branch(b, &branch, i, 0);
        r = build_switch(b, PLAN_NONE, (struct branch){branch.cards + i, n});
    }
    return r;
}

/* Empty, hot-pluggable root ports below every expander; behind all others, so their indexes are the
 * highest. */
static int add_spare_ports(struct builder *b)
{
    bool any = domain_machine(b->facts->base)->express;
    size_t built = any ? b->layout->controllers.count : 0;

    for (size_t e = 0; e < built; e++) {
        if (!model_is_expander(b->layout->controllers.items[e].model))
            continue;
        for (unsigned n = 1; n <= b->conceded->spare_ports; n++) {
            struct plan_controller *port = add_controller(b, CTRL_ROOT_PORT, e);

            if (!port)
                return VTOPO_ERR_NOMEM;
            port->spare = port->hotplug_on = true;
            port->alias = mark_spare_alias(b->layout->controllers.items[e].alias, n);
            if (!port->alias)
                return error_nomem(b->reterr);
        }
    }
    return 0;
}

static int build_expanders(struct builder *b, size_t *cards)
{
    size_t count = b->list->cards.count;
    autofree struct place *places = calloc(count + 1, sizeof(*places));
    int r = places ? sort_by_expander(b, places) : error_nomem(b->reterr);

    for (size_t i = 0, n; !r && i < count; i += n) {
        for (n = 0; i + n < count && places[i + n].top == places[i].top; n++)
            cards[n] = places[i + n].card;
        r = build_expander(b, (struct branch){cards, n});
    }
    return r ? r : add_spare_ports(b);
}

/* Every card and every spare port needs a controller index, and there are 255: so nothing below
 * grows without limit. */
static int check_size(struct builder *b)
{
    if (b->list->cards.count <= MOST_PORTS && b->conceded->spare_ports <= MOST_PORTS)
        return 0;
    return layout_set_shortage(
        b->layout, b->reterr, "fewer devices need less",
        "it has %zu cards and %u spare ports on each expander, and a guest can have %d PCI controllers",
        b->list->cards.count, b->conceded->spare_ports, MOST_PORTS);
}

/* How many cards are in the switch tree of each. */
static int find_tree_sizes(struct builder *b)
{
    size_t count = b->list->cards.count;
    autofree struct card_tree *trees = card_list_by_tree(b->list);

    b->tree_sizes = calloc(count + 1, sizeof(*b->tree_sizes));
    if (!trees || !b->tree_sizes)
        return error_nomem(b->reterr);
    for (size_t i = 0, n; i < count; i += n) {
        n = card_tree_size(trees, i, count);
        for (size_t k = i; k < i + n; k++)
            b->tree_sizes[trees[k].card] = n;
    }
    return 0;
}

static int build(struct builder *b)
{
    autofree size_t *cards = calloc(b->list->cards.count + 1, sizeof(*cards));
    struct branch branch = {cards, 0};

    if (!cards)
        return error_nomem(b->reterr);
    if (b->facts->base->cells.count)
        return build_expanders(b, cards);
    for (; branch.count < b->list->cards.count; branch.count++)
        cards[branch.count] = branch.count;
    return build_on_pcie0(b, branch);
}

int layout_add_controllers(const struct layout_input *in, const struct concessions *conceded,
                           struct layout *layout, struct vtopo_error **reterr)
{
    struct builder b = {.facts = in->facts,
                        .list = in->cards,
                        .conceded = conceded,
                        .layout = layout,
                        .reterr = reterr};
    int r = check_size(&b);

    if (!r)
        r = find_tree_sizes(&b);
    if (!r)
        r = build(&b);
    free(b.tree_sizes);
    free(b.bridges.items);
    return r;
}
