/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links.c - ports that say the speed and width of the host's links (policy links "host")
 *
 * Takes:  the layout, the links of the host, what is known of the QEMU that will run the domain.
 * Gives:  plan.controllers[].link, and the overrides that make QEMU's ports say so.
 * Rule:   a guest link says what the host link says that it stands for, or the narrowest of
 * several; what the host does not say is left as QEMU has it.
 *
 * QEMU's x3130 and xio3130 say 2.5 GT/s x1 and nothing else.  Its CXL switch ports take any link,
 * and QEMU builds them where libvirt says x3130 if the property "driver" is overridden; below ports
 * that are not CXL, Linux takes them for ordinary switch ports.  Both ends of a guest link say the
 * same.
 */
#include "plan/ground/planned_tree.h"
#include "plan/ground/planner.h"

#include <stdlib.h>
#include <string.h>

/* QEMU's words for x-speed (hw/core/qdev-properties-system.c, PCIELinkSpeed) and x-width. */
static const struct {
    unsigned speed; /* of struct host_link */
    const char *word;
} speeds[] = {{25, "2_5"}, {50, "5"}, {80, "8"}, {160, "16"}, {320, "32"}, {640, "64"}};

static const struct {
    unsigned width;
    const char *word;
} widths[] = {{1, "1"}, {2, "2"}, {4, "4"}, {8, "8"}, {12, "12"}, {16, "16"}, {32, "32"}};

static const char *word_of_speed(unsigned speed)
{
    for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++) {
        if (speeds[i].speed == speed)
            return speeds[i].word;
    }
    return NULL;
}

static const char *word_of_width(unsigned width)
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
        if (!word_of_speed(link.speed) || !word_of_width(link.width))
            return (struct host_link){0, 0};
        if (!narrowest.speed || is_narrower(&link, &narrowest))
            narrowest = link;
    }
    return narrowest;
}

/* --- the guest's ports --- */

/* The host function at the lower end of the link of a port: the card's, or the switch's; HOST_NONE:
 * the port is empty. */
static size_t lower_end(const struct vtopo_plan *plan, const struct vtopo_host *host, size_t port)
{
    for (size_t i = 0; i < plan->cards.count; i++) {
        if (plan->cards.items[i].port == port)
            return plan->devices.items[plan->cards.items[i].first_device].function;
    }
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *c = &plan->controllers.items[i];

        if (c->parent == port && c->model == CTRL_UPSTREAM)
            return host_find(host, &c->switch_bdf);
    }
    return HOST_NONE;
}

struct host_link plan_link_of_host(const struct vtopo_plan *plan, const struct vtopo_host *host,
                                   size_t controller)
{
    const struct plan_controller *c = &plan->controllers.items[controller];
    size_t end, top = HOST_NONE;

    if (c->model == CTRL_UPSTREAM)
        return plan_link_of_host(plan, host, c->parent); /* the root or downstream port above it */
    if (c->model != CTRL_ROOT_PORT && c->model != CTRL_DOWNSTREAM)
        return (struct host_link){0, 0};
    if (c->model == CTRL_DOWNSTREAM)
        top = host_find(host, &plan->controllers.items[c->parent].switch_bdf);
    end = lower_end(plan, host, controller);
    return end == HOST_NONE ? (struct host_link){0, 0} : narrowest_link(host, end, top);
}

/*
 * QEMU hides the PCI Express capability of a device behind a conventional bridge, and makes an
 * integrated endpoint, which has no link, of one on the root bus (hw/vfio/pci.c,
 * vfio_setup_pcie_cap()).
 */
static bool shows_link(const struct guest_tree *tree, const struct address *address)
{
    enum controller_model model = CTRL_OTHER;

    if (address->kind == ADDRESS_PCI && address->at.bus && tree->at[address->at.bus].there)
        model = tree->at[address->at.bus].model;
    return model == CTRL_ROOT_PORT || model == CTRL_DOWNSTREAM;
}

void plan_find_shown_links(const struct domain *input, struct vtopo_plan *plan)
{
    struct guest_tree tree;

    planned_tree_make(plan, input, &tree);
    for (size_t i = 0; i < plan->devices.count; i++)
        plan->devices.items[i].shows_link = shows_link(&tree, &plan->devices.items[i].after);
}

/* --- may QEMU be asked? --- */

/* Since QEMU 10.0 its CXL ports have x-speed and x-width, and root ports go beyond 16 GT/s. */
#define LINKS_SINCE 10000000

static int say_unproven(struct planner *p)
{
    return plan_finding(
        p, FINDING_LINKS_UNPROVEN, "domain",
        "ports keep QEMU's own link speeds and widths: true ones need QEMU 10.0 or later with its CXL ports, and nothing says that this is one; machine type pc-q35-10.0 or later does, or policy qemu_version");
}

static int say_old_libvirt(struct planner *p)
{
    return plan_finding(
        p, FINDING_LINKS_UNPROVEN, "domain",
        "ports keep QEMU's own link speeds and widths: true ones need libvirt 8.5 or later, and the policy says that it is older");
}

/* --- what is written --- */

static const char *driver_of(enum controller_model model)
{
    if (model == CTRL_UPSTREAM)
        return "cxl-upstream";
    return model == CTRL_DOWNSTREAM ? "cxl-downstream"
                                    : NULL; /* root ports take any link as they are */
}

static int write_link(struct planner *p, size_t controller)
{
    const struct plan_controller *c = &p->plan->controllers.items[controller];
    const char *driver = driver_of(c->model);
    int r = 0;

    if (driver)
        r = plan_override_controller(p, controller, "driver", "string", driver);
    if (!r)
        r = plan_override_controller(p, controller, "x-speed", "string",
                                     word_of_speed(c->link.speed));
    return r ? r
             : plan_override_controller(p, controller, "x-width", "string",
                                        word_of_width(c->link.width));
}

static int say_unknown(struct planner *p)
{
    autofree char *ends = NULL;

    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        const struct plan_controller *c = &p->plan->controllers.items[i];
        size_t end;

        if ((c->model != CTRL_ROOT_PORT && c->model != CTRL_DOWNSTREAM) || c->link.speed)
            continue;
        end = lower_end(p->plan, p->facts.host, i);
        if (end != HOST_NONE && !mem_append(&ends, "%s%s", ends ? ", " : "",
                                            BDF_TEXT(&p->facts.host->functions.items[end].bdf)))
            return error_nomem(p->reterr);
    }
    if (!ends)
        return 0;
    return plan_finding(
        p, FINDING_LINKS_UNKNOWN, "host",
        "ports for %s keep QEMU's own link speed and width: the host does not say theirs", ends);
}

int plan_links(struct planner *p)
{
    int r = 0;

    if (p->facts.policy->links != LINKS_HOST || !p->plan->controllers.count)
        return 0;
    if (plan_needs_command_line(p))
        return say_old_libvirt(p);
    if (!plan_qemu_is(p, LINKS_SINCE))
        return say_unproven(p);
    for (size_t i = 0; !r && i < p->plan->controllers.count; i++) {
        p->plan->controllers.items[i].link = plan_link_of_host(p->plan, p->facts.host, i);
        if (p->plan->controllers.items[i].link.speed)
            r = write_link(p, i);
    }
    return r ? r : say_unknown(p);
}
