/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port.c - see port.h */
#include "attach/port.h"

#include "model/guest_tree.h"
#include "model/host_tree.h"
#include "model/machine.h"
#include "model/mark.h"
#include "plan/devices/devices.h"

#include <string.h>

/* --- what is empty --- */

/* QEMU's own devices name a bus by the id of its controller, which is libvirt's alias: "pci.5". */
static bool is_bus_of(const char *bus, const struct domain_controller *port, unsigned index)
{
    autofree char *id = mem_printf("pci.%u", index);

    return bus && id && (!strcmp(bus, id) || (port && port->alias && !strcmp(bus, port->alias)));
}

bool attach_is_empty(const struct domain *domain, unsigned index)
{
    const struct domain_controller *port = domain_controller_at(domain, index);

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && address->at.bus == index)
            return false;
    }
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct address *address = &domain->controllers.items[i].address;

        if (address->kind == ADDRESS_PCI && address->at.bus == index)
            return false;
    }
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        if (is_bus_of(domain->qemu_devices.items[i].bus, port, index))
            return false;
    }
    return true;
}

/* --- how well a port fits --- */

struct search {
    const struct vtopo_host *host;
    const struct domain *domain, *also;
    const struct host_function *function;
    struct guest_tree tree;
    char *expander, *port; /* aliases that vtopo gives the ones of the function */
    struct attach *ret;
};

/* The alias, perhaps with more behind it that tells it from others. */
static bool is_alias(const char *alias, const char *wanted)
{
    size_t length = strlen(wanted);

    return alias && !strncmp(alias, wanted, length) && (!alias[length] || alias[length] == '-');
}

static enum attach_fit fit_of(const struct search *s, const struct domain_controller *port,
                              const struct domain_controller *expander)
{
    if (is_alias(port->alias, s->port))
        return ATTACH_OWN;
    return is_alias(expander->alias, s->expander) ? ATTACH_ROOT : ATTACH_CELL;
}

/* The expander right above a root port; NULL: it is not one of the cell. */
static const struct domain_controller *expander_of(const struct search *s,
                                                   const struct domain_controller *port)
{
    const struct guest_controller *above;

    if (port->address.kind != ADDRESS_PCI)
        return NULL;
    above = &s->tree.at[port->address.at.bus];
    if (!above->there || above->model != CTRL_EXPANDER || above->own->node != s->ret->cell)
        return NULL;
    return above->own;
}

static bool is_better(enum attach_fit fit, const struct domain_controller *port,
                      const struct attach *than)
{
    bool of_card = mark_is_of_card(port->alias), than_of_card = mark_is_of_card(than->port->alias);

    if (fit != than->fit)
        return fit > than->fit;
    return of_card != than_of_card ? than_of_card : port->index < than->port->index;
}

static void look_at(struct search *s, const struct domain_controller *port)
{
    const struct domain_controller *expander = expander_of(s, port);
    enum attach_fit fit;

    if (!expander || !attach_is_empty(s->domain, port->index) ||
        (s->also && !attach_is_empty(s->also, port->index)))
        return;
    if (port->hotplug == 0) {
        if (s->ret->problem != ATTACH_FOUND)
            s->ret->problem = ATTACH_ALL_OFF;
        return;
    }
    fit = fit_of(s, port, expander);
    s->ret->problem = ATTACH_FOUND;
    if (s->ret->port && !is_better(fit, port, s->ret))
        return;
    s->ret->fit = fit;
    s->ret->port = port;
}

static bool any_expander(const struct search *s)
{
    for (size_t i = 0; i < s->domain->controllers.count; i++) {
        const struct domain_controller *c = &s->domain->controllers.items[i];

        if (c->model == CTRL_EXPANDER && c->node == s->ret->cell)
            return true;
    }
    return false;
}

static void search(struct search *s)
{
    if (!domain_machine(s->domain)->express && domain_machine(s->domain)->rewritten) {
        s->ret->problem = ATTACH_NO_HOTPLUG;
        return;
    }
    s->ret->problem = any_expander(s) ? ATTACH_NO_PORT : ATTACH_NO_EXPANDER;
    for (size_t i = 0; i < s->domain->controllers.count; i++) {
        if (s->domain->controllers.items[i].model == CTRL_ROOT_PORT)
            look_at(s, &s->domain->controllers.items[i]);
    }
}

static bool find_cell(const struct search *s)
{
    const struct facts facts = {
        .host = s->host, .input = s->domain, .origin = s->domain, .base = s->domain};

    return cell_of_host_node(&facts, s->ret->node, &s->ret->cell);
}

bool attach_find(const struct vtopo_host *host, const struct domain *domain,
                 const struct domain *also, size_t function, struct attach *ret)
{
    struct search s = {.host = host,
                       .domain = domain,
                       .also = also,
                       .function = &host->functions.items[function],
                       .ret = ret};
    bool done;

    *ret = (struct attach){
        .problem = ATTACH_NO_NODE, .node = host_node_of(host, s.function), .cell = -1};
    if (ret->node < 0)
        return true;
    ret->problem = ATTACH_NO_CELL;
    s.expander = mark_expander_alias(&s.function->root, "");
    s.port = mark_port_alias("rp", &s.function->bdf, "");
    done = s.expander && s.port && find_cell(&s);
    if (done && ret->cell >= 0) {
        guest_tree_make(domain, &s.tree);
        search(&s);
    }
    free(s.expander);
    free(s.port);
    return done;
}

size_t attach_find_neighbour(const struct vtopo_host *host, const struct domain *domain,
                             size_t function)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        size_t other = host_function_of(host, &domain->devices.items[i]);

        if (other != HOST_NONE && host_common_switch(host, function, other) != HOST_NONE)
            return other;
    }
    return HOST_NONE;
}
