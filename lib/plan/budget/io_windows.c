/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io_windows.c - the I/O windows that the guest's host bridges need
 *
 * Takes:  the layout so far, the domain's own ports and devices, the BARs of the assigned
 * functions. Gives:  a line for each host bridge: ports with I/O BARs below them, and ports that
 * are hot-pluggable. Not here: what firmware makes of them (ovmf_io.c), and what follows from that
 * (hotplug.c).
 */
#include "plan/budget/io_windows.h"

#include "plan/ground/libvirt_adds.h"

/* --- what is there without our part --- */

static bool is_off(const struct vtopo_plan *plan, unsigned index)
{
    for (size_t i = 0; i < plan->ports_off.count; i++) {
        if (plan->ports_off.items[i] == index)
            return true;
    }
    return false;
}

static bool can_hot_plug(const struct planner *p, const struct domain_controller *c)
{
    return (c->model == CTRL_ROOT_PORT || c->model == CTRL_DOWNSTREAM) && c->hotplug != 0 &&
           !is_off(p->plan, c->index);
}

static bool is_below_expander(const struct domain *domain, const struct domain_controller *c)
{
    for (size_t level = 0; c && level <= domain->controllers.count; level++) {
        if (c->model == CTRL_EXPANDER)
            return true;
        if (c->address.kind != ADDRESS_PCI || !c->address.at.bus)
            return false;
        c = domain_controller_at(domain, c->address.at.bus);
    }
    return false;
}

static size_t count_hotplug_ports(const struct planner *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->facts.base->controllers.count; i++)
        n += can_hot_plug(p, &p->facts.base->controllers.items[i]);
    return n;
}

/* The port that a device is below; NULL: it is not known, or on pcie.0. */
static const struct domain_controller *port_above(const struct planner *p,
                                                  const struct domain_device *device)
{
    bool known = device->address.kind == ADDRESS_PCI && device->address.at.bus;

    return known ? domain_controller_at(p->facts.base, device->address.at.bus) : NULL;
}

/* A device that does not move and has I/O BARs below a port. */
static bool has_io_below_port(const struct planner *p, size_t device)
{
    const struct domain_device *d = &p->facts.base->devices.items[device];
    const struct plan_device *planned = plan_device_at(p->plan, device);

    if (d->address.kind != ADDRESS_NONE && (d->address.kind != ADDRESS_PCI || !d->address.at.bus))
        return false;
    return planned ? planned->fate == FATE_STAYS && plan_has_io(p, planned) : d->io_bar;
}

/* What is below a conventional bridge shares the window of the port above it. */
static const struct domain_controller *above_bridges(const struct planner *p,
                                                     const struct domain_controller *c)
{
    for (size_t level = 0; c && level <= p->facts.base->controllers.count; level++) {
        bool bridge = c->model == CTRL_PCIE_TO_PCI || c->model == CTRL_DMI_TO_PCI ||
                      c->model == CTRL_PCI_BRIDGE;

        if (!bridge || c->address.kind != ADDRESS_PCI || !c->address.at.bus)
            return c;
        c = domain_controller_at(p->facts.base, c->address.at.bus);
    }
    return c;
}

struct others {
    struct io_bridge *root;   /* pcie.0 */
    struct io_bridge *beside; /* expanders of others */
    bool seen[INDEXES];       /* the ports that were counted */
};

/* @port: NULL if libvirt has yet to choose it. */
static void count_port(const struct planner *p, const struct domain_controller *port,
                       struct others *o)
{
    struct io_bridge *bridge = is_below_expander(p->facts.base, port) ? o->beside : o->root;

    if (port && port->index < INDEXES) {
        if (o->seen[port->index])
            return;
        o->seen[port->index] = true;
    }
    bridge->bars++;
    bridge->kept -= bridge->kept && (!port || port->hotplug != 0);
}

static void look_at_others(const struct planner *p, bool exact, struct others *o)
{
    size_t ports = libvirt_hotplug_ports(p->facts.base, p->plan, count_hotplug_ports(p), exact);

    for (size_t i = 0; i < p->facts.base->controllers.count; i++) {
        const struct domain_controller *c = &p->facts.base->controllers.items[i];

        o->beside->kept += can_hot_plug(p, c) && is_below_expander(p->facts.base, c);
    }
    o->root->kept += ports > o->beside->kept ? ports - o->beside->kept : 0;
    for (size_t i = 0; i < p->facts.base->controllers.count; i++) {
        if (p->facts.base->controllers.items[i].model == CTRL_PCIE_TO_PCI)
            count_port(p, above_bridges(p, &p->facts.base->controllers.items[i]), o);
    }
    for (size_t i = 0; i < p->facts.base->devices.count; i++) {
        if (has_io_below_port(p, i))
            count_port(p, above_bridges(p, port_above(p, &p->facts.base->devices.items[i])), o);
    }
}

/* --- our part --- */

/* A device behind a PCIe-to-PCI bridge needs the window of the port above it; one window serves all
 * that are there. */
static size_t port_of(const struct planner *p, const struct plan_device *device)
{
    size_t port = p->plan->cards.items[device->card].port;
    const struct plan_controller *c = &p->plan->controllers.items[port];

    return c->model == CTRL_PCIE_TO_PCI ? c->parent : port;
}

/*
 * QEMU's PCIe-to-PCI bridge can hot-plug (SHPC), and firmware keeps a window for every such one
 * (SeaBIOS pci_bios_check_devices(), edk2 IsPciHotPlugBus(); OVMF gave no memory to cards beside
 * two bridges too many).
 */
static bool has_bridge_below(const struct planner *p, size_t port)
{
    for (size_t i = port + 1; i < p->plan->controllers.count; i++) {
        if (p->plan->controllers.items[i].parent == port &&
            p->plan->controllers.items[i].model == CTRL_PCIE_TO_PCI)
            return true;
    }
    return false;
}

static bool card_has_io(const struct planner *p, size_t port)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *d = &p->plan->devices.items[i];

        if (d->fate == FATE_MOVED && port_of(p, d) == port && plan_has_io(p, d))
            return true;
    }
    return false;
}

/* @bridge_of: room for one of each of plan.controllers. */
static void look_at_plan(const struct planner *p, struct io_view *view, size_t *bridge_of)
{
    view->count = 1;
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        const struct plan_controller *c = &p->plan->controllers.items[i];
        struct io_bridge *bridge;

        if (c->parent != PLAN_NONE)
            bridge_of[i] = bridge_of[c->parent];
        else
            bridge_of[i] = c->model == CTRL_EXPANDER ? view->count++ : 0;
        bridge = &view->bridges[bridge_of[i]];
        if (c->model != CTRL_ROOT_PORT && c->model != CTRL_DOWNSTREAM)
            continue;
        if (card_has_io(p, i) || has_bridge_below(p, i))
            bridge->bars++;
        else
            bridge->kept += !c->hotplug_off;
    }
}

int plan_io_look(const struct planner *p, bool exact, struct io_view *ret_view)
{
    size_t n = p->plan->controllers.count + 2;
    autofree size_t *bridge_of = calloc(n, sizeof(*bridge_of));
    struct io_bridge others = {0};
    struct others o = {.beside = &others};

    *ret_view = (struct io_view){.bridges = calloc(n, sizeof(*ret_view->bridges))};
    if (!bridge_of || !ret_view->bridges) {
        free(ret_view->bridges);
        return error_nomem(p->reterr);
    }
    look_at_plan(p, ret_view, bridge_of);
    for (size_t i = 0; i < ret_view->count; i++)
        ret_view->ours += ret_view->bridges[i].bars;
    o.root = &ret_view->bridges[0];
    ret_view->bars = ret_view->ours - o.root->bars;
    look_at_others(p, exact, &o);
    ret_view->bars += o.root->bars + others.bars;
    ret_view->others = others.bars || others.kept;
    /* Where they come among ours is not told here: as kept they let only pass what fits at once. */
    if (ret_view->others)
        ret_view->bridges[ret_view->count++] = (struct io_bridge){0, others.bars + others.kept};
    return 0;
}
