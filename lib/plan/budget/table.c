/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.c - what the layout needs against what there is
 *
 * Takes:  the layout, with its numbers or, where they did not suffice, without; what the domain
 *         uses.
 * Gives:  layout.budgets: slots on pcie.0, bus numbers, indexes, chassis, I/O and memory space.
 * Rule:   each line counts everything that needs a share of it: the domain, vtopo, and what libvirt
 *         will add.
 * Not here: I/O and memory space (address_space.c); giving out numbers, and whether they suffice
 *         (number.c).
 */
#include "model/machine.h"
#include "model/qemu_device.h"
#include "plan/budget/budget.h"
#include "plan/ground/libvirt_adds.h"

#define LIBVIRT_ADDS "with all that libvirt may add"

static size_t how_many(const bool *used, size_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += used[i];
    return n;
}

/* The indexes of the layout's controllers, as index.c gives them; returns how many get none. */
static size_t use_indexes(const struct layout *layout, struct occupancy *use)
{
    unsigned next =
        layout->controllers.count ? libvirt_first_free_index(use, layout->controllers.count) : 1;
    size_t without = 0;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        unsigned index = layout->controllers.items[i].index;

        while (!index && next < INDEXES && use->index[next])
            next++;
        index = index ? index : next;
        if (index >= INDEXES) {
            without++;
            continue;
        }
        use->index[index] = use->there[index] = true;
        use->highest = index > use->highest ? index : use->highest;
    }
    return without;
}

/* Slots of pcie.0; controllers that have none yet share them, eight a slot. */
static size_t count_slots(const struct layout *layout, struct occupancy *use)
{
    size_t without = 0;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];

        if (c->parent == PLAN_NONE && c->slot)
            use->slot[c->slot] = true;
        without += c->parent == PLAN_NONE && !c->slot;
    }
    return how_many(use->slot, SLOTS) + (without + FUNCTIONS - 1) / FUNCTIONS +
           libvirt_adds_slots(use) + use->slots_of_qemu;
}

static size_t count_chassis(const struct layout *layout, struct occupancy *use)
{
    size_t without = 0;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];

        if (c->chassis)
            use->chassis[c->chassis] = true;
        without += controller_is_port(c->model) && !c->chassis;
    }
    return how_many(use->chassis, INDEXES) + without;
}

/* Every controller takes a bus number: the domain's, the plan's, and those that libvirt will add.
 */
static size_t count_buses(const struct domain *domain, const struct layout *layout,
                          const struct occupancy *use)
{
    size_t n = layout->controllers.count + libvirt_adds_ports(use) + !use->at[0];

    for (size_t i = 0; i < domain->qemu_devices.count; i++)
        n += qemu_device_is_bridge(&domain->qemu_devices.items[i]) ||
             qemu_device_is_expander(&domain->qemu_devices.items[i]);

    for (unsigned i = 0; i < INDEXES; i++) {
        if (use->at[i])
            n += 1 + (use->at[i]->model == CTRL_PCI_EXPANDER);
    }
    for (size_t i = 0; i < layout->controllers.count; i++)
        n += layout->controllers.items[i].model == CTRL_PCI_EXPANDER; /* the bridge in it */
    return n;
}

static struct occupancy occupancy_of_layout(const struct layout_input *in, bool fewest,
                                            const struct layout *layout)
{
    struct occupancy use = occupancy_of(in->facts->base, in->fates, fewest);

    occupancy_remove(&use, layout->removed.items, layout->removed.count);
    return use;
}

int budgets_count(const struct layout_input *in, bool fewest, struct layout *layout,
                  struct vtopo_error **reterr)
{
    struct occupancy use = occupancy_of_layout(in, fewest, layout);
    size_t without = use_indexes(layout, &use),
           to_come = use.complete ? 0 : libvirt_adds_ports(&use);
    const char *note = use.complete ? NULL : LIBVIRT_ADDS;
    const struct plan_budget counts[] = {
        {domain_machine(in->facts->base)->root_slots, count_slots(layout, &use), SLOTS, false,
         false, note},
        {"bus numbers", count_buses(in->facts->base, layout, &use), BUSES, false, false, note},
        {"controller indexes", how_many(use.index, INDEXES) + without + to_come, INDEXES, false,
         false, note},
        {"chassis numbers", count_chassis(layout, &use) + to_come, INDEXES - 1, false, false, note},
    };

    layout->budgets.count = 0;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        struct plan_budget *budget = vec_add(&layout->budgets);

        if (!budget)
            return error_nomem(reterr);
        *budget = counts[i];
    }
    return budgets_count_space(in, layout, reterr);
}
