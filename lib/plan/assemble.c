/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.c - see assemble.h */
#include "plan/assemble.h"

bool plan_list_devices(const struct facts *facts, const struct assignments *assigned,
                       const struct fates *fates, struct vtopo_plan *plan)
{
    for (size_t i = 0; i < assigned->count; i++) {
        const struct assignment *a = &assigned->items[i];
        struct plan_device *device = vec_add(&plan->devices);

        if (!device)
            return false;
        *device = (struct plan_device){
            .device = a->device,
            .kind = a->kind,
            .function = a->function,
            .policy = a->policy,
            .single = a->single,
            .atomics = a->atomics,
            .card = PLAN_NONE,
            .host = a->host,
            .clique = -1,
            .before = facts->input->devices.items[a->device].address,
            .after = facts->base->devices.items[a->device].address,
        };
    }
    plan_set_fates(fates, plan);
    return true;
}

void plan_set_fates(const struct fates *fates, struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        plan->devices.items[i].fate = fates->items[i].fate;
        plan->devices.items[i].reason = fates->items[i].reason;
    }
}

static struct address place_of(const struct plan_card *card, const struct card_function *function,
                               const struct layout *layout)
{
    return (struct address){
        .kind = ADDRESS_PCI,
        .at = {0, (uint8_t)layout->controllers.items[card->port].index, (uint8_t)card->slot,
               (uint8_t)function->guest_function},
        .multifunction = function->multifunction ? 1 : -1,
    };
}

void plan_set_places(const struct device_cell *cells, struct card_list *cards,
                     const struct layout *layout, struct vtopo_plan *plan)
{
    for (size_t i = 0; i < cards->cards.count; i++) {
        cards->cards.items[i].port = layout->ports[i].port;
        cards->cards.items[i].slot = layout->ports[i].slot;
    }
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];
        const struct card_function *function = &cards->functions[i];

        device->node = cells[i].node;
        device->cell = cells[i].cell;
        device->nearest = cells[i].nearest;
        device->card = function->card;
        device->guest_function = function->guest_function;
        device->multifunction = function->multifunction;
        if (device->fate == FATE_MOVED)
            device->after = place_of(&cards->cards.items[function->card], function, layout);
    }
    plan->cards = cards->cards;
    cards->cards = (struct plan_cards){0};
}

static bool move_findings(struct findings *from, struct findings *to)
{
    for (size_t i = 0; i < from->count; i++) {
        struct finding *finding = vec_add(to);

        if (!finding)
            return false;
        *finding = from->items[i];
        from->items[i].subject = from->items[i].text = NULL;
    }
    findings_clear(from);
    return true;
}

bool plan_set_layout(struct layout *layout, struct vtopo_plan *plan)
{
    plan->controllers = layout->controllers;
    plan->announced = layout->announced;
    plan->bus_fixes = layout->bus_fixes;
    plan->ports_off = layout->ports_off;
    plan->removed = layout->removed;
    plan->budgets = layout->budgets;
    plan->space = layout->space;
    layout->controllers = (struct plan_controllers){0};
    layout->announced = (struct plan_indexes){0};
    layout->bus_fixes = (struct plan_bus_fixes){0};
    layout->ports_off = (struct plan_indexes){0};
    layout->removed = (struct plan_indexes){0};
    layout->budgets = (struct plan_budgets){0};
    return move_findings(&layout->findings, &plan->findings);
}
