/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pref_reserve_wish.c - root ports that ask firmware for 64-bit memory
 *
 * Takes:  plan.controllers[].pref_reserve.
 * Gives:  overrides, for libvirt has no word for it (its memReserve is 32-bit memory).
 * Rule:   QEMU's pcie-root-port tells firmware in a capability (hw/pci-bridge/gen_pcie_root_port.c;
 *         docs/pcie_pci_bridge.txt), which takes it where the port is hot-pluggable.
 * Not here: which ports, and how much (tree/pref_reserve.c).
 */
#include "plan/extra/pref_reserve_wish.h"

#include "plan/extra/override_wish.h"

#include <inttypes.h>
#include <stdio.h>

bool pref_reserve_add(struct vtopo_plan *plan)
{
    bool done = true;

    for (size_t i = 0; done && i < plan->controllers.count; i++) {
        char bytes[24];

        if (!plan->controllers.items[i].pref_reserve)
            continue;
        snprintf(bytes, sizeof(bytes), "%" PRIu64, plan->controllers.items[i].pref_reserve);
        done = override_add_controller(plan, i, "pref64-reserve", "unsigned", bytes);
    }
    return done;
}
