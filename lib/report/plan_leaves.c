/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_leaves.c - see plan_leaves.h
 *
 * Takes:  a plan.
 * Gives:  its cards with what is above each, in the order of the host and in that of the guest.
 * Rule:   both orders keep together what is in one frame: node, root complex, switch. The host's
 *         nodes, and the guest's root complexes, come as their first card comes on the host; within
 *         a root complex the guest's own order counts.
 * Not here: what is drawn of them (plan_scene.c).
 */
#include "report/plan_leaves.h"

#include "plan/ground/planned_tree.h"

#include <string.h>

static int compare_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Where one ends, what it ends in is compared with what the other goes on to. */
static int compare_paths(const struct path *a, size_t a_end, const struct path *b, size_t b_end)
{
    size_t i = path_common(a, b);

    return compare_numbers(i < a->count ? a->items[i] : a_end, i < b->count ? b->items[i] : b_end);
}

const struct plan_device *plan_leaf_device(const struct vtopo_plan *plan,
                                           const struct plan_leaf *leaf)
{
    return leaf->devices.count ? &plan->devices.items[leaf->devices.items[0]] : NULL;
}

/* --- places --- */

static bool place_on_host(const struct vtopo_plan *plan, struct plan_leaf *leaf)
{
    const struct plan_device *device = plan_leaf_device(plan, leaf);
    const struct host_function *functions = plan->extract.host.functions.items;

    leaf->node = plan->outcome == PLAN_LAYOUT
                     ? device->node
                     : host_node_of(&plan->extract.host, &functions[device->function]);
    leaf->root = functions[device->function].root;
    for (size_t at = functions[device->function].parent; at != HOST_NONE;
         at = functions[at].parent) {
        if (functions[at].port != PORT_UPSTREAM && functions[at].port != PORT_BRIDGE)
            continue;
        if (!path_add(&leaf->host_switches, at))
            return false;
    }
    path_reverse(&leaf->host_switches);
    return true;
}

static bool is_frame(const struct guest_controller *controller)
{
    return controller->model == CTRL_UPSTREAM || model_is_bridge(controller->model);
}

static int cell_of_root(const struct plan_leaves *leaves, unsigned root)
{
    const struct guest_controller *controller = &leaves->tree.at[root];

    if (!root || !controller->there)
        return -1;
    return controller->own ? controller->own->node
                           : leaves->plan->controllers.items[controller->planned].cell;
}

static bool place_in_guest(const struct plan_leaves *leaves, unsigned bus, struct plan_leaf *leaf)
{
    const struct guest_controller *at = leaves->tree.at;
    size_t steps = 0;

    leaf->in_guest = true;
    leaf->port = bus && !model_is_root_bus(at[bus].model) ? bus : 0;
    while (bus && at[bus].there && !model_is_root_bus(at[bus].model) && steps++ < DOMAIN_INDEXES) {
        if (is_frame(&at[bus]) && !path_add(&leaf->guest_switches, bus))
            return false;
        bus = at[bus].placed ? at[bus].bus : 0;
    }
    path_reverse(&leaf->guest_switches);
    leaf->root_index = bus;
    leaf->cell = cell_of_root(leaves, bus);
    return true;
}

static bool place_leaf(const struct plan_leaves *leaves, struct plan_leaf *leaf)
{
    const struct plan_device *device = plan_leaf_device(leaves->plan, leaf);

    if (!place_on_host(leaves->plan, leaf))
        return false;
    leaf->root_index = LEAF_UNPLACED;
    leaf->cell = -1;
    leaf->in_guest = device->fate != FATE_UNASSIGNED;
    return !leaf->in_guest || device->after.kind != ADDRESS_PCI ||
           place_in_guest(leaves, device->after.at.bus, leaf);
}

/* --- which there are --- */

static struct plan_leaf *add_leaf(struct plan_leaves *leaves, size_t card)
{
    const struct plan_card *c = card == PLAN_NONE ? NULL : &leaves->plan->cards.items[card];
    struct plan_leaf *leaf = vec_add(leaves);

    if (leaf)
        *leaf = (struct plan_leaf){
            .card = card, .node = -1, .cell = -1, .apart = c && (c->own_port || c->attach_pci)};
    return leaf;
}

static bool is_alike(const struct plan_device *a, const struct plan_device *b)
{
    return a->fate == b->fate && bdf_same_slot(&a->host, &b->host) &&
           a->after.kind == b->after.kind &&
           (a->after.kind != ADDRESS_PCI || bdf_same_slot(&a->after.at, &b->after.at));
}

/* Devices that stay share a leaf if they share their slots; the last one is asked only: they come
 * in the order of the domain, and functions of a card as a rule one after the other. */
static struct plan_leaf *find_leaf(struct plan_leaves *leaves, size_t at)
{
    const struct plan_device *device = &leaves->plan->devices.items[at];
    struct plan_leaf *last = leaves->count ? &leaves->items[leaves->count - 1] : NULL;

    if (device->fate == FATE_MOVED) {
        for (size_t i = 0; i < leaves->count; i++) {
            if (leaves->items[i].card == device->card)
                return &leaves->items[i];
        }
        return add_leaf(leaves, device->card);
    }
    if (last && last->card == PLAN_NONE && is_alike(plan_leaf_device(leaves->plan, last), device))
        return last;
    return add_leaf(leaves, PLAN_NONE);
}

static bool is_drawn(const struct vtopo_plan *plan, const struct plan_device *device)
{
    return device->function != HOST_NONE &&
           device_is_assigned(&plan->extract.domain.devices.items[device->device]);
}

static bool add_device(struct plan_leaves *leaves, size_t at)
{
    const struct plan_device *device = &leaves->plan->devices.items[at];
    struct plan_leaf *leaf = find_leaf(leaves, at);

    if (!leaf || !path_add(&leaf->devices, at))
        return false;
    leaf->host_functions |= 1U << device->host.function;
    leaf->guest_functions |= 1U << (device->fate == FATE_MOVED ? device->guest_function
                                                               : device->after.at.function & 7U);
    return leaf->devices.count > 1 || place_leaf(leaves, leaf);
}

static bool add_devices(struct plan_leaves *leaves)
{
    const struct vtopo_plan *plan = leaves->plan;

    for (size_t i = 0; i < plan->devices.count; i++) {
        if (is_drawn(plan, &plan->devices.items[i]) && !add_device(leaves, i))
            return false;
    }
    return true;
}

static bool add_spare_ports(struct plan_leaves *leaves)
{
    const struct vtopo_plan *plan = leaves->plan;

    for (size_t i = 0; i < plan->controllers.count; i++) {
        struct plan_leaf *leaf;

        if (!plan->controllers.items[i].spare)
            continue;
        leaf = add_leaf(leaves, PLAN_NONE);
        if (!leaf || !place_in_guest(leaves, plan->controllers.items[i].index, leaf))
            return false;
    }
    return true;
}

/* --- orders --- */

static const struct bdf *host_of(const struct vtopo_plan *plan, const struct plan_leaf *leaf)
{
    return &plan->devices.items[leaf->devices.items[0]].host;
}

static int compare_addresses(const void *one, const void *other, void *context)
{
    const struct plan_leaf *a = one, *b = other;
    int order = (b->devices.count > 0) - (a->devices.count > 0);

    if (order || !a->devices.count)
        return order ? order : compare_numbers(a->port, b->port);
    order = bdf_compare(host_of(context, a), host_of(context, b));
    order = order ? order : compare_numbers(a->card, b->card);
    return order ? order : compare_numbers(a->devices.items[0], b->devices.items[0]);
}

/* host_order is the first card of the same node. */
static int compare_on_host(const void *one, const void *other, void *context)
{
    const struct vtopo_plan *plan = context;
    const struct plan_leaf *a = one, *b = other;
    int order = compare_numbers(a->host_order, b->host_order);

    if (!order && a->devices.count && b->devices.count) {
        order = bdf_compare(&a->root, &b->root);
        order = order ? order
                      : compare_paths(&a->host_switches, plan_leaf_device(plan, a)->function,
                                      &b->host_switches, plan_leaf_device(plan, b)->function);
    }
    return order ? order : compare_addresses(a, b, context);
}

static void sort_leaves(struct plan_leaves *leaves,
                        int (*compare)(const void *, const void *, void *))
{
    if (leaves->count)
        qsort_r(leaves->items, leaves->count, sizeof(*leaves->items), compare,
                (void *)leaves->plan);
}

static void order_on_host(struct plan_leaves *leaves)
{
    sort_leaves(leaves, compare_addresses);
    for (size_t i = 0; i < leaves->count; i++) {
        size_t first = i;

        for (size_t k = i; k-- > 0;) {
            if (leaves->items[k].node == leaves->items[i].node)
                first = k;
        }
        leaves->items[i].host_order = leaves->items[i].devices.count ? first : SIZE_MAX;
    }
    sort_leaves(leaves, compare_on_host);
    for (size_t i = 0; i < leaves->count; i++)
        leaves->items[i].host_order = leaves->items[i].devices.count ? i : SIZE_MAX;
}

/* The first card of the host that is in the same cell, and in the same root complex of it. */
static void find_ranks(const struct plan_leaves *leaves, struct plan_leaf *leaf)
{
    leaf->cell_rank = leaf->root_rank = SIZE_MAX;
    for (size_t i = 0; i < leaves->count; i++) {
        const struct plan_leaf *other = &leaves->items[i];
        bool one_root = other->root_index == leaf->root_index;

        if (!other->in_guest || other->cell != leaf->cell || (leaf->cell < 0 && !one_root))
            continue; /* without a cell each root complex is a frame of its own */
        if (other->host_order < leaf->cell_rank)
            leaf->cell_rank = other->host_order;
        if (one_root && other->host_order < leaf->root_rank)
            leaf->root_rank = other->host_order;
    }
}

/* What libvirt has still to place comes as on the host. */
static size_t guest_number(const struct vtopo_plan *plan, const struct plan_leaf *leaf)
{
    const struct plan_device *device = plan_leaf_device(plan, leaf);
    const struct bdf *at = &device->after.at;

    if (!device)
        return leaf->port;
    if (device->after.kind != ADDRESS_PCI)
        return leaf->host_order;
    return (size_t)at->bus << 16 | (size_t)at->slot << 8 | at->function;
}

static int compare_in_guest(const void *one, const void *other, void *context)
{
    const struct plan_leaves *leaves = context;
    const struct plan_leaf *a = &leaves->items[*(const size_t *)one];
    const struct plan_leaf *b = &leaves->items[*(const size_t *)other];
    int order = compare_numbers(a->cell_rank, b->cell_rank);

    order = order ? order : compare_numbers(a->root_rank, b->root_rank);
    order = order ? order : compare_numbers(a->root_index, b->root_index);
    order = order ? order : compare_paths(&a->guest_switches, a->port, &b->guest_switches, b->port);
    order = order ? order
                  : compare_numbers(guest_number(leaves->plan, a), guest_number(leaves->plan, b));
    return order ? order : compare_numbers((size_t)a, (size_t)b);
}

static bool order_in_guest(struct plan_leaves *leaves)
{
    leaves->in_guest = calloc(leaves->count + 1, sizeof(*leaves->in_guest));
    if (!leaves->in_guest)
        return false;
    for (size_t i = 0; i < leaves->count; i++) {
        if (!leaves->items[i].in_guest)
            continue;
        find_ranks(leaves, &leaves->items[i]);
        leaves->in_guest[leaves->guest_count++] = i;
    }
    if (leaves->guest_count)
        qsort_r(leaves->in_guest, leaves->guest_count, sizeof(*leaves->in_guest), compare_in_guest,
                leaves);
    return true;
}

bool plan_leaves_make(const struct vtopo_plan *plan, struct plan_leaves *ret)
{
    *ret = (struct plan_leaves){.plan = plan};
    planned_tree_make(plan, &plan->extract.domain, &ret->tree);
    if (!add_devices(ret) || !add_spare_ports(ret))
        return false;
    order_on_host(ret);
    return order_in_guest(ret);
}

void plan_leaves_clear(struct plan_leaves *leaves)
{
    for (size_t i = 0; i < leaves->count; i++) {
        free(leaves->items[i].devices.items);
        free(leaves->items[i].host_switches.items);
        free(leaves->items[i].guest_switches.items);
    }
    free(leaves->items);
    free(leaves->in_guest);
}
