/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ovmf_io.h - how OVMF gives out I/O space, and when it gives up
 *
 * Takes:  the host bridges of the guest, and how many I/O windows each needs and for what.
 * Gives:  whether every device comes up with its memory.
 * Rule:   what edk2 does (MdeModulePkg/Bus/Pci/PciBusDxe: PciHostBridgeResourceAllocator(),
 *         PciHostBridgeAdjustAllocation(); PciHostBridgeDxe: NotifyPhase();
 *         OvmfPkg/PciHotPlugInitDxe), and seen so in guests with OVMF 2022.11. OVMF 2025.02 was
 *         seen to do well with all of it, but no domain says which it boots.
 *
 * There is room for some windows of 4 KiB (model/machine.h).  A port needs one for I/O BARs
 * below it, and a hot-pluggable port has one of padding for what may be plugged in.  Host bridges
 * are served one after the other, by bus number, each whole or not at all.  If the last of them
 * that needs I/O got none, OVMF drops the padding of one hot-pluggable port and starts again; if
 * the last one got its share and another did not, it gives up, and nothing below the expanders gets
 * any address, of memory neither.
 */
#ifndef VTOPO_PLAN_BUDGET_OVMF_IO_H
#define VTOPO_PLAN_BUDGET_OVMF_IO_H

#include <stdbool.h>
#include <stddef.h>

struct io_bridge {
    size_t bars;    /* ports with I/O BARs below them */
    size_t padding; /* other ports, which are hot-pluggable */
};

/* @windows: that there are.  @bridges: pcie.0, then the expanders by bus number. */
bool ovmf_io_fits(size_t windows, const struct io_bridge *bridges, size_t count);

/* How many windows all need together, the machine's own I/O BARs and the padding for hot-plug
 * included. */
size_t ovmf_io_needed(const struct io_bridge *bridges, size_t count);

#endif
