/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linux_windows.h - how much 64-bit memory Linux wants for ports where it assigns all anew
 *
 * Takes:  the guest's host bridges, ports and 64-bit BARs as a tree (guest_bars.h).
 * Gives:  for each port directly on an expander how much Linux wants, if that is more than firmware
 *         has given it.
 * Rule:   on aarch64 Linux assigns all BARs and windows anew, within what the ACPI tables say of
 *         each host bridge, and for an expander QEMU says there what firmware has given to the
 * ports on it (hw/acpi/aml-build.c, build_crs()), each for itself unless one begins where the other
 * ends; pcie.0 has all that is left.  A window is as large as what is in it, rounded up to half of
 * the largest alignment unless all that is smaller fills it: 96 GiB for BARs of 64 GiB and 32 MiB.
 * Where neighbours could lend room they need all of theirs. Source: Linux 6.1
 * drivers/pci/setup-bus.c, pbus_size_mem() and calculate_mem_align(); 6.12 wants the same directly
 * on a host bridge, and less below other bridges; 7.2 wants no more than firmware gives.  Seen with
 * these three. Not here: what is done about it (tree/pref_reserve.c), what firmware gives
 * (mmio_need.h).
 */
#ifndef VTOPO_PLAN_BUDGET_LINUX_WINDOWS_H
#define VTOPO_PLAN_BUDGET_LINUX_WINDOWS_H

#include "plan/budget/mmio_need.h"

/* @ret_wanted: one for each node; 0: no port on an expander, or it has enough.  false: out of
 * memory. */
bool linux_windows_find(const struct mmio_tree *tree, uint64_t *ret_wanted);

#endif
