/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_properties.c - what a port says that a card leaves, and its new port does not
 *
 * Takes:  the domain as it was before vtopo: its root ports, and what QEMU is told of them
 *         (<qemu:override>, -set); the ports that the plan makes.
 * Gives:  one finding with all of them; one where QEMU is told something of all ports (-global)
 *         that the budgets do not count.
 * Rule:   what somebody gave to a port was meant for the card in it. hotplug='off' goes with the
 *         card (devices/cards.c), and so does memReserve where there is room for it
 *         (tree/mem_reserve.c); links are the plan's own where it writes them (extra/links.c);
 *         address, chassis, port and alias are the port's alone; all else stays behind. Of a port
 *         that several cards leave it is said once.
 * Not here: how hotplug and memReserve of single ports count (lib/plan/budget).
 */
#include "base/buffer.h"
#include "base/search.h"
#include "model/mark.h"
#include "plan/advice/advice.h"

#include <stdio.h>
#include <string.h>

/* What QEMU is told, sorted by alias. */
struct told {
    const struct domain_override **items;
    size_t count;
};

static int compare_told(const void *left, const void *right)
{
    const struct domain_override *a = *(const struct domain_override *const *)left;
    const struct domain_override *b = *(const struct domain_override *const *)right;
    int order = strcmp(a->alias, b->alias);

    return order ? order : (a > b) - (a < b);
}

static int compare_alias(const void *key, const void *item)
{
    return strcmp(key, (*(const struct domain_override *const *)item)->alias);
}

static bool collect(const struct domain *domain, struct told *ret)
{
    *ret = (struct told){.items = calloc(domain->overrides.count + 1, sizeof(*ret->items))};
    if (!ret->items)
        return false;
    for (size_t i = 0; i < domain->overrides.count; i++) {
        if (!domain->overrides.items[i].marked)
            ret->items[ret->count++] = &domain->overrides.items[i];
    }
    qsort(ret->items, ret->count, sizeof(*ret->items), compare_told);
    return true;
}

static void add_name(struct buffer *names, const char *name)
{
    buffer_printf(names, "%s%s", names->length ? ", " : "", name);
}

static const struct plan_controller *new_port(const struct vtopo_plan *plan,
                                              const struct plan_device *device)
{
    return &plan->controllers.items[plan->cards.items[device->card].port];
}

static const struct plan_controller *new_root_port(const struct vtopo_plan *plan,
                                                   const struct plan_device *device)
{
    const struct plan_controller *c = new_port(plan, device);

    while (c->model != CTRL_ROOT_PORT && c->parent != PLAN_NONE)
        c = &plan->controllers.items[c->parent];
    return c;
}

/* @links: the new port says a link. */
static void name_told(const struct told *told, const char *alias, bool links, struct buffer *names)
{
    size_t at =
        search_lower_bound(alias, told->items, told->count, sizeof(*told->items), compare_alias);

    for (; at < told->count && !strcmp(told->items[at]->alias, alias); at++) {
        const char *name = told->items[at]->name;

        if (!strcmp(name, "hotplug") || (links && !strncmp(name, "x-", 2)))
            continue;
        add_name(names, name);
    }
}

/* A port without an alias of its own is pci.INDEX for QEMU. */
static void name_properties(const struct told *told, const struct domain_controller *port,
                            const struct vtopo_plan *plan, const struct plan_device *device,
                            struct buffer *names)
{
    bool links = new_port(plan, device)->link.speed;
    char alias[16];

    if (port->model_name && !strcmp(port->model_name, "ioh3420"))
        add_name(names, "model ioh3420");
    if (port->mem_reserve > new_root_port(plan, device)->mem_reserve)
        add_name(names, "memReserve");
    snprintf(alias, sizeof(alias), "pci.%u", port->index);
    name_told(told, alias_is_user(port->alias) ? port->alias : alias, links, names);
}

/* The root port that a device leaves; NULL: none. */
static const struct domain_controller *port_of(const struct facts *facts,
                                               const struct plan_device *device)
{
    const struct address *address = &facts->base->devices.items[device->device].address;
    const struct domain_controller *port;

    if (device->fate != FATE_MOVED || address->kind != ADDRESS_PCI)
        return NULL;
    port = facts->tree->at[address->at.bus].own;
    return port && port->model == CTRL_ROOT_PORT ? port : NULL;
}

static bool name_ports(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct told *told, struct buffer *ret)
{
    bool named[DOMAIN_INDEXES] = {false};

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];
        const struct domain_controller *port = port_of(facts, device);
        autobuffer struct buffer names = {0};

        if (!port || named[port->index])
            continue;
        named[port->index] = true;
        name_properties(told, port, plan, device, &names);
        if (names.failed)
            return false;
        if (names.length)
            buffer_printf(ret, "%s%s (%s)", ret->length ? ", " : "", BDF_TEXT(&device->host),
                          names.text);
    }
    return !ret->failed;
}

static int report_global(const struct facts *facts, const struct vtopo_plan *plan,
                         const struct reporter *reporter)
{
    if (!facts->base->qemu_global || !plan->controllers.count)
        return 0;
    return report_finding(
        reporter, FINDING_BUDGET_UNSURE, "domain",
        "<qemu:commandline> sets %s for all ports, the new ones too (-global), and what is counted here of their bus numbers, I/O and memory does not know of that: say it of the ports that need it (<target>, or <qemu:override>), and look for devices without memory in the guest",
        facts->base->qemu_global);
}

int port_properties_report(const struct facts *facts, const struct vtopo_plan *plan,
                           const struct reporter *reporter)
{
    autobuffer struct buffer text = {0};
    struct told told;
    bool done = collect(facts->base, &told) && name_ports(facts, plan, &told, &text);
    int r;

    free(told.items);
    if (!done)
        return error_nomem(reporter->reterr);
    if (!text.length)
        return report_global(facts, plan, reporter);
    r = report_finding(
        reporter, FINDING_PORT_PROPERTIES, "domain",
        "the new ports do not have what the ports say that these devices leave: %s; a device that needs it stays where it is with policy \"keep\"",
        text.text);
    return r ? r : report_global(facts, plan, reporter);
}
