/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvlink.c - see nvlink.h
 *
 * Takes:  vendor, device and class of a function.
 * Gives:  whether its board gives it NVLink.
 * Rule:   the ids that pci.ids calls SXM (P100 to H200), those that NVIDIA lists beside a PCIe card
 *         of another id (H800, H20; README of open-gpu-kernel-modules), and B200 and B300, which
 *         are made as modules only (SXM6). Of P100 and V100 those called SXM2 are wired to each
 *         other without switches, as on DGX-1; SXM3 and later are on boards with NVSwitches (NVIDIA
 *         Fabric Manager User Guide, 1.1: HGX-2, HGX A100, HGX H100, HGX B200), unless the board is
 *         a smaller one; those of B200 and B300 are managed by ConnectX functions, and are no PCI
 *         devices. A module that is not in the table counts as a card: nothing is claimed of it.
 * Not here: what a guest needs of that (plan/advice/fabric.c).
 */
#include "check/nvlink.h"

#include <stddef.h>

#define VENDOR_NVIDIA 0x10de
#define CLASS_OTHER_BRIDGE 0x0680

static const struct {
    uint16_t device;
    enum nvlink nvlink;
} modules[] = {
    {0x15f9, NVLINK_BOARD},    /* P100 SXM2 16GB */
    {0x1db1, NVLINK_BOARD},    /* V100 SXM2 16GB */
    {0x1db5, NVLINK_BOARD},    /* V100 SXM2 32GB */
    {0x1df5, NVLINK_BOARD},    /* V100 SXM2 16GB */
    {0x1db8, NVLINK_SWITCHED}, /* V100 SXM3 32GB */
    {0x20b0, NVLINK_SWITCHED}, /* A100 SXM4 40GB */
    {0x20b2, NVLINK_SWITCHED}, /* A100 SXM4 80GB */
    {0x20b3, NVLINK_BOARD},    /* A100-SXM-64GB: boards of four */
    {0x20bd, NVLINK_SWITCHED}, /* A800-SXM4-40GB */
    {0x20f3, NVLINK_SWITCHED}, /* A800-SXM4-80GB */
    {0x2324, NVLINK_SWITCHED}, /* H800; the card is 2322 */
    {0x2329, NVLINK_SWITCHED}, /* H20 */
    {0x232c, NVLINK_SWITCHED}, /* H20-3e */
    {0x2330, NVLINK_SWITCHED}, /* H100 SXM5 80GB */
    {0x2335, NVLINK_SWITCHED}, /* H200 SXM 141GB */
    {0x2901, NVLINK_MANAGED},  /* B200 */
    {0x3182, NVLINK_MANAGED},  /* B300 SXM6 */
};

enum nvlink nvlink_of(const struct host_function *gpu)
{
    for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++) {
        if (gpu->vendor == VENDOR_NVIDIA && gpu->device == modules[i].device)
            return modules[i].nvlink;
    }
    return NVLINK_UNKNOWN;
}

bool function_is_nvswitch(const struct host_function *function)
{
    return function->vendor == VENDOR_NVIDIA && function->class_code >> 8 == CLASS_OTHER_BRIDGE;
}

/* The same guide, 1.6: six on the HGX A100 baseboard, four on the HGX H100 baseboard. */
unsigned nvswitches_of_board(const struct host_function *nvswitch)
{
    switch (nvswitch->device) {
    case 0x1af1:
        return 6;
    case 0x22a3:
        return 4;
    default:
        return 0;
    }
}
