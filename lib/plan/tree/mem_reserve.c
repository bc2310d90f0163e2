/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mem_reserve.c - memory that firmware keeps below the new ports, as it did below the old ones
 *
 * Takes:  the domain as it was before vtopo, with <target memReserve> of its root ports; a layout
 *         with its numbers.
 * Gives:  mem_reserve of the root ports of ours.
 * Rule:   the root port above a card keeps what the port did that the card leaves; of several cards
 *         or functions the most. The number is the least that firmware makes the window of a root
 *         port, with all in it that is below, and QEMU has it for no other port: a switch or a
 *         bridge has it in the root port above, and nothing can be plugged in further down. The
 *         old ports keep theirs: where 32-bit memory does not suffice for both, the new ones get
 *         none (the advice of port_properties.c).
 * Not here: how much memory there is (budget/address_space.c).
 */
#include "plan/budget/budget.h"
#include "plan/tree/number.h"

/* What the port keeps that the device leaves. */
static unsigned reserve_left(const struct facts *facts, size_t device)
{
    const struct address *address = &facts->base->devices.items[device].address;
    const struct domain_controller *port =
        address->kind == ADDRESS_PCI ? facts->tree->at[address->at.bus].own : NULL;

    return port && port->model == CTRL_ROOT_PORT ? port->mem_reserve : 0;
}

static bool carry_over(const struct layout_input *in, struct layout *layout)
{
    bool any = false;

    for (size_t i = 0; i < in->assigned->count; i++) {
        size_t card = in->cards->functions[i].card;
        unsigned reserve =
            card == PLAN_NONE ? 0 : reserve_left(in->facts, in->assigned->items[i].device);
        size_t port = reserve ? layout_root_port(layout, card) : PLAN_NONE;

        if (port == PLAN_NONE || layout->controllers.items[port].mem_reserve >= reserve)
            continue;
        layout->controllers.items[port].mem_reserve = reserve;
        any = true;
    }
    return any;
}

int layout_set_mem_reserve(const struct layout_input *in, struct layout *layout,
                           struct vtopo_error **reterr)
{
    bool fits = true;
    int r = carry_over(in, layout) ? budgets_fit_mmio32(in, layout, &fits, reterr) : 0;

    for (size_t i = 0; !fits && i < layout->controllers.count; i++)
        layout->controllers.items[i].mem_reserve = 0;
    return r;
}
