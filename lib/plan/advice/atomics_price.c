/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * atomics_price.c - what PCIe atomics cost, or that they are lost
 *
 * Takes:  the finished layout.
 * Gives:  a finding for each device that gets a slot of its own outside of switches so that its
 *         atomics work, although it shares a slot or a switch on the host; and one for each that an
 *         explicit mirror puts below a switch, where atomics do not work.
 * Not here: which these are (devices/slot_needs.c).
 */
#include "plan/advice/advice.h"

#include "model/atomics.h"
#include "model/host_tree.h"

static size_t tree_of(const struct facts *facts, const struct plan_device *device)
{
    size_t top[1];

    return device->function != HOST_NONE &&
                   host_switches_above(facts->host, device->function, top, 1)
               ? top[0]
               : HOST_NONE;
}

/* Does another device that moves share the host slot, or the host's switch? */
static void find_neighbours(const struct facts *facts, const struct vtopo_plan *plan,
                            const struct plan_device *device, bool *ret_slot, bool *ret_switch)
{
    size_t tree = tree_of(facts, device);

    *ret_slot = *ret_switch = false;
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *other = &plan->devices.items[i];

        if (other == device || other->fate != FATE_MOVED)
            continue;
        if (bdf_same_slot(&other->host, &device->host))
            *ret_slot = true;
        else if (tree != HOST_NONE && tree == tree_of(facts, other))
            *ret_switch = facts->policy->mirror >= MIRROR_SWITCH;
    }
}

static int report_price(const struct facts *facts, const struct vtopo_plan *plan,
                        const struct plan_device *device, const struct reporter *reporter)
{
    bool slot, in_switch;

    find_neighbours(facts, plan, device, &slot, &in_switch);
    if (!slot && !in_switch)
        return 0;
    return report_finding(
        reporter, FINDING_ATOMICS_APART, BDF_TEXT(&device->host),
        "gets a root port and a slot of its own, %s, because QEMU (8.1 and later) completes PCIe atomics only there; policy atomics \"ignore\"%s%s",
        in_switch ? "and is in no guest switch with the cards that share its host switch"
                  : "apart from the other functions of its card",
        in_switch ? " or an explicit --mirror switch puts it into the switch, without atomics"
                  : " leaves the card together, without atomics",
        host_atomics_of(facts->host, device->function) == ATOMICS_UNREADABLE
            ? "; whether the host completes them could not be seen, because configuration space of ports above was not readable (root reads it)"
            : "");
}

static int report_lost(const struct plan_device *device, const struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_ATOMICS_LOST, BDF_TEXT(&device->host),
        "has no PCIe atomics in the guest, because --mirror on the command line puts it into a guest switch, and QEMU completes them only directly below a root port; some ROCm software refuses to run without; without --mirror it gets a root port of its own");
}

int atomics_report(const struct facts *facts, const struct vtopo_plan *plan,
                   const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];

        if (d->fate == FATE_MOVED && d->atomics == ATOMICS_GIVEN_UP)
            r = report_lost(d, reporter);
        else if (d->fate == FATE_MOVED && d->atomics == ATOMICS_WANTED)
            r = report_price(facts, plan, d, reporter);
    }
    return r;
}
