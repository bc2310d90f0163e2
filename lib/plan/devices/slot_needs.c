/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slot_needs.c - which functions need a slot of their own in the guest
 *
 * Takes:  the assignments, what domain and policy say of them, the host.
 * Gives:  "single" and "atomics" of each.
 * Rule:   - <teaming type='transient'>: QEMU takes no primary of a failover pair that shares its
 *           slot (hw/net/virtio-net.c: "must be in its own PCI slot");
 *         - policy hotplug: libvirt unplugs no device of a multifunction slot;
 *         - PCIe atomics: QEMU, from 8.1 on, gives completion only to function 0 of a slot without
 *           others, directly below a root port (hw/vfio/pci.c, vfio_pci_enable_rp_atomics()).  GPUs
 *           and accelerators of AMD, whose software may refuse to run without, unless the host
 *           gives none; others only where the policy says so of the device.  Where it cannot be
 *           seen whether the host gives any, what the guest may have had is kept.
 * Not here: what is said of the price (advice/atomics_price.c).
 */
#include "plan/devices/devices.h"

#include "model/atomics.h"
#include "model/host_tree.h"

/* The policy's word goes before the domain's: with "hotplug" false a transient card may hang on a
 * switch. */
bool slot_needs_hotplug(const struct facts *facts, const struct assignment *assignment)
{
    int wish = assignment->policy.hotplug;

    return wish >= 0 ? wish : facts->base->devices.items[assignment->device].teaming_transient;
}

static bool wants_atomics(const struct facts *facts, const struct assignment *assignment)
{
    const struct host_function *function = assignment_function(facts, assignment);

    if (function->is_vf || !assignment_has_host_bars(assignment))
        return false;
    if (assignment->policy.atomics >= 0)
        return assignment->policy.atomics == ATOMICS_KEEP;
    return facts->policy->atomics == ATOMICS_KEEP && host_function_wants_atomics(function) &&
           host_atomics_of(facts->host, assignment->function) != ATOMICS_ABSENT;
}

static size_t tree_of(const struct facts *facts, size_t function)
{
    size_t switches[1];

    return host_switches_above(facts->host, function, switches, 1) ? switches[0] : HOST_NONE;
}

/* Is another card assigned that is below the same switch of the host? */
static bool shares_switch(const struct facts *facts, const struct assignments *assigned,
                          const struct assignment *assignment)
{
    size_t tree = tree_of(facts, assignment->function);

    for (size_t i = 0; tree != HOST_NONE && i < assigned->count; i++) {
        const struct assignment *other = &assigned->items[i];

        if (other->function != HOST_NONE && !bdf_same_slot(&other->host, &assignment->host) &&
            tree_of(facts, other->function) == tree)
            return true;
    }
    return false;
}

void slot_needs_find(const struct facts *facts, const struct assignments *assigned)
{
    bool switch_wins = facts->policy->mirror_given && facts->policy->mirror >= MIRROR_SWITCH;

    for (size_t i = 0; i < assigned->count; i++) {
        struct assignment *a = &assigned->items[i];

        if (a->function == HOST_NONE)
            continue;
        if (wants_atomics(facts, a))
            a->atomics = switch_wins && shares_switch(facts, assigned, a) ? ATOMICS_GIVEN_UP
                                                                          : ATOMICS_WANTED;
        a->single = a->atomics == ATOMICS_WANTED || slot_needs_hotplug(facts, a) ||
                    facts->base->devices.items[a->device].teaming_transient;
    }
}
