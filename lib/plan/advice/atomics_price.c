/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * atomics_price.c - what PCIe atomics cost, or that they are lost
 *
 * Takes:  the finished layout.
 * Gives:  one finding for the devices that are kept apart for their atomics, where they would share
 *         a slot or a switch otherwise, and one for those that were asked to be in a switch.
 * Not here: which these are (devices/slot_needs.c).
 */
#include "plan/advice/advice.h"

#include "model/atomics.h"
#include "model/host_tree.h"

/* What devices are kept away from. */
struct price {
    char *names;   /* of the devices */
    char *unread;  /* those of which it cannot be seen whether the host gives them atomics */
    bool switches; /* some are out of a switch */
};

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

static bool add_to_price(const struct facts *facts, const struct vtopo_plan *plan,
                         const struct plan_device *device, struct price *price)
{
    bool slot, in_switch;

    find_neighbours(facts, plan, device, &slot, &in_switch);
    if (!slot && !in_switch)
        return true;
    price->switches = price->switches || in_switch;
    if (!mem_append(&price->names, "%s%s", price->names ? ", " : "", BDF_TEXT(&device->host)))
        return false;
    return host_atomics_of(facts->host, device->function) != ATOMICS_UNREADABLE ||
           mem_append(&price->unread, "%s%s", price->unread ? ", " : "", BDF_TEXT(&device->host));
}

static int report_price(const struct price *price, const struct reporter *reporter)
{
    if (!price->names)
        return 0;
    return report_finding(
        reporter, FINDING_ATOMICS_APART, "domain",
        "%s: each gets a root port and a slot of its own%s, because QEMU (8.1 and later) gives PCIe atomics only there; policy atomics \"ignore\"%s%s%s",
        price->names,
        price->switches ? ", and is in no guest switch with the cards that share its host switch"
                        : ", apart from the other functions of its card",
        price->switches ? " or an explicit --mirror switch puts it into the switch, without atomics"
                        : " leaves the card together, without atomics",
        price->unread
            ? "; whether the host completes atomics could not be seen, because configuration space above was not readable (root reads it): "
            : "",
        price->unread ? price->unread : "");
}

static int report_lost(const char *names, const struct reporter *reporter)
{
    if (!names)
        return 0;
    return report_finding(
        reporter, FINDING_ATOMICS_LOST, "domain",
        "%s: in a guest switch, as this run was asked to mirror switches, and so without PCIe atomics, which QEMU gives only directly below a root port; some ROCm software refuses to run without. Without --mirror on the command line each gets a root port of its own",
        names);
}

int atomics_report(const struct facts *facts, const struct vtopo_plan *plan,
                   const struct reporter *reporter)
{
    struct price price = {0};
    char *lost = NULL;
    bool ok = true;
    int r;

    for (size_t i = 0; ok && i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];

        if (d->fate != FATE_MOVED)
            continue;
        if (d->atomics == ATOMICS_GIVEN_UP)
            ok = mem_append(&lost, "%s%s", lost ? ", " : "", BDF_TEXT(&d->host));
        else if (d->atomics == ATOMICS_WANTED)
            ok = add_to_price(facts, plan, d, &price);
    }
    r = ok ? report_price(&price, reporter) : error_nomem(reporter->reterr);
    if (!r)
        r = report_lost(lost, reporter);
    free(price.names);
    free(price.unread);
    free(lost);
    return r;
}
