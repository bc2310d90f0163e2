/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * function.h - what the directory of a PCI function says
 */
#ifndef VTOPO_SYSFS_FUNCTION_H
#define VTOPO_SYSFS_FUNCTION_H

#include "model/host.h"
#include "sysfs/tree.h"

/* What is to be read of functions. */
struct function_wish {
    bool everything;  /* all that there is */
    unsigned details; /* enum host_details, without everything */
};

/*
 * Fills in everything but bdf, root and parent.  @place is the function's directory, @above the
 * port kind of the bridge above it (PORT_NONE: it is on a root bus).  @wanted: it was asked for,
 * and is not only a bridge above another one.
 *
 * Without wish->everything only what its details say, and what a plan needs: class, vendor, device
 * and port kind; of a bridge as little of its config space as says that and its Access Control
 * Services; of others, and of bridges that were asked for, node, IOMMU group, physical function and
 * BARs.  So no device that
 * sleeps is woken up by a look into its config space, and few files are opened.
 */
int function_read(const struct place *place, const struct function_wish *wish, bool wanted,
                  enum port_kind above, struct host_function *function);

/*
 * port.c: what the function is in the PCIe tree.
 *
 * Config space says it where it is readable. An ordinary user reads 64 bytes, which say whether it
 * is a bridge and whether it has capabilities, but not which. Then the place decides:
 * - a bridge without capabilities, or with subtractive decoding, is a conventional one;
 * - a bridge on a root bus is a root port;
 * - a bridge below an upstream port is a downstream port;
 * - a bridge below a root or downstream port with only bridges directly below it, and at least one,
 *   is an upstream port;
 * - everything else is some other bridge.
 * This looks at nothing but the function, what is above it and its own directory, so the answer is
 * the same however much of the host is read.
 */
int function_read_port(const struct place *place, const struct host_function *function,
                       enum port_kind above, enum port_kind *ret_port);
/* The same without a look at config space: PORT_NONE, or what the place says of a bridge that the
 * kernel's driver for PCIe ports has. */
enum port_kind function_port_of_driver(const struct host_function *function, const char *driver,
                                       enum port_kind above);
/* By its class. */
bool function_is_bridge(const struct host_function *function);

/* bridge_config.c: of config space the header, and the capabilities as far as PCI Express and
 * Access Control Services: what is between them is zero. */
int bridge_config_read(const struct place *place, bool atomics, struct host_function *function);

/* The number of the IOMMU group that the device in @place is in, -1: none. */
int place_read_iommu_group(const struct place *place, int *ret_group);

/* vgpu.c: the name of the type of a virtual function that is a vGPU. */
int function_read_vgpu_type(const struct place *place, struct host_function *function);

#endif
