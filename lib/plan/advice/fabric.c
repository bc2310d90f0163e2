/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fabric.c - does the guest get what NVLink between its GPU modules needs?
 *
 * Takes:  the assigned devices: GPUs that are modules of boards with NVSwitches (nvlink.h), and
 *         NVSwitches.
 * Gives:  a finding where it does not, or where that cannot be told.
 * Rule:   NVIDIA's Fabric Manager User Guide has two ways to give such GPUs to a guest: it gets
 *         the NVSwitches with them (full passthrough; here only a whole board is known to be
 *         complete), or a fabric manager elsewhere puts the GPUs of the guest into one partition
 *         (shared NVSwitch), of which nothing can be seen here. One GPU alone has nobody to talk
 *         to.
 * Not here: peer-to-peer over PCIe (p2p.c, lib/peer).
 */
#include "check/nvlink.h"
#include "plan/advice/advice.h"
#include "plan/ground/peer_kind.h"

struct fabric {
    size_t gpus, switches;
    bool managed;       /* one of the GPUs is of a board whose NVSwitches are no PCI devices */
    unsigned per_board; /* NVSwitches of a whole board, 0: not known */
};

static void add_device(const struct facts *facts, const struct plan_device *device,
                       struct fabric *fabric)
{
    const struct domain_device *element = &facts->base->devices.items[device->device];
    const struct host_function *f;
    enum nvlink nvlink;

    if (device->function == HOST_NONE || device->fate == FATE_UNASSIGNED ||
        element->kind != DEVICE_HOSTDEV_PCI)
        return;
    f = &facts->host->functions.items[device->function];
    if (function_is_nvswitch(f)) {
        fabric->switches++;
        fabric->per_board = nvswitches_of_board(f);
    } else if (peer_kind_of(facts->host, device->function, element) == PEER_GPU) {
        nvlink = nvlink_of(f);
        fabric->gpus += nvlink == NVLINK_SWITCHED || nvlink == NVLINK_MANAGED;
        fabric->managed = fabric->managed || nvlink == NVLINK_MANAGED;
    }
}

static bool has_whole_boards(const struct fabric *fabric)
{
    return fabric->switches && fabric->gpus % NVLINK_BOARD_GPUS == 0 &&
           (!fabric->per_board ||
            fabric->switches == fabric->per_board * (fabric->gpus / NVLINK_BOARD_GPUS));
}

#define PARTITION                                                                                  \
    "a partition of exactly these GPUs, which a fabric manager outside of the guest activates before it starts"

int fabric_report(const struct facts *facts, const struct vtopo_plan *plan,
                  const struct reporter *reporter)
{
    struct fabric fabric = {0};

    for (size_t i = 0; i < plan->devices.count; i++)
        add_device(facts, &plan->devices.items[i], &fabric);
    if (fabric.gpus < 2 || has_whole_boards(&fabric))
        return 0;
    if (fabric.switches)
        return report_finding(
            reporter, FINDING_FABRIC, "domain",
            "the guest gets %zu SXM GPUs with %zu NVSwitch%s, and a whole board is %u GPUs with all of its NVSwitches%s: NVLink may stay down, and CUDA may not start",
            fabric.gpus, fabric.switches, fabric.switches > 1 ? "es" : "",
            (unsigned)NVLINK_BOARD_GPUS,
            fabric.per_board == 6   ? " (six)"
            : fabric.per_board == 4 ? " (four)"
                                    : "");
    if (fabric.managed)
        return report_finding(
            reporter, FINDING_FABRIC, "domain",
            "the guest gets %zu SXM GPUs whose NVSwitches are no PCI devices, so that it cannot be seen whether it has what NVLink needs: all GPUs of the board with the devices that manage the NVSwitches, or " PARTITION,
            fabric.gpus);
    return report_finding(
        reporter, FINDING_FABRIC, "domain",
        "the guest gets %zu SXM GPUs and no NVSwitch: if their board has NVSwitches, NVLink needs " PARTITION
        ", and without it CUDA may not start",
        fabric.gpus);
}
