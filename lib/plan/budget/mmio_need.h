/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_need.h - does a guest's firmware find place for all 64-bit BARs?
 *
 * Takes:  the guest's host bridges, ports and 64-bit BARs as a tree; a firmware; what its window
 *         depends on.
 * Gives:  how much is needed, where the window is, and whether it fits.
 * Rule:   what the sources do.  edk2, MdeModulePkg/Bus/Pci/PciBusDxe: InsertResourceNode(),
 *         MergeResourceTree(), CalculateResourceAperture(), PciHostBridgeDxe: NotifyPhase() and
 *         AllocateResource(): what is below a bridge one after the other, the largest alignment
 *         first; then each host bridge in its turn, at the first place that is aligned and free;
 *         OvmfPkg/PciHotPlugInitDxe: a hot-pluggable port keeps a 256th of a window of more than
 *         32 GiB (2022.11 and later), and a power of two where QEMU's port asks for it
 *         (pref64-reserve).  SeaBIOS, src/fw/pciinit.c: pci_bios_check_devices(),
 *         pci_bios_map_devices(): all host bridges together, and every root and downstream port
 *         keeps room.
 */
#ifndef VTOPO_PLAN_BUDGET_MMIO_NEED_H
#define VTOPO_PLAN_BUDGET_MMIO_NEED_H

#include "base/mem.h"
#include "plan/budget/mmio_window.h"

#include <stddef.h>

enum mmio_kind {
    MMIO_HOST_BRIDGE, /* pcie.0 and the expanders, by bus number */
    MMIO_PORT,        /* root port, downstream port, and a bridge with slots */
    MMIO_BRIDGE,      /* upstream port */
    MMIO_BAR,         /* of 64 bits, and prefetchable unless it is directly on a host bridge */
};

struct mmio_node {
    enum mmio_kind kind;
    size_t above;     /* place of the node above, which comes before; of a host bridge nothing */
    uint64_t size;    /* MMIO_BAR */
    bool hotplug;     /* MMIO_PORT: it is hot-pluggable */
    uint64_t reserve; /* MMIO_PORT: what it asks firmware to keep, a power of two */
    bool plain;       /* MMIO_BAR on a host bridge: not prefetchable */
    size_t own;       /* MMIO_PORT: 1 + its place in the layout's controllers; 0: another's */
};

/* Siblings are in the order of their addresses. */
struct mmio_tree {
    VEC(struct mmio_node) nodes;
};

struct mmio_verdict {
    bool fits;
    bool misplaced;      /* SeaBIOS 1.16.3: a BAR is where it cannot be */
    uint64_t need;       /* from the start of the window to the end of what is in it */
    uint64_t base, size; /* the window; of SeaBIOS as large as what is in it */
    struct mmio_window window;
};

/* @reach: addresses from here on do not work.  false: out of memory. */
bool mmio_judge(enum mmio_firmware firmware, const struct mmio_space *space, uint64_t reach,
                const struct mmio_tree *tree, struct mmio_verdict *ret);
/* What AAVMF gives each node; one for each.  false: out of memory. */
bool mmio_find_given(const struct mmio_tree *tree, uint64_t *ret_sizes);
/* Place of the node; SIZE_MAX: out of memory. */
size_t mmio_tree_add(struct mmio_tree *tree, const struct mmio_node *node);
void mmio_tree_clear(struct mmio_tree *tree);

#endif
