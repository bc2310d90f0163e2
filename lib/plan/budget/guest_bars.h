/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_bars.h - the guest's host bridges, ports and 64-bit BARs as firmware will meet them
 *
 * Takes:  the layout, the domain's own controllers and devices, those of QEMU's command line.
 * Gives:  a tree for mmio_need.h, in the order of bus numbers and addresses.
 * Rule:   below a port only what is prefetchable can be above 4 GiB (PCI-to-PCI Bridge
 *         Specification).  A device whose place is not known has a hot-pluggable port of its own on
 *         pcie.0; a virtio device has 16 KiB.
 * Not here: 32-bit memory and I/O (address_space.c).
 */
#ifndef VTOPO_PLAN_BUDGET_GUEST_BARS_H
#define VTOPO_PLAN_BUDGET_GUEST_BARS_H

#include "plan/budget/mmio_need.h"
#include "plan/ground/layout.h"

/* The caller clears @ret_tree in any case. */
int guest_bars_make(const struct layout_input *in, const struct layout *layout,
                    struct mmio_tree *ret_tree, struct vtopo_error **reterr);
/* What the assigned devices of the domain, and those of the command line, have of it together. */
uint64_t guest_bars_sum(const struct layout_input *in);

#endif
