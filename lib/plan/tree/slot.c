/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slot.c - slots, functions, chassis and port numbers
 *
 * Takes:  layout.controllers with their parents and indexes.
 * Gives:  where each is on its bus, and the chassis and port of each port.
 * Rule:   a slot each as long as there are enough, on pcie.0 from the top; eight functions a slot
 *         when there are not. Root ports that only fill an index are behind all others, and always
 *         eight a slot.
 */
#include "plan/tree/number.h"

#include "plan/ground/libvirt_adds.h"

/* Slot and function of the n-th of @count ports of a bus: a slot each, or, when there are too many,
 * eight a slot. */
static void place_port(struct plan_controller *c, size_t n, size_t count)
{
    bool packed = count > SLOTS;

    c->slot = (unsigned)(packed ? n / FUNCTIONS : n);
    c->function = (unsigned)(packed ? n % FUNCTIONS : 0);
    c->multifunction = packed && c->function == 0 && n + 1 < count;
}

/* The ports below each controller, in their order. There are fewer indexes than a bus has places.
 */
static int number_ports(struct layout *layout, struct vtopo_error **reterr)
{
    size_t n = layout->controllers.count;
    autofree size_t *counts = calloc(n + 1, sizeof(*counts));
    autofree size_t *next = calloc(n + 1, sizeof(*next));

    if (!counts || !next)
        return error_nomem(reterr);
    for (size_t i = 0; i < n; i++) {
        if (layout->controllers.items[i].parent != PLAN_NONE)
            counts[layout->controllers.items[i].parent]++;
    }
    for (size_t i = 0; i < n; i++) {
        struct plan_controller *c = &layout->controllers.items[i];

        if (c->parent != PLAN_NONE)
            place_port(c, next[c->parent]++, counts[c->parent]);
    }
    return 0;
}

/* The free slots of pcie.0, highest first. */
static size_t free_slots(const struct occupancy *use, unsigned char slots[SLOTS])
{
    size_t n = 0, reserved = libvirt_adds_slots(use) + use->slots_of_qemu;

    for (unsigned s = SLOTS; s-- > 0;) {
        if (!use->slot[s])
            slots[n++] = (unsigned char)s;
    }
    return n > reserved ? n - reserved : 0;
}

/*
 * More controllers on pcie.0 than this share slots even if there were enough: whether they do must
 * not depend on how many slots libvirt will need, which is known only after the domain was defined.
 */
#define MOST_SLOTS 16

static bool is_on_root(const struct plan_controller *c, bool filler)
{
    return c->parent == PLAN_NONE && c->filler == filler;
}

/* The n-th of @count, in the lowest of the slots, which descend, that are needed for all. */
static void place_on_root(struct plan_controller *c, const unsigned char *slots, size_t n,
                          size_t count, bool packed)
{
    size_t needed = packed ? (count + FUNCTIONS - 1) / FUNCTIONS : count;

    c->slot = slots[needed - 1 - (packed ? n / FUNCTIONS : n)];
    c->function = (unsigned)(packed ? n % FUNCTIONS : 0);
    c->multifunction = packed && c->function == 0 && n + 1 < count;
}

/* Has another port, one with a bus of its own, a slot of pcie.0 above this one? */
static bool has_port_above(const struct domain *base, unsigned slot)
{
    for (size_t i = 0; i < base->controllers.count; i++) {
        const struct domain_controller *c = &base->controllers.items[i];

        if (c->model == CTRL_ROOT_PORT && c->address.kind == ADDRESS_PCI && !c->address.at.bus &&
            c->address.at.slot > slot)
            return true;
    }
    return false;
}

/*
 * The controllers on pcie.0 take the highest free slots, ascending; eight a slot when there are
 * many, or when a root port among them would come before a port of others, whose bus number it
 * would take.
 */
static int number_slots_on_root(const struct facts *facts, const struct occupancy *use,
                                struct layout *layout, struct vtopo_error **reterr)
{
    unsigned char slots[SLOTS];
    size_t available = free_slots(use, slots), count = 0, needed, n = 0;
    bool packed, ports = false;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];

        count += is_on_root(c, false);
        ports = ports || (is_on_root(c, false) && c->model == CTRL_ROOT_PORT);
    }
    packed = count > MOST_SLOTS || count > available ||
             (ports && has_port_above(facts->base, slots[count - 1]));
    needed = packed ? (count + FUNCTIONS - 1) / FUNCTIONS : count;
    if (needed > available)
        return layout_set_limit(facts, layout, reterr, LIMIT_SLOTS, needed, available);
    for (size_t i = 0; i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];

        if (is_on_root(c, false))
            place_on_root(c, slots, n++, count, packed);
    }
    return 0;
}

/*
 * Others' ports with a higher slot would get other bus numbers in the guest, so these have the
 * highest that there are, and few of them.  First, because in the next rewrite those
 * without a mark are no longer the plan's.
 */
static int number_slots_of_fillers(const struct facts *facts, struct occupancy *use,
                                   struct layout *layout, struct vtopo_error **reterr)
{
    unsigned char slots[SLOTS];
    size_t available = free_slots(use, slots), count = 0, n = 0;

    for (size_t i = 0; i < layout->controllers.count; i++)
        count += is_on_root(&layout->controllers.items[i], true);
    if (count > available * FUNCTIONS)
        return layout_set_limit(facts, layout, reterr, LIMIT_SLOTS,
                                (count + FUNCTIONS - 1) / FUNCTIONS, available);
    for (size_t i = 0; i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];

        if (!is_on_root(c, true))
            continue;
        place_on_root(c, slots, n++, count, true);
        use->slot[c->slot] = true;
    }
    return 0;
}

int slots_set(const struct facts *facts, struct occupancy *use, struct layout *layout,
              struct vtopo_error **reterr)
{
    int r = number_slots_of_fillers(facts, use, layout, reterr);

    if (!r)
        r = number_slots_on_root(facts, use, layout, reterr);
    return r ? r : number_ports(layout, reterr);
}

/*
 * libvirt's default for chassis is the index, and QEMU refuses two ports with one chassis.  So a
 * port takes its index, which no other port has as default; if another port has that number written
 * down, the highest number that is neither a chassis nor an index.
 */
static unsigned free_chassis(const struct occupancy *use, unsigned index)
{
    unsigned chassis = index;

    if (use->chassis[chassis]) {
        for (chassis = INDEXES - 1; chassis && (use->chassis[chassis] || use->index[chassis]);)
            chassis--;
    }
    return chassis;
}

/* The port is as libvirt's defaults; equal ones do no harm. */
static void set_chassis(struct occupancy *use, struct plan_controller *c, unsigned chassis)
{
    use->chassis[chassis] = true;
    c->chassis = chassis;
    c->port = c->model == CTRL_ROOT_PORT ? c->slot * FUNCTIONS + c->function : c->slot;
}

int chassis_set(const struct facts *facts, struct occupancy *use, struct layout *layout,
                struct vtopo_error **reterr)
{
    for (size_t i = 0; i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];
        unsigned chassis;

        if (!controller_is_port(c->model))
            continue;
        chassis = free_chassis(use, c->index);
        if (!chassis)
            return layout_set_limit(facts, layout, reterr, LIMIT_CHASSIS, layout->controllers.count,
                                    i);
        set_chassis(use, c, chassis);
    }
    return 0;
}

/* What the layout uses already, fillers from @first on excepted, which have only indexes. */
static void use_layout(const struct layout *layout, size_t first, struct occupancy *use)
{
    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];

        use->index[c->index] = use->there[c->index] = true;
        use->highest = c->index > use->highest ? c->index : use->highest;
        if (i >= first)
            continue;
        if (controller_is_port(c->model))
            use->chassis[c->chassis] = true;
        if (c->parent == PLAN_NONE)
            use->slot[c->slot] = true;
    }
}

/* Below the slots of all others, eight a slot: so a later rewrite, for which they are the domain's,
 * puts its controllers where they are. */
int fillers_place(const struct layout_input *in, size_t first, struct layout *layout,
                  struct vtopo_error **reterr)
{
    struct occupancy use = occupancy_of(in->facts->base, in->fates, false);
    size_t count = layout->controllers.count - first, available;
    unsigned char slots[SLOTS];

    if (!count)
        return 0;
    use_layout(layout, first, &use);
    available = free_slots(&use, slots);
    if (count > available * FUNCTIONS)
        return layout_set_limit(in->facts, layout, reterr, LIMIT_SLOTS,
                                (count + FUNCTIONS - 1) / FUNCTIONS, available);
    for (size_t n = 0; n < count; n++) {
        struct plan_controller *c = &layout->controllers.items[first + n];
        unsigned chassis = free_chassis(&use, c->index);

        if (!chassis)
            return layout_set_limit(in->facts, layout, reterr, LIMIT_CHASSIS, count, n);
        place_on_root(c, slots, n, count, true);
        set_chassis(&use, c, chassis);
    }
    return 0;
}
