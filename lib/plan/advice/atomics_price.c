/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * atomics_price.c - what PCIe atomics cost, or that they are lost
 *
 * Takes:  the finished layout.
 * Gives:  one finding for the devices that get a slot of their own outside of switches so that
 *         their atomics work, although they share a slot or a switch on the host; and one for those
 *         that the policy puts below a switch, where atomics do not work.
 * Not here: which these are (devices/slot_needs.c).
 */
#include "plan/advice/advice.h"

#include "base/buffer.h"
#include "model/atomics.h"
#include "model/host_tree.h"

/* What atomics cost. */
struct price {
    struct buffer names;  /* of the devices */
    struct buffer unread; /* those of which it cannot be seen whether the host gives them atomics */
    bool switches;        /* some are out of a switch */
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

static void add_name(struct buffer *names, const struct plan_device *device)
{
    buffer_printf(names, "%s%s", names->length ? ", " : "", BDF_TEXT(&device->host));
}

static void add_to_price(const struct facts *facts, const struct vtopo_plan *plan,
                         const struct plan_device *device, struct price *price)
{
    bool slot, in_switch;

    find_neighbours(facts, plan, device, &slot, &in_switch);
    if (!slot && !in_switch)
        return;
    price->switches = price->switches || in_switch;
    add_name(&price->names, device);
    if (host_atomics_of(facts->host, device->function) == ATOMICS_UNREADABLE)
        add_name(&price->unread, device);
}

static int report_price(const struct price *price, const struct reporter *reporter)
{
    if (price->names.failed || price->unread.failed)
        return error_nomem(reporter->reterr);
    if (!price->names.length)
        return 0;
    return report_finding(
        reporter, FINDING_ATOMICS_APART, "domain",
        "%s: each gets a root port and a slot of its own%s, because QEMU (8.1 and later) gives PCIe atomics only there; policy atomics \"ignore\"%s%s%s",
        price->names.text,
        price->switches ? ", and is in no guest switch with the cards that share its host switch"
                        : ", apart from the other functions of its card",
        price->switches ? " or an explicit --mirror switch puts it into the switch, without atomics"
                        : " leaves the card together, without atomics",
        price->unread.length
            ? "; whether the host completes atomics could not be seen, because configuration space above was not readable (root reads it): "
            : "",
        price->unread.length ? price->unread.text : "");
}

static int report_lost(const struct buffer *names, const struct reporter *reporter)
{
    if (names->failed)
        return error_nomem(reporter->reterr);
    if (!names->length)
        return 0;
    return report_finding(
        reporter, FINDING_ATOMICS_LOST, "domain",
        "%s: in a guest switch, as this run was asked to mirror switches, and so without PCIe atomics, which QEMU gives only directly below a root port; some ROCm software refuses to run without. Without --mirror on the command line each gets a root port of its own",
        names->text);
}

int atomics_report(const struct facts *facts, const struct vtopo_plan *plan,
                   const struct reporter *reporter)
{
    struct price price = {0};
    struct buffer lost = {0};
    int r;

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];

        if (d->fate != FATE_MOVED)
            continue;
        if (d->atomics == ATOMICS_GIVEN_UP)
            add_name(&lost, d);
        else if (d->atomics == ATOMICS_WANTED)
            add_to_price(facts, plan, d, &price);
    }
    r = report_price(&price, reporter);
    if (!r)
        r = report_lost(&lost, reporter);
    buffer_clear(&price.names);
    buffer_clear(&price.unread);
    buffer_clear(&lost);
    return r;
}
