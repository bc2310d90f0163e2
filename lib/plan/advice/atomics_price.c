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

/* A device that moves. */
struct mover {
    size_t device; /* place in plan.devices */
    size_t tree;
    struct bdf slot; /* on the host, as function 0 */
};

/* Devices of one host slot are neighbours: they are below one switch. */
static int compare_movers(const void *left, const void *right)
{
    const struct mover *a = left, *b = right;

    if (a->tree != b->tree)
        return a->tree < b->tree ? -1 : 1;
    return bdf_compare(&a->slot, &b->slot);
}

static size_t collect_movers(const struct facts *facts, const struct vtopo_plan *plan,
                             struct mover *movers)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->fate != FATE_MOVED)
            continue;
        movers[n] = (struct mover){i, tree_of(facts, device), device->host};
        movers[n++].slot.function = 0;
    }
    if (n)
        qsort(movers, n, sizeof(*movers), compare_movers);
    return n;
}

/* How many from the first on are in its tree; how many in its slot. */
static size_t count_tree(const struct mover *movers, size_t n)
{
    size_t count = 1;

    while (count < n && movers[count].tree == movers->tree)
        count++;
    return count;
}

static size_t count_slot(const struct mover *movers, size_t n)
{
    size_t count = 1;

    while (count < n && !compare_movers(&movers[count], movers))
        count++;
    return count;
}

/* What a device that moves shares on the host with another one that does. */
enum shared { SHARES_SLOT = 1, SHARES_SWITCH = 2 };

static void set_shared(const struct mover *movers, size_t n, bool switches, unsigned char *shared)
{
    for (size_t i = 0, in_tree = 0, tree_end = 0, in_slot; i < n; i += in_slot) {
        if (i == tree_end) {
            in_tree = count_tree(&movers[i], n - i);
            tree_end += in_tree;
        }
        in_slot = count_slot(&movers[i], tree_end - i);
        for (size_t k = i; k < i + in_slot; k++) {
            if (in_slot > 1)
                shared[movers[k].device] |= SHARES_SLOT;
            if (switches && movers[k].tree != HOST_NONE && in_tree > in_slot)
                shared[movers[k].device] |= SHARES_SWITCH;
        }
    }
}

/* Bits of enum shared for each device of the plan; the caller frees them, NULL: out of memory. */
static unsigned char *find_shared(const struct facts *facts, const struct vtopo_plan *plan)
{
    autofree struct mover *movers = calloc(plan->devices.count + 1, sizeof(*movers));
    unsigned char *shared = calloc(plan->devices.count + 1, sizeof(*shared));

    if (!movers || !shared) {
        free(shared);
        return NULL;
    }
    set_shared(movers, collect_movers(facts, plan, movers), facts->policy->mirror >= MIRROR_SWITCH,
               shared);
    return shared;
}

static int report_price(const struct facts *facts, const struct plan_device *device,
                        unsigned shared, const struct reporter *reporter)
{
    bool in_switch = shared & SHARES_SWITCH;

    if (!shared)
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

/* Others than AMD's are here because the policy says "keep" of them. */
static int report_lost(const struct facts *facts, const struct plan_device *device,
                       const struct reporter *reporter)
{
    bool amd = host_function_wants_atomics(&facts->host->functions.items[device->function]);

    return report_finding(
        reporter, FINDING_ATOMICS_LOST, BDF_TEXT(&device->host),
        "has no PCIe atomics in the guest%s, because --mirror on the command line puts it into a guest switch, and QEMU completes them only directly below a root port; %swithout --mirror it gets a root port of its own",
        amd ? "" : ", although policy atomics says \"keep\" for it",
        amd ? "some ROCm software refuses to run without; " : "");
}

static bool any_asks(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (plan->devices.items[i].atomics != ATOMICS_UNASKED)
            return true;
    }
    return false;
}

int atomics_report(const struct facts *facts, const struct vtopo_plan *plan,
                   const struct reporter *reporter)
{
    autofree unsigned char *shared = NULL;
    int r = 0;

    if (!any_asks(plan))
        return 0;
    shared = find_shared(facts, plan);
    if (!shared)
        return error_nomem(reporter->reterr);
    for (size_t i = 0; !r && i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];

        if (d->fate == FATE_MOVED && d->atomics == ATOMICS_GIVEN_UP)
            r = report_lost(facts, d, reporter);
        else if (d->fate == FATE_MOVED && d->atomics == ATOMICS_WANTED)
            r = report_price(facts, d, shared[i], reporter);
    }
    return r;
}
