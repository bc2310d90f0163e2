/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_link.c - see port_link.h
 *
 * Takes:  the layout, the links of the host.
 * Gives:  the link of the host that each port stands for, and the speed and width that it says.
 * Rule:   a guest link stands for the host link below the card or switch, or for several on the way
 *         up; it says the narrowest, but for what star_rates.c finds in a guest switch. It is said
 *         so that the link counts right together with what the card says (link_choice.c); both ends
 *         of a link between ports say the same.
 * Not here: who asks for them (plan/extra/links.c).
 */
#include "plan/ground/port_link.h"

#include "model/host_tree.h"
#include "plan/ground/link_choice.h"
#include "plan/ground/star_rates.h"

struct finder {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    struct port_link *links;        /* result */
    unsigned *rates;                /* of each controller: what its link is to count */
    const struct plan_card **cards; /* of each controller: the card that hangs on it, or NULL */
    size_t *where;                  /* for star_rates.c */
};

/* --- the host's link --- */

static unsigned least(unsigned a, unsigned b)
{
    if (!a || !b)
        return a ? a : b;
    return a < b ? a : b;
}

/* What both ends of a link can do: the fields that one of them does not say are the other's. */
static struct host_link common_link(const struct host_link *a, const struct host_link *b)
{
    return (struct host_link){least(a->speed, b->speed), least(a->width, b->width)};
}

/* A virtual function says no link of its own: it is its physical function's. */
static size_t function_with_link(const struct vtopo_host *host, size_t function)
{
    size_t physfn = HOST_NONE;

    if (host->functions.items[function].is_vf)
        physfn = host_find(host, &host->functions.items[function].physfn);
    return physfn == HOST_NONE ? function : physfn;
}

/* Of the link above @function; {0, 0}: the host does not say it, or QEMU has no words for it. */
static struct host_link link_above(const struct vtopo_host *host, size_t function)
{
    const struct host_function *below = &host->functions.items[function];
    struct host_link link =
        common_link(&below->link_max, &host->functions.items[below->parent].link_max);

    if (!link_speed_word(link.speed) || !link_width_word(link.width))
        return (struct host_link){0, 0};
    return link;
}

struct way {
    struct host_link narrowest; /* {0, 0}: a link is unknown, or there is none */
    unsigned rate;              /* what it counts; STAR_NO_LINK: there is none */
    struct host_link like;      /* the lowest link that counts what was wanted, or the narrowest */
};

/* From @function up to @top, a switch's upstream port, or the root if it is HOST_NONE. */
static struct way find_way(const struct vtopo_host *host, size_t function, size_t top,
                           unsigned wanted)
{
    struct way way = {{0, 0}, STAR_NO_LINK, {0, 0}};
    size_t steps = host->functions.count;

    for (function = function_with_link(host, function);
         function != HOST_NONE && function != top && steps;
         function = host->functions.items[function].parent, steps--) {
        unsigned rate = star_host_rate(host, function);
        struct host_link link;

        if (rate == STAR_NO_LINK)
            continue;
        link = link_above(host, function);
        if (!link.speed)
            return (struct way){{0, 0}, STAR_NO_LINK, {0, 0}};
        if (rate < way.rate) {
            way.narrowest = link;
            way.rate = rate;
        }
        if (rate == wanted && !way.like.speed)
            way.like = link;
    }
    if (!way.like.speed)
        way.like = way.narrowest;
    return way;
}

/* --- the guest's ports --- */

static bool is_port(const struct finder *f, size_t controller)
{
    enum controller_model model = f->plan->controllers.items[controller].model;

    return model == CTRL_ROOT_PORT || model == CTRL_DOWNSTREAM;
}

/* The host's switch that a downstream port is a part of. */
static size_t switch_of(const struct finder *f, size_t port)
{
    const struct plan_controllers *all = &f->plan->controllers;

    if (all->items[port].model != CTRL_DOWNSTREAM)
        return HOST_NONE;
    return host_find(f->host, &all->items[all->items[port].parent].switch_bdf);
}

static void find_ends(struct finder *f)
{
    for (size_t i = 0; i < f->plan->controllers.count; i++) {
        f->links[i] = (struct port_link){.end = HOST_NONE, .group = HOST_NONE};
        f->rates[i] = STAR_NO_LINK;
        f->cards[i] = NULL;
    }
    for (size_t i = f->plan->controllers.count; i-- > 0;) {
        const struct plan_controller *c = &f->plan->controllers.items[i];

        if (c->model == CTRL_UPSTREAM && c->parent != PLAN_NONE)
            f->links[c->parent].end = host_find(f->host, &c->switch_bdf);
    }
    for (size_t i = f->plan->cards.count; i-- > 0;) {
        const struct plan_card *card = &f->plan->cards.items[i];

        if (card->port == PLAN_NONE)
            continue;
        f->cards[card->port] = card;
        f->links[card->port].end = f->plan->devices.items[card->first_device].function;
    }
}

static struct way way_of_port(const struct finder *f, size_t port)
{
    if (!is_port(f, port) || f->links[port].end == HOST_NONE)
        return (struct way){{0, 0}, STAR_NO_LINK, {0, 0}};
    return find_way(f->host, f->links[port].end, switch_of(f, port), f->rates[port]);
}

/* --- a guest switch --- */

/* The leaf of what is below a port; false: its way is unknown. */
static bool find_leaf(const struct finder *f, size_t port, struct star_leaf *ret)
{
    size_t function;

    if (way_of_port(f, port).rate == STAR_NO_LINK)
        return false;
    function = function_with_link(f->host, f->links[port].end);
    if (!host_is_above(f->host, switch_of(f, port), function))
        return false;
    *ret = (struct star_leaf){.above = f->host->functions.items[function].parent,
                              .own = star_host_rate(f->host, function),
                              .weight = 1};
    return true;
}

/* All that is above the switch @top: the processor, and the cards that are reached through it. */
static bool find_upper_leaf(const struct finder *f, size_t top, size_t below, struct star_leaf *ret)
{
    unsigned rate = find_way(f->host, top, HOST_NONE, STAR_NO_LINK).rate;

    if (rate == STAR_NO_LINK)
        return false;
    *ret = (struct star_leaf){
        .above = top, .own = rate, .weight = 1 + (unsigned)(f->plan->cards.count - below)};
    return true;
}

/* A guest switch: @ports, its downstream ports, of which those whose way is unknown are left out.
 */
static bool set_star(struct finder *f, size_t upstream, size_t *ports, size_t count)
{
    autofree struct star_leaf *leaves = calloc(count + 1, sizeof(*leaves));
    size_t top = host_find(f->host, &f->plan->controllers.items[upstream].switch_bdf);
    size_t above = f->plan->controllers.items[upstream].parent, known = 0, all;

    if (!leaves)
        return false;
    for (size_t i = 0; top != HOST_NONE && i < count; i++) {
        ports[known] = ports[i];
        known += find_leaf(f, ports[i], &leaves[known]);
    }
    all = known + (top != HOST_NONE && find_upper_leaf(f, top, known, &leaves[known]));
    if (!all)
        return true;
    if (!star_set_rates(f->host, top, leaves, all, f->where))
        return false;
    /* Between two levels it is the upper switch that decides. */
    if (all > known && f->plan->controllers.items[above].model == CTRL_ROOT_PORT)
        ports[known++] = above;
    for (size_t i = 0; i < known; i++) {
        f->rates[ports[i]] = leaves[i].rate;
        f->links[ports[i]].group = leaves[i].group;
    }
    return true;
}

/* Ports that follow each other in the order of their switches. */
struct member {
    size_t upstream, port;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = (a->upstream > b->upstream) - (a->upstream < b->upstream);

    return order ? order : (a->port > b->port) - (a->port < b->port);
}

static bool set_stars(struct finder *f, struct member *members, size_t *ports)
{
    size_t count = 0;
    bool done = true;

    for (size_t i = 0; i < f->plan->controllers.count; i++) {
        const struct plan_controller *c = &f->plan->controllers.items[i];

        if (c->model == CTRL_DOWNSTREAM)
            members[count++] = (struct member){c->parent, i};
    }
    if (count)
        qsort(members, count, sizeof(*members), compare_members);
    for (size_t i = 0, n; done && i < count; i += n) {
        for (n = 0; i + n < count && members[i + n].upstream == members[i].upstream; n++)
            ports[n] = members[i + n].port;
        done = set_star(f, members[i].upstream, ports, n);
    }
    return done;
}

/* --- what is said --- */

struct host_link port_link_of_device(const struct vtopo_host *host,
                                     const struct plan_device *device)
{
    switch (device->kind) {
    case DEVICE_HOSTDEV_MDEV:
        return (struct host_link){0, 0};
    case DEVICE_INTERFACE_VDPA:
    case DEVICE_DISK_NVME:
        return (struct host_link){25, 1}; /* QEMU's own devices */
    default:
        return host->functions.items[device->function].link_max;
    }
}

static void set_link(struct finder *f, size_t port)
{
    const struct plan_card *card = f->cards[port];
    const struct plan_device *device = card ? &f->plan->devices.items[card->first_device] : NULL;
    struct way way = way_of_port(f, port);
    struct port_link *ret = &f->links[port];
    struct host_link end = {0, 0};

    if (way.rate == STAR_NO_LINK)
        return;
    if (f->rates[port] == STAR_NO_LINK)
        f->rates[port] = way.rate;
    if (device)
        end = port_link_of_device(f->host, device);
    ret->link = link_choose(f->rates[port], device ? &end : NULL, &way.like);
    ret->less = device && link_rate_with(&ret->link, &end) < f->rates[port] &&
                (device->kind == DEVICE_HOSTDEV_PCI || device->kind == DEVICE_INTERFACE_HOSTDEV);
}

static bool find_links(struct finder *f, struct member *members, size_t *ports)
{
    find_ends(f);
    for (size_t i = 0; i < f->host->functions.count; i++)
        f->where[i] = SIZE_MAX;
    if (!set_stars(f, members, ports))
        return false;
    for (size_t i = 0; i < f->plan->controllers.count; i++) {
        const struct plan_controller *c = &f->plan->controllers.items[i];

        /* An upstream port is the other end of the root or downstream port above it. */
        if (c->model == CTRL_UPSTREAM)
            f->links[i].link = f->links[c->parent].link;
        else
            set_link(f, i);
    }
    return true;
}

bool port_find_links(const struct vtopo_plan *plan, const struct vtopo_host *host,
                     struct port_link *ret_links)
{
    size_t count = plan->controllers.count + 1;
    autofree unsigned *rates = calloc(count, sizeof(*rates));
    autofree const struct plan_card **cards = calloc(count, sizeof(*cards));
    autofree size_t *where = calloc(host->functions.count + 1, sizeof(*where));
    autofree struct member *members = calloc(count, sizeof(*members));
    autofree size_t *ports = calloc(count, sizeof(*ports));
    struct finder f = {.plan = plan,
                       .host = host,
                       .links = ret_links,
                       .rates = rates,
                       .cards = cards,
                       .where = where};

    return rates && cards && where && members && ports && find_links(&f, members, ports);
}
