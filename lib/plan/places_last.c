/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places_last.c - which of the places that devices leave are free afterwards, too
 *
 * Takes:  the finished layout, and what libvirt will make of it.
 * Gives:  what the domain is to remember of each device that moves.
 * Rule:   the place itself, if libvirt puts nothing there: an undo of what it made of the domain
 *         has to come to the same places as one of the domain. Where it puts something there, or
 *         that cannot be known, only that vtopo made the address. That of a port which is
 *         hotplug='off' in any case: libvirt may put something there, too, but who left it is to go
 *         back to such a port, and nothing else says so.
 */
#include "plan/places_last.h"

#include "model/qemu_device.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/libvirt_result.h"

#include <stdlib.h>

#define SLOTS 32

/* How many things are in each slot, but for those that move. */
struct slots {
    uint16_t used[DOMAIN_INDEXES][SLOTS];
};

static void count_address(struct slots *slots, const struct address *address)
{
    if (address->kind == ADDRESS_PCI && address->at.slot < SLOTS)
        slots->used[address->at.bus][address->at.slot]++;
}

static void count_stayers(const struct layout_input *in, const struct domain *domain,
                          struct slots *slots)
{
    for (size_t i = 0; i < domain->controllers.count; i++)
        count_address(slots, &domain->controllers.items[i].address);
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (i >= in->facts->base->devices.count || !in->fates->moves[i])
            count_address(slots, &domain->devices.items[i].address);
    }
}

static bool is_off(const struct facts *facts, const struct address *address)
{
    const struct domain_controller *port =
        address->kind == ADDRESS_PCI ? facts->tree->at[address->at.bus].own : NULL;

    return port && port->model == CTRL_ROOT_PORT && port->hotplug == 0;
}

static enum place_memory memory_of(const struct layout_input *in, const struct address *address,
                                   const struct slots *before, const struct slots *after,
                                   size_t count)
{
    bool lasts = count;

    for (size_t i = 0; address->kind == ADDRESS_PCI && i < count; i++)
        lasts = lasts && before->used[address->at.bus][address->at.slot] ==
                             after[i].used[address->at.bus][address->at.slot];
    return (address->kind == ADDRESS_PCI && lasts) || is_off(in->facts, address) ? MEMORY_PLACE
                                                                                 : MEMORY_MADE;
}

static int compare_with_results(const struct layout_input *in, const struct layout *layout,
                                struct vtopo_plan *plan, struct libvirt_results *results,
                                struct vtopo_error **reterr)
{
    autofree struct slots *slots = calloc(LIBVIRT_VERSIONS + 1, sizeof(*slots));
    int r = slots ? libvirt_results_make(in, layout, results, reterr) : error_nomem(reterr);

    if (r)
        return r;
    count_stayers(in, in->facts->base, slots);
    for (size_t i = 0; i < results->count; i++)
        count_stayers(in, &results->items[i].domain, &slots[i + 1]);
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];

        if (device->fate == FATE_MOVED)
            device->memory = memory_of(in, &in->facts->base->devices.items[device->device].address,
                                       slots, slots + 1, results->unknown ? 0 : results->count);
    }
    libvirt_results_clear(results);
    return 0;
}

static bool any_place(const struct layout_input *in, const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->fate == FATE_MOVED &&
            in->facts->base->devices.items[device->device].address.kind == ADDRESS_PCI)
            return true;
    }
    return false;
}

/* Nor is a place one to go back to that QEMU gives to a device of the command line. */
static void forget_named(const struct layout_input *in, struct vtopo_plan *plan)
{
    const struct domain *base = in->facts->base;

    if (!base->qemu_devices.count && !base->overrides.count)
        return;
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];
        const struct address *address = &base->devices.items[device->device].address;

        if (address->kind == ADDRESS_PCI && qemu_may_use_place(base, &address->at))
            device->memory = is_off(in->facts, address) ? MEMORY_NOTHING : MEMORY_MADE;
    }
}

/* What is taken over is remembered as a whole (domxml/removed.h). */
static void remember_adopted(const struct layout_input *in, struct vtopo_plan *plan)
{
    bool adopted[DOMAIN_INDEXES] = {false};

    for (size_t i = 0; i < plan->adopted.count; i++)
        adopted[plan->adopted.items[i]] = true;
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];
        const struct address *address = &in->facts->origin->devices.items[device->device].address;

        if (address->kind == ADDRESS_PCI && adopted[address->at.bus])
            device->memory = MEMORY_PLACE;
    }
}

int places_find_lasting(const struct layout_input *in, const struct layout *layout,
                        struct vtopo_plan *plan, struct vtopo_error **reterr)
{
    bool all = libvirt_adds_nothing(in->facts->base, in->fates);
    autofree struct libvirt_results *results = NULL;
    int r = 0;

    for (size_t i = 0; i < plan->devices.count; i++)
        plan->devices.items[i].memory = all ? MEMORY_PLACE : MEMORY_MADE;
    if (!all && any_place(in, plan)) {
        results = calloc(1, sizeof(*results));
        r = results ? compare_with_results(in, layout, plan, results, reterr) : error_nomem(reterr);
    }
    if (!r)
        forget_named(in, plan);
    remember_adopted(in, plan);
    return r;
}
