/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.c - the host's tree beside the guest's, one line per card
 *
 * Takes:  the cards and controllers of a plan, and what it keeps of the host.
 * Gives:  lines for columns.c.
 * Rule:   leaves come in the guest's order, because the guest's tree is the one that must not be
 *         torn apart; the host's starts anew where its order is another (mirror numa).
 */
#include "check/check.h"
#include "model/link_text.h"
#include "model/machine.h"
#include "report/columns.h"
#include "report/explain.h"
#include "report/path.h"

#include <stdlib.h>
#include <string.h>

/* A card, or a spare port, with everything above it. */
struct leaf {
    size_t card; /* place in plan.cards; PLAN_NONE: a spare port */
    size_t port; /* place in plan.controllers */
    struct path
        host; /* first card of the same root complex and node, then switches in host.functions */
    struct path guest; /* controllers: expander (PLAN_NONE: the root bus), then upstream ports */
    struct path order; /* all controllers, port included */
};

struct leaves {
    struct leaf *items;
    size_t count, cap;
};

/* What is printed of a card besides its place. */
struct card_facts {
    size_t group;                             /* first card of the same root complex and node */
    size_t devices;                           /* the first of its devices; PLAN_NONE: none moves */
    unsigned host_functions, guest_functions; /* of its devices, as bits */
};

struct view {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    struct leaves leaves;
    struct columns columns;
    struct card_facts *cards; /* per card */
    size_t *next;             /* per device: the next one of the same card, or PLAN_NONE */
    unsigned *acs; /* per host function: states of the downstream ports right below it that have
                      assigned cards below them, as bits */
};

static const struct plan_device *first_device(const struct vtopo_plan *plan, size_t card)
{
    return &plan->devices.items[plan->cards.items[card].first_device];
}

static int compare_cards(const void *a, const void *b, void *context)
{
    const struct plan_card *cards = context;
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    int order = bdf_compare(&cards[one].root, &cards[other].root);

    if (!order)
        order = (cards[one].node > cards[other].node) - (cards[one].node < cards[other].node);
    return order ? order : (one > other) - (one < other);
}

/* Which cards are on the same root complex and node. */
static bool group_cards(struct view *view)
{
    const struct plan_card *cards = view->plan->cards.items;
    size_t count = view->plan->cards.count;
    autofree size_t *sorted = malloc((count + 1) * sizeof(*sorted));

    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = i;
    if (count)
        qsort_r(sorted, count, sizeof(*sorted), compare_cards, view->plan->cards.items);
    for (size_t i = 0; i < count; i++) {
        const struct plan_card *card = &cards[sorted[i]];
        const struct plan_card *before = i ? &cards[sorted[i - 1]] : NULL;

        if (before && bdf_equal(&before->root, &card->root) && before->node == card->node)
            view->cards[sorted[i]].group = view->cards[sorted[i - 1]].group;
        else
            view->cards[sorted[i]].group = sorted[i];
    }
    return true;
}

/* The devices of each card in their order: so backwards. */
static void collect_devices(struct view *view)
{
    for (size_t i = 0; i < view->plan->cards.count; i++)
        view->cards[i].devices = PLAN_NONE;
    for (size_t i = view->plan->devices.count; i-- > 0;) {
        const struct plan_device *device = &view->plan->devices.items[i];
        struct card_facts *card;

        if (device->fate != FATE_MOVED)
            continue;
        card = &view->cards[device->card];
        card->host_functions |= 1U << device->host.function;
        card->guest_functions |= 1U << device->guest_function;
        view->next[i] = card->devices;
        card->devices = i;
    }
}

static void collect_acs(struct view *view)
{
    const struct host_function *functions = view->host->functions.items;

    for (size_t i = 0; i < view->plan->cards.count; i++) {
        size_t at = first_device(view->plan, i)->function;

        for (; at != HOST_NONE; at = functions[at].parent) {
            if (functions[at].parent != HOST_NONE && functions[at].port == PORT_DOWNSTREAM)
                view->acs[functions[at].parent] |= 1U << check_acs_state(&functions[at], NULL);
        }
    }
}

static bool collect_facts(struct view *view)
{
    const struct vtopo_plan *plan = view->plan;

    view->cards = calloc(plan->cards.count + 1, sizeof(*view->cards));
    view->next = calloc(plan->devices.count + 1, sizeof(*view->next));
    view->acs = calloc(view->host->functions.count + 1, sizeof(*view->acs));
    if (!view->cards || !view->next || !view->acs || !group_cards(view))
        return false;
    collect_devices(view);
    collect_acs(view);
    return true;
}

static bool find_host_path(const struct view *view, struct leaf *leaf)
{
    size_t at = first_device(view->plan, leaf->card)->function;

    while (at != HOST_NONE) {
        const struct host_function *function = &view->host->functions.items[at];

        if (function->port == PORT_UPSTREAM && !path_add(&leaf->host, at))
            return false;
        at = function->parent;
    }
    if (!path_add(&leaf->host, view->cards[leaf->card].group))
        return false;
    path_reverse(&leaf->host);
    return true;
}

static bool find_guest_path(const struct view *view, struct leaf *leaf)
{
    size_t at = leaf->port, top = PLAN_NONE;

    while (at != PLAN_NONE) {
        const struct plan_controller *controller = &view->plan->controllers.items[at];

        if (!path_add(&leaf->order, at) ||
            (controller->model == CTRL_UPSTREAM && !path_add(&leaf->guest, at)))
            return false;
        if (model_is_expander(controller->model))
            top = at;
        at = controller->parent;
    }
    path_reverse(&leaf->order);
    if (!path_add(&leaf->guest, top))
        return false;
    path_reverse(&leaf->guest);
    return true;
}

static bool add_leaf(struct view *view, size_t card, size_t port)
{
    struct leaf *leaf = vec_add(&view->leaves);

    if (!leaf)
        return false;
    leaf->card = card;
    leaf->port = port;
    return find_guest_path(view, leaf) && (card == PLAN_NONE || find_host_path(view, leaf));
}

/* The guest's order: controllers are numbered as they stand, parents first. */
static int compare_leaves(const void *a, const void *b)
{
    const struct path *p = &((const struct leaf *)a)->order;
    const struct path *q = &((const struct leaf *)b)->order;
    size_t same = path_common(p, q);

    if (same == p->count || same == q->count)
        return (p->count > q->count) - (p->count < q->count);
    return (p->items[same] > q->items[same]) - (p->items[same] < q->items[same]);
}

static bool collect_leaves(struct view *view)
{
    for (size_t i = 0; i < view->plan->cards.count; i++) {
        if (!add_leaf(view, i, view->plan->cards.items[i].port))
            return false;
    }
    for (size_t i = 0; i < view->plan->controllers.count; i++) {
        if (view->plan->controllers.items[i].spare && !add_leaf(view, PLAN_NONE, i))
            return false;
    }
    if (view->leaves.count)
        qsort(view->leaves.items, view->leaves.count, sizeof(*view->leaves.items), compare_leaves);
    return true;
}

/* ", ACS redirect", ", ACS open/redirect", nothing where it could not be read. */
static void add_acs(unsigned states, struct buffer *out)
{
    const char *before = ", ACS ";

    for (enum acs_state state = ACS_NONE; state <= ACS_BLOCK; state++) {
        if (!(states & 1U << state))
            continue;
        buffer_printf(out, "%s%s", before, acs_state_name(state));
        before = "/";
    }
}

static char *switch_heading(const struct view *view, size_t upstream)
{
    const struct host_function *function = &view->host->functions.items[upstream];
    autobuffer struct buffer out = {0};

    buffer_printf(&out, "switch %s  %04x:%04x", BDF_TEXT(&function->bdf), function->vendor,
                  function->device);
    add_acs(view->acs[upstream], &out);
    return buffer_steal(&out);
}

static char *host_heading(const struct view *view, const struct leaf *leaf, size_t level)
{
    const struct plan_card *card = &view->plan->cards.items[leaf->card];

    if (level)
        return switch_heading(view, leaf->host.items[level]);
    if (card->node < 0)
        return mem_printf("root complex %04x:%02x, node unknown", card->root.domain,
                          card->root.bus);
    return mem_printf("root complex %04x:%02x, node %d", card->root.domain, card->root.bus,
                      card->node);
}

/* A controller's guest BDF, or libvirt's name of it where that is not known. */
static void add_controller(const struct plan_controller *controller, struct buffer *out)
{
    if (bdf_is_set(&controller->guest))
        explain_guest(&controller->guest, out);
    else
        buffer_printf(out, "pci.%u", controller->index);
}

static void add_expander(const struct plan_controller *expander, struct buffer *out)
{
    buffer_printf(out, "expander pci.%u, bus%s %02x", expander->index,
                  expander->buses > 1 ? "es" : "", expander->bus_nr);
    if (expander->buses > 1)
        buffer_printf(out, "-%02x", expander->bus_nr + expander->buses - 1);
    if (expander->cell < 0)
        buffer_add(out, ", no cell");
    else
        buffer_printf(out, ", cell %d", expander->cell);
}

static char *guest_heading(const struct view *view, const struct leaf *leaf, size_t level)
{
    size_t place = leaf->guest.items[level];
    const struct plan_controller *controller = &view->plan->controllers.items[place];
    autobuffer struct buffer out = {0};

    if (place == PLAN_NONE) {
        buffer_add(&out, domain_machine(&view->plan->extract.domain)->root_bus);
    } else if (model_is_expander(controller->model)) {
        add_expander(controller, &out);
    } else {
        buffer_add(&out, "switch ");
        add_controller(controller, &out);
    }
    return buffer_steal(&out);
}

static char *host_leaf(const struct view *view, const struct leaf *leaf)
{
    const struct plan_card *card = &view->plan->cards.items[leaf->card];
    autobuffer struct buffer out = {0};

    explain_functions(&card->host, view->cards[leaf->card].host_functions, &out);
    buffer_add(&out, "  ");
    explain_what(view->plan, first_device(view->plan, leaf->card), &out);
    return buffer_steal(&out);
}

/* Of the functions of a card that QEMU is told one for; nearly always there is one. */
static void add_cliques(const struct view *view, size_t card, struct buffer *out)
{
    size_t at = card == PLAN_NONE ? PLAN_NONE : view->cards[card].devices;
    int last = -1;

    for (; at != PLAN_NONE; at = view->next[at]) {
        const struct plan_device *device = &view->plan->devices.items[at];

        if (!device->clique_given || device->clique < 0 || device->clique == last)
            continue;
        buffer_printf(out, last < 0 ? ", clique %d" : ", %d", device->clique);
        last = device->clique;
    }
}

static char *guest_leaf(const struct view *view, const struct leaf *leaf)
{
    const struct plan_controller *port = &view->plan->controllers.items[leaf->port];
    autobuffer struct buffer out = {0};

    if (leaf->card != PLAN_NONE && first_device(view->plan, leaf->card)->after_known) {
        const struct bdf *bdf = &first_device(view->plan, leaf->card)->guest_after;

        explain_guest_functions(bdf, view->cards[leaf->card].guest_functions, &out);
        buffer_add(&out, "  ");
    }
    if (port->model == CTRL_PCI_EXPANDER)
        buffer_printf(&out, "slot %u of ", view->plan->cards.items[leaf->card].slot);
    else if (port->model == CTRL_PCIE_TO_PCI)
        buffer_printf(&out, "slot %u of bridge ", view->plan->cards.items[leaf->card].slot);
    else
        buffer_add(&out, port->model == CTRL_DOWNSTREAM ? "port " : "root port ");
    add_controller(port, &out);
    if (port->link.speed)
        buffer_printf(&out, ", %s", link_format(&port->link, (char[LINK_TEXT_SIZE]){0}));
    buffer_add(&out, port->spare ? ", spare" : "");
    add_cliques(view, leaf->card, &out);
    return buffer_steal(&out);
}

static bool add_line(struct view *view, struct cell left, struct cell right, bool joined)
{
    struct line *line = vec_add(&view->columns.lines);

    if (!line) {
        free(left.text);
        free(right.text);
        return false;
    }
    *line = (struct line){left, right, joined};
    return true;
}

/* The levels of both trees that start with @leaf, side by side. */
static bool add_headings(struct view *view, const struct leaf *leaf, size_t host_level,
                         size_t guest_level)
{
    while (host_level < leaf->host.count || guest_level < leaf->guest.count) {
        struct cell left = {0}, right = {0};
        bool made = true;

        if (host_level < leaf->host.count) {
            left = (struct cell){host_heading(view, leaf, host_level), (unsigned)host_level};
            made = left.text;
            host_level++;
        }
        if (guest_level < leaf->guest.count) {
            right = (struct cell){guest_heading(view, leaf, guest_level), (unsigned)guest_level};
            made = made && right.text;
            guest_level++;
        }
        if (!add_line(view, left, right, false) || !made)
            return false;
    }
    return true;
}

static bool add_leaf_line(struct view *view, const struct leaf *leaf)
{
    struct cell right = {guest_leaf(view, leaf), (unsigned)leaf->guest.count};
    struct cell left = {0};
    bool made = right.text, card = leaf->card != PLAN_NONE;

    if (card) {
        left = (struct cell){host_leaf(view, leaf), (unsigned)leaf->host.count};
        made = made && left.text;
    }
    return add_line(view, left, right, card) && made;
}

static bool add_lines(struct view *view)
{
    static const struct path nothing;
    const struct path *host = &nothing, *guest = &nothing;

    for (size_t i = 0; i < view->leaves.count; i++) {
        const struct leaf *leaf = &view->leaves.items[i];

        if (!add_headings(view, leaf, path_common(host, &leaf->host),
                          path_common(guest, &leaf->guest)) ||
            !add_leaf_line(view, leaf))
            return false;
        host = &leaf->host;
        guest = &leaf->guest;
    }
    return true;
}

static void clear_view(struct view *view)
{
    for (size_t i = 0; i < view->leaves.count; i++) {
        free(view->leaves.items[i].host.items);
        free(view->leaves.items[i].guest.items);
        free(view->leaves.items[i].order.items);
    }
    free(view->leaves.items);
    free(view->cards);
    free(view->next);
    free(view->acs);
    columns_clear(&view->columns);
}

bool explain_tree(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    struct view view = {.plan = plan, .host = &plan->extract.host};
    bool done = collect_facts(&view) && collect_leaves(&view) && add_lines(&view);

    if (done && view.columns.lines.count) {
        buffer_add(out, "\n");
        columns_print(&view.columns, "HOST", "GUEST", colour, out);
    }
    clear_view(&view);
    return done;
}
