/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_bars.c - see guest_bars.h */
#include "plan/budget/guest_bars.h"

#include "model/coherent_gpu.h"
#include "model/high_memory.h"
#include "model/qemu_device.h"
#include "plan/ground/occupancy.h"

#include <string.h>

#define VIRTIO_BAR (UINT64_C(16) << 10)

/*
 * A controller or a device, and the bus that it is on.  A bus is called by the index of its
 * controller, that of a controller of the layout by BUS_OF_LAYOUT and its place there, and that of
 * a port which nobody knows by a number above all those.
 */
#define BUS_OF_LAYOUT ((size_t)DOMAIN_INDEXES)
#define PCIE_0 ((size_t)0)

struct thing {
    size_t on;
    unsigned slot, function; /* of an expander: bus number and index */
    bool expander;           /* and then it is on nothing */
    bool conventional;       /* one that QEMU puts a bridge into, which all is behind */
    size_t bus;              /* its own; 0: it is a device */
    enum mmio_kind kind;
    bool hotplug;
    size_t own;                       /* as of mmio_node, */
    uint64_t reserve;                 /* and this */
    const struct host_function *host; /* whose BARs it has; NULL: */
    uint64_t size;                    /* it has one of this size */
};

struct things {
    VEC(struct thing) all;
    size_t next_bus; /* of a port that nobody knows, */
    size_t ports;    /* and how many of them there are */
    bool off[DOMAIN_INDEXES], removed[DOMAIN_INDEXES];
};

static bool put(struct things *things, const struct thing *thing)
{
    struct thing *added = vec_add(&things->all);

    if (!added)
        return false;
    *added = *thing;
    return true;
}

/* A device in a port of its own; more than there are buses have none. */
static bool put_somewhere(struct things *things, const struct thing *device)
{
    struct thing port = {
        .on = PCIE_0, .slot = SLOTS, .bus = things->next_bus++, .kind = MMIO_PORT, .hotplug = true};
    struct thing below = *device;

    if (things->ports++ >= BUSES)
        return true;
    below.on = port.bus;
    return put(things, &port) && put(things, &below);
}

/* --- controllers --- */

static struct thing thing_of_model(enum controller_model model, bool hotplug)
{
    struct thing thing = {.kind = MMIO_BRIDGE};

    thing.expander = model_is_expander(model);
    thing.conventional = model == CTRL_PCI_EXPANDER;
    if (controller_is_port(model)) {
        thing.kind = MMIO_PORT;
        thing.hotplug = hotplug;
    } else if (model_is_bridge(model)) { /* QEMU's can hot-plug (SHPC) */
        thing.kind = MMIO_PORT;
        thing.hotplug = true;
    }
    return thing;
}

static int bus_nr_of(const struct layout *layout, const struct domain_controller *c)
{
    for (size_t i = 0; i < layout->bus_fixes.count; i++) {
        if (layout->bus_fixes.items[i].index == c->index)
            return (int)layout->bus_fixes.items[i].bus_nr;
    }
    return c->bus_nr;
}

static bool put_own_controllers(const struct layout_input *in, const struct layout *layout,
                                struct things *things)
{
    const struct domain *domain = in->facts->base;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];
        struct thing thing = thing_of_model(c->model, c->hotplug != 0 && !things->off[c->index]);

        if (!c->index || things->removed[c->index] || c->model == CTRL_OTHER)
            continue;
        thing.bus = c->index;
        if (thing.expander) {
            int bus_nr = bus_nr_of(layout, c);

            thing.slot = bus_nr < 0 ? BUSES : (unsigned)bus_nr;
            thing.function = c->index;
        } else if (c->address.kind == ADDRESS_PCI) {
            thing.on = c->address.at.bus;
            thing.slot = c->address.at.slot;
            thing.function = c->address.at.function;
        } else {
            thing.slot = SLOTS; /* on pcie.0 for all that is known */
        }
        if (!put(things, &thing))
            return false;
    }
    return true;
}

static bool put_layout(const struct layout *layout, struct things *things)
{
    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];
        struct thing thing = thing_of_model(c->model, !c->hotplug_off);

        thing.on = c->parent == PLAN_NONE ? PCIE_0 : BUS_OF_LAYOUT + c->parent;
        thing.slot = thing.expander ? c->bus_nr : c->slot;
        thing.function = thing.expander ? (unsigned)i : c->function;
        thing.bus = BUS_OF_LAYOUT + i;
        thing.own = i + 1;
        thing.reserve = c->pref_reserve;
        if (!put(things, &thing))
            return false;
    }
    return true;
}

/* --- devices --- */

static bool put_device(struct things *things, const struct address *address,
                       const struct thing *device)
{
    struct thing placed = *device;

    if (address->kind != ADDRESS_PCI)
        return put_somewhere(things, device);
    placed.on = address->at.bus;
    placed.slot = address->at.slot;
    placed.function = address->at.function;
    return put(things, &placed);
}

static bool put_assigned(const struct layout_input *in, const struct layout *layout,
                         struct things *things)
{
    for (size_t i = 0; i < in->assigned->count; i++) {
        const struct assignment *a = &in->assigned->items[i];
        enum device_fate fate = in->fates->items[i].fate;
        struct thing thing = {.kind = MMIO_BAR, .size = VIRTIO_BAR};
        const struct card_port *port = NULL;
        bool done;

        if (fate == FATE_UNASSIGNED)
            continue;
        if (a->function != HOST_NONE && assignment_has_host_bars(a))
            thing.host = assignment_function(in->facts, a);
        /* There are no cards where nothing moves. */
        if (fate == FATE_MOVED)
            port = &layout->ports[in->cards->functions[i].card];
        if (port && port->port == PLAN_NONE) {
            done = put_somewhere(things, &thing);
        } else if (port) {
            thing.on = BUS_OF_LAYOUT + port->port;
            thing.slot = port->slot;
            thing.function = in->cards->functions[i].guest_function;
            done = put(things, &thing);
        } else {
            done = put_device(things, &in->facts->base->devices.items[a->device].address, &thing);
        }
        if (!done)
            return false;
    }
    return true;
}

static bool put_others(const struct layout_input *in, struct things *things)
{
    const struct domain *domain = in->facts->base;
    size_t next = 0;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];
        struct thing thing = {.kind = MMIO_BAR, .size = VIRTIO_BAR};

        if (next < in->assigned->count && in->assigned->items[next].device == i) {
            next++;
            continue;
        }
        if (!d->virtio || d->address.kind == ADDRESS_OTHER || d->address.kind == ADDRESS_UNASSIGNED)
            continue;
        if (!put_device(things, &d->address, &thing))
            return false;
    }
    return true;
}

static bool put_qemu_devices(const struct layout_input *in, struct things *things)
{
    const struct domain *domain = in->facts->base;

    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];
        struct thing thing = {.kind = MMIO_BAR, .host = qemu_device_function(in->facts, d)};
        int bus = qemu_device_bus(domain, d);
        bool done;

        if (!thing.host)
            continue;
        if (bus < 0 || (bus && !in->facts->tree->at[bus].own)) {
            done = put_somewhere(things, &thing);
        } else {
            thing.on = (size_t)bus;
            thing.slot = d->slot < 0 ? SLOTS : (unsigned)d->slot;
            thing.function = d->function < 0 ? 0 : (unsigned)d->function;
            done = put(things, &thing);
        }
        if (!done)
            return false;
    }
    return true;
}

/* --- the tree --- */

static int compare_things(const void *left, const void *right)
{
    const struct thing *a = left, *b = right;

    if (a->expander != b->expander)
        return a->expander - b->expander;
    if (a->on != b->on)
        return (a->on > b->on) - (a->on < b->on);
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    return (a->bus > b->bus) - (a->bus < b->bus);
}

static bool add_bar(struct mmio_tree *tree, size_t above, uint64_t size, bool plain)
{
    const struct mmio_node node = {.kind = MMIO_BAR, .above = above, .size = size, .plain = plain};

    return !size || mmio_tree_add(tree, &node) != SIZE_MAX;
}

static bool add_device(struct mmio_tree *tree, const struct thing *thing, size_t above)
{
    bool on_bridge = tree->nodes.items[above].kind == MMIO_HOST_BRIDGE, done = true;
    struct coherent_gpu_bars more;

    if (!thing->host)
        return add_bar(tree, above, thing->size, false);
    more = coherent_gpu_bars(thing->host);
    for (unsigned i = 0; done && i < HOST_BARS; i++) {
        const struct host_bar *bar = &thing->host->bars[i];

        if (!bar->io && bar->wide && (bar->prefetch || on_bridge))
            done = add_bar(tree, above, bar->size, !bar->prefetch);
    }
    return done && add_bar(tree, above, more.memory, false) &&
           add_bar(tree, above, more.reserved, false);
}

/* Two at one address, as nobody's guest has them: one counts. */
static bool is_beside(const struct thing *thing, const struct thing *before)
{
    return before->on == thing->on && before->slot == thing->slot && thing->slot < SLOTS &&
           before->function == thing->function && !before->bus && !thing->bus && !before->expander;
}

/* All that is on the bus.  A bus is below one other, so each is met once; a loop of controllers is
 * below none. */
static bool add_bus(const struct things *things, size_t bus, size_t above, struct mmio_tree *tree)
{
    for (size_t i = 0; i < things->all.count; i++) {
        const struct thing *thing = &things->all.items[i];
        size_t node;

        if (thing->expander || thing->on != bus || (i && is_beside(thing, thing - 1)))
            continue;
        if (thing->kind == MMIO_BAR) {
            if (!add_device(tree, thing, above))
                return false;
            continue;
        }
        node = mmio_tree_add(tree, &(struct mmio_node){.kind = thing->kind,
                                                       .above = above,
                                                       .hotplug = thing->hotplug,
                                                       .own = thing->own,
                                                       .reserve = thing->reserve});
        if (node == SIZE_MAX || !add_bus(things, thing->bus, node, tree))
            return false;
    }
    return true;
}

/* The bridge in a conventional one has no hot-plug, whatever is below it. */
static bool add_host_bridge(const struct things *things, size_t bus, bool conventional,
                            struct mmio_tree *tree)
{
    size_t node = mmio_tree_add(tree, &(struct mmio_node){.kind = MMIO_HOST_BRIDGE});

    if (node != SIZE_MAX && conventional)
        node = mmio_tree_add(tree, &(struct mmio_node){.kind = MMIO_BRIDGE, .above = node});
    return node != SIZE_MAX && add_bus(things, bus, node, tree);
}

static bool grow(const struct things *things, struct mmio_tree *tree)
{
    bool done = add_host_bridge(things, PCIE_0, false, tree);

    for (size_t i = 0; done && i < things->all.count; i++) {
        const struct thing *thing = &things->all.items[i];

        if (thing->expander)
            done = add_host_bridge(things, thing->bus, thing->conventional, tree);
    }
    return done;
}

static void find_off(const struct layout *layout, struct things *things)
{
    for (size_t i = 0; i < layout->ports_off.count; i++)
        things->off[layout->ports_off.items[i]] = true;
    for (size_t i = 0; i < layout->vacated_off.count; i++)
        things->off[layout->vacated_off.items[i]] = true;
    for (size_t i = 0; i < layout->removed.count; i++)
        things->removed[layout->removed.items[i]] = true;
}

int guest_bars_make(const struct layout_input *in, const struct layout *layout,
                    struct mmio_tree *ret_tree, struct vtopo_error **reterr)
{
    struct things things = {.next_bus = BUS_OF_LAYOUT + layout->controllers.count};
    bool done;

    find_off(layout, &things);
    done = put_own_controllers(in, layout, &things) && put_layout(layout, &things) &&
           put_assigned(in, layout, &things) && put_others(in, &things) &&
           put_qemu_devices(in, &things);
    if (done && things.all.count)
        qsort(things.all.items, things.all.count, sizeof(*things.all.items), compare_things);
    done = done && grow(&things, ret_tree);
    free(things.all.items);
    return done ? 0 : error_nomem(reterr);
}

uint64_t guest_bars_sum(const struct layout_input *in)
{
    const struct domain *domain = in->facts->base;
    uint64_t sum = 0;

    for (size_t i = 0; i < in->assigned->count; i++) {
        const struct assignment *a = &in->assigned->items[i];
        uint64_t size = in->fates->items[i].fate != FATE_UNASSIGNED && a->function != HOST_NONE &&
                                assignment_has_host_bars(a)
                            ? host_high_memory(assignment_function(in->facts, a))
                            : 0;

        sum = size > UINT64_MAX - sum ? UINT64_MAX : sum + size;
    }
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct host_function *host =
            qemu_device_function(in->facts, &domain->qemu_devices.items[i]);
        uint64_t size = host ? host_high_memory(host) : 0;

        sum = size > UINT64_MAX - sum ? UINT64_MAX : sum + size;
    }
    return sum;
}
