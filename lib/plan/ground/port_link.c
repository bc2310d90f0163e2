/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_link.c - see port_link.h
 *
 * Takes:  the layout, the links of the host.
 * Gives:  the link of the host that each port stands for.
 * Rule:   a guest link stands for the host link below the card or switch, or for the narrowest of
 *         several; both ends of a guest link stand for the same.
 * Not here: who asks for them (plan/extra/links.c).
 */
#include "plan/ground/port_link.h"

/* QEMU's words for x-speed (hw/core/qdev-properties-system.c, PCIELinkSpeed) and x-width. */
static const struct {
    unsigned speed; /* of struct host_link */
    const char *word;
} speeds[] = {{25, "2_5"}, {50, "5"}, {80, "8"}, {160, "16"}, {320, "32"}, {640, "64"}};

static const struct {
    unsigned width;
    const char *word;
} widths[] = {{1, "1"}, {2, "2"}, {4, "4"}, {8, "8"}, {12, "12"}, {16, "16"}, {32, "32"}};

const char *link_speed_word(unsigned speed)
{
    for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++) {
        if (speeds[i].speed == speed)
            return speeds[i].word;
    }
    return NULL;
}

const char *link_width_word(unsigned width)
{
    for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
        if (widths[i].width == width)
            return widths[i].word;
    }
    return NULL;
}

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

static bool is_narrower(const struct host_link *a, const struct host_link *b)
{
    return (uint64_t)a->speed * a->width < (uint64_t)b->speed * b->width;
}

/* A virtual function says no link of its own: it is its physical function's. */
static size_t function_with_link(const struct vtopo_host *host, size_t function)
{
    size_t physfn = HOST_NONE;

    if (host->functions.items[function].is_vf)
        physfn = host_find(host, &host->functions.items[function].physfn);
    return physfn == HOST_NONE ? function : physfn;
}

/*
 * The narrowest link between @function and @top, a switch's upstream port, or the root if it is
 * HOST_NONE.  {0, 0}: one of them is unknown, or there is none.
 */
static struct host_link narrowest_link(const struct vtopo_host *host, size_t function, size_t top)
{
    struct host_link narrowest = {0, 0};
    size_t steps = host->functions.count;

    for (function = function_with_link(host, function);
         function != HOST_NONE && function != top && steps;
         function = host->functions.items[function].parent, steps--) {
        const struct host_function *below = &host->functions.items[function];
        const struct host_function *above =
            below->parent == HOST_NONE ? NULL : &host->functions.items[below->parent];
        struct host_link link;

        if (!above || (above->port != PORT_ROOT && above->port != PORT_DOWNSTREAM))
            continue;
        link = common_link(&below->link_max, &above->link_max);
        if (!link_speed_word(link.speed) || !link_width_word(link.width))
            return (struct host_link){0, 0};
        if (!narrowest.speed || is_narrower(&link, &narrowest))
            narrowest = link;
    }
    return narrowest;
}

/* --- the guest's ports --- */

void port_find_lower_ends(const struct vtopo_plan *plan, const struct vtopo_host *host,
                          size_t *ret_ends)
{
    for (size_t i = 0; i < plan->controllers.count; i++)
        ret_ends[i] = HOST_NONE;
    for (size_t i = plan->controllers.count; i-- > 0;) {
        const struct plan_controller *c = &plan->controllers.items[i];

        if (c->model == CTRL_UPSTREAM && c->parent != PLAN_NONE)
            ret_ends[c->parent] = host_find(host, &c->switch_bdf);
    }
    for (size_t i = plan->cards.count; i-- > 0;) {
        const struct plan_card *card = &plan->cards.items[i];

        if (card->port != PLAN_NONE)
            ret_ends[card->port] = plan->devices.items[card->first_device].function;
    }
}

static struct host_link link_of_port(const struct vtopo_plan *plan, const struct vtopo_host *host,
                                     size_t controller, size_t end)
{
    const struct plan_controller *c = &plan->controllers.items[controller];
    size_t top = HOST_NONE;

    if (end == HOST_NONE || (c->model != CTRL_ROOT_PORT && c->model != CTRL_DOWNSTREAM))
        return (struct host_link){0, 0};
    if (c->model == CTRL_DOWNSTREAM)
        top = host_find(host, &plan->controllers.items[c->parent].switch_bdf);
    return narrowest_link(host, end, top);
}

bool port_find_links(const struct vtopo_plan *plan, const struct vtopo_host *host,
                     struct host_link *ret_links)
{
    autofree size_t *ends = calloc(plan->controllers.count + 1, sizeof(*ends));

    if (!ends)
        return false;
    port_find_lower_ends(plan, host, ends);
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *c = &plan->controllers.items[i];

        /* An upstream port is the other end of the root or downstream port above it. */
        ret_links[i] =
            c->model == CTRL_UPSTREAM ? ret_links[c->parent] : link_of_port(plan, host, i, ends[i]);
    }
    return true;
}
