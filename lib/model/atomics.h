/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * atomics.h - does the host complete the PCIe atomic operations of a function?
 *
 * Takes:  the function and the bridges above it, with their config space.
 * Gives:  yes, no, or that it cannot be seen.
 * Rule:   Linux, pci_enable_atomic_ops_to_root() (drivers/pci/pci.c), which is what VFIO asks: the
 *         root port completes 32-bit AtomicOps, every switch port on the way routes them, and no
 *         upstream port blocks them. A virtual function cannot ask for any.
 * Not here: what a guest needs to get them (plan/devices/slot_needs.c).
 */
#ifndef VTOPO_MODEL_ATOMICS_H
#define VTOPO_MODEL_ATOMICS_H

#include "model/host.h"

enum host_atomics {
    ATOMICS_ABSENT,
    ATOMICS_COMPLETED,
    ATOMICS_UNREADABLE, /* config space of a bridge above was not read so far */
};

/* Is it a function whose driver in the guest asks for atomics: a GPU or an accelerator of AMD, as a
 * whole?  Only for these the bridges above are read. */
bool host_function_wants_atomics(const struct host_function *function);
/* Of all widths QEMU and the kernel ask for one after the other, the least counts. */
enum host_atomics host_atomics_of(const struct vtopo_host *host, size_t function);

/* Behind the header of the PCI Express capability: Device Capabilities 2 and Device Control 2. */
#define ATOMICS_REGISTERS 0x24
#define ATOMICS_REGISTERS_SIZE 8

#endif
