/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io_windows.c - the I/O windows that the guest's host bridges need
 *
 * Takes:  the layout so far, the domain's own ports and devices, those of QEMU's command line, the
 *         BARs of the assigned functions.
 * Gives:  a line for each host bridge: ports with I/O BARs below them, and ports that are
 *         hot-pluggable.
 * Not here: what firmware makes of them (ovmf_io.c), and what follows from that (hotplug.c).
 */
#include "plan/budget/io_windows.h"

#include "model/qemu_device.h"

#include <string.h>

/* --- what is there without our part --- */

/* What is counted from. */
struct counter {
    const struct layout_input *in;
    const struct io_others *others;
    bool off[INDEXES];        /* ports of others that the layout switches off */
    struct io_bridge *root;   /* pcie.0 */
    struct io_bridge *beside; /* expanders of others */
    bool seen[INDEXES];       /* the ports that were counted */
    size_t qemu_padding;      /* of ports of the command line */
    struct qemu_device_places places;
};

static bool can_hot_plug(const struct counter *o, const struct domain_controller *c)
{
    return controller_is_port(c->model) && c->hotplug != 0 && !o->off[c->index];
}

/* @c may be NULL. */
static bool is_below_expander(const struct counter *o, const struct domain_controller *c)
{
    return c && o->others->tree->at[c->index].expander;
}

static size_t count_hotplug_ports(const struct counter *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->others->domain->controllers.count; i++)
        n += can_hot_plug(o, &o->others->domain->controllers.items[i]);
    return n;
}

/* The port that a device is below; NULL: it is not known, or on pcie.0. */
static const struct domain_controller *port_above(const struct counter *o,
                                                  const struct domain_device *device)
{
    bool known = device->address.kind == ADDRESS_PCI && device->address.at.bus;

    return known ? o->others->tree->at[device->address.at.bus].own : NULL;
}

/* A device that does not move and has I/O BARs below a port. */
static bool has_io_below_port(const struct counter *o, size_t device)
{
    const struct domain_device *d = &o->others->domain->devices.items[device];
    const struct assignment *assignment;

    if (d->address.kind != ADDRESS_NONE && (d->address.kind != ADDRESS_PCI || !d->address.at.bus))
        return false;
    assignment = assignment_at(o->in->assigned, device);
    if (!assignment)
        return d->io_bar;
    return o->in->fates->items[assignment - o->in->assigned->items].fate == FATE_STAYS &&
           assignment_has_io(o->in->facts, assignment);
}

/* What is below a conventional bridge shares the window of the port above it. */
static const struct domain_controller *above_bridges(const struct counter *o,
                                                     const struct domain_controller *c)
{
    while (c && model_is_bridge(c->model) && c->address.kind == ADDRESS_PCI && c->address.at.bus)
        c = o->others->tree->at[c->address.at.bus].own;
    return c;
}

/* @port: NULL if libvirt has yet to choose it. */
static void count_port(struct counter *o, const struct domain_controller *port)
{
    struct io_bridge *bridge = is_below_expander(o, port) ? o->beside : o->root;

    if (port && port->index < INDEXES) {
        if (o->seen[port->index])
            return;
        o->seen[port->index] = true;
    }
    bridge->bars++;
    bridge->padding -= bridge->padding && (!port || port->hotplug != 0);
}

/* --- conventional bridges --- */

/* QEMU's can hot-plug (SHPC), and firmware keeps a window for such a one (find_windows()). */
static bool keeps_window(const struct domain_controller *c)
{
    return c && (c->model == CTRL_PCIE_TO_PCI || c->model == CTRL_PCI_BRIDGE);
}

/*
 * Does the bridge need one besides those of bridges that are in it?  Tried with SeaBIOS and i440fx:
 * 8 bridges boot, and with another in one of them, and 9 do not, nor 8 of which one has a device
 * with an I/O BAR and a bridge in it.
 */
static bool needs_own_window(const struct counter *o, const struct domain_controller *bridge)
{
    const struct domain *domain = o->others->domain;
    bool empty = true;

    for (size_t i = 0; i < domain->devices.count; i++) {
        if (has_io_below_port(o, i) && port_above(o, &domain->devices.items[i]) == bridge)
            return true;
    }
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        empty = empty && !(keeps_window(c) && c->address.kind == ADDRESS_PCI &&
                           c->address.at.bus == bridge->index);
    }
    return empty;
}

static void count_bridges(struct counter *o)
{
    for (size_t i = 0; i < o->others->domain->controllers.count; i++) {
        const struct domain_controller *c = &o->others->domain->controllers.items[i], *top;

        if (!keeps_window(c) || !needs_own_window(o, c))
            continue;
        top = above_bridges(o, c);
        if (!top || top->index >= INDEXES || !o->seen[top->index])
            count_port(o, top);
        else if (is_below_expander(o, top))
            o->beside->bars++;
        else
            o->root->bars++;
    }
}

/* --- what only QEMU knows --- */

static struct io_bridge *bridge_of(struct counter *o, const struct domain_qemu_device *device)
{
    enum qemu_top top = o->places.of[device - o->others->domain->qemu_devices.items].top;

    return top == QEMU_TOP_ROOT || top == QEMU_TOP_UNKNOWN ? o->root : o->beside;
}

/* The port of the command line that the device is in; NULL: it is in none. */
static const struct domain_qemu_device *qemu_port_of(const struct domain *domain,
                                                     const struct domain_qemu_device *device)
{
    for (size_t i = 0; device->bus && i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *port = &domain->qemu_devices.items[i];

        if (port->id && !strcmp(port->id, device->bus) && qemu_device_is_port(port))
            return port;
    }
    return NULL;
}

/* Each such device as if it had its port for itself: functions of one slot need no more. */
static void count_qemu_io(struct counter *o, const struct domain_qemu_device *device)
{
    int bus = qemu_device_bus(o->others->domain, device);
    const struct domain_qemu_device *port = qemu_port_of(o->others->domain, device);
    struct io_bridge *bridge;

    if (bus > 0 && o->others->tree->at[bus].own)
        count_port(o, above_bridges(o, o->others->tree->at[bus].own));
    if (!port || device->function > 0)
        return;
    bridge = bridge_of(o, port);
    bridge->bars++;
    bridge->padding -= bridge->padding && !port->hotplug_off;
    o->qemu_padding -= o->qemu_padding && !port->hotplug_off;
}

static void count_qemu_devices(struct counter *o)
{
    const struct domain *domain = o->others->domain;

    qemu_device_places_find(domain, o->others->tree, &o->places);
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];

        if (!qemu_device_is_port(d) || d->hotplug_off)
            continue;
        bridge_of(o, d)->padding++;
        o->qemu_padding++;
    }
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct host_function *function =
            qemu_device_function(o->in->facts, &domain->qemu_devices.items[i]);

        if (function && function_has_io(function))
            count_qemu_io(o, &domain->qemu_devices.items[i]);
    }
}

static void count_others(struct counter *o)
{
    size_t ports = count_hotplug_ports(o) + o->others->gaps;

    for (size_t i = 0; i < o->others->domain->controllers.count; i++) {
        const struct domain_controller *c = &o->others->domain->controllers.items[i];

        o->beside->padding += can_hot_plug(o, c) && is_below_expander(o, c);
    }
    ports = ports > o->others->expected ? ports : o->others->expected;
    o->root->padding += ports > o->beside->padding ? ports - o->beside->padding : 0;
    for (size_t i = 0; i < o->others->domain->devices.count; i++) {
        const struct domain_controller *port = port_above(o, &o->others->domain->devices.items[i]);

        if (has_io_below_port(o, i) && !keeps_window(port))
            count_port(o, above_bridges(o, port));
    }
    count_bridges(o);
    count_qemu_devices(o);
}

/* --- our part --- */

/*
 * Marks the ports that need a window: a device behind a PCIe-to-PCI bridge needs that of the port
 * above the bridge, and one window serves all that are there.  QEMU's PCIe-to-PCI bridge can
 * hot-plug (SHPC), and firmware keeps a window for every such one (SeaBIOS
 * pci_bios_check_devices(), edk2 IsPciHotPlugBus(); OVMF gave no memory to cards beside two bridges
 * too many).
 */
static void find_windows(const struct layout_input *in, const struct layout *layout, bool *needs)
{
    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];

        if (c->model == CTRL_PCIE_TO_PCI)
            needs[c->parent] = true;
    }
    for (size_t i = 0; i < in->assigned->count; i++) {
        size_t port;

        if (in->fates->items[i].fate != FATE_MOVED ||
            !assignment_has_io(in->facts, &in->assigned->items[i]))
            continue;
        port = layout->ports[in->cards->functions[i].card].port;
        if (port != PLAN_NONE && layout->controllers.items[port].model != CTRL_PCIE_TO_PCI)
            needs[port] = true;
    }
}

/* @bridge_of: room for one of each of layout.controllers. */
static void count_ours(const struct layout *layout, const bool *needs, struct io_view *view,
                       size_t *bridge_of)
{
    view->count = 1;
    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];
        struct io_bridge *bridge;

        if (c->parent != PLAN_NONE)
            bridge_of[i] = bridge_of[c->parent];
        else
            bridge_of[i] = model_is_expander(c->model) ? view->count++ : 0;
        bridge = &view->bridges[bridge_of[i]];
        if (needs[i])
            bridge->bars++;
        else if (controller_is_port(c->model))
            bridge->padding += !c->hotplug_off;
    }
}

/* @padding: so many need a window only because they are hot-pluggable. */
static void find_own_ports(const struct counter *o, size_t padding, struct io_ports *ret)
{
    const struct domain *domain = o->others->domain;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        ret->at[c->index] = can_hot_plug(o, c) && !o->seen[c->index];
    }
    ret->qemu = o->qemu_padding < padding ? o->qemu_padding : padding;
    ret->count = padding - ret->qemu;
}

/* What is off, and the ports of others, which are counted into @view. */
static void add_others(const struct layout_input *in, const struct layout *layout,
                       const struct io_others *others_there, struct io_view *view)
{
    struct io_bridge others = {0};
    struct counter o = {
        .in = in, .others = others_there, .root = &view->bridges[0], .beside = &others};
    size_t padding;

    for (size_t i = 0; i < layout->ports_off.count; i++)
        o.off[layout->ports_off.items[i]] = true;
    for (size_t i = 0; i < layout->vacated_off.count; i++)
        o.off[layout->vacated_off.items[i]] = true;
    for (size_t i = 0; i < layout->removed.count; i++)
        o.off[layout->removed.items[i]] = true;
    view->bars = view->ours - o.root->bars;
    padding = o.root->padding;
    count_others(&o);
    find_own_ports(&o, o.root->padding + others.padding - padding, &view->own);
    view->bars += o.root->bars + others.bars;
    view->others = others.bars || others.padding;
    /* Where they come among ours is not known here: as padding they let only pass what fits at
     * once.
     */
    if (view->others)
        view->bridges[view->count++] = (struct io_bridge){0, others.bars + others.padding};
}

int io_view_make(const struct layout_input *in, const struct layout *layout,
                 const struct io_others *others, struct io_view *ret_view,
                 struct vtopo_error **reterr)
{
    size_t n = layout->controllers.count + 2;
    autofree size_t *bridge_of = calloc(n, sizeof(*bridge_of));
    autofree bool *needs = calloc(n, sizeof(*needs));

    *ret_view = (struct io_view){.bridges = calloc(n, sizeof(*ret_view->bridges))};
    if (!bridge_of || !needs || !ret_view->bridges) {
        free(ret_view->bridges);
        return error_nomem(reterr);
    }
    find_windows(in, layout, needs);
    count_ours(layout, needs, ret_view, bridge_of);
    for (size_t i = 0; i < ret_view->count; i++)
        ret_view->ours += ret_view->bridges[i].bars;
    add_others(in, layout, others, ret_view);
    return 0;
}
