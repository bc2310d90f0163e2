/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * function.h - what the directory of a PCI function says
 */
#ifndef VTOPO_SYSFS_FUNCTION_H
#define VTOPO_SYSFS_FUNCTION_H

#include "model/host.h"
#include "sysfs/tree.h"

/*
 * Fills in everything but bdf, root, parent and port.  @place is the function's directory.
 *
 * Without @everything only what @details (enum host_details) says, and what a plan needs: class,
 * vendor and device, node, IOMMU group, physical function; of a bridge its config space, of other
 * functions their BARs.  So no device that sleeps is woken up by a look into its config space, and
 * few files are opened.
 */
int function_read(const struct place *place, bool everything, unsigned details,
                  struct host_function *function);

/* By its class. */
bool function_is_bridge(const struct host_function *function);

/*
 * What the function is in the PCIe tree.
 *
 * Config space says it where it is readable. An ordinary user reads 64 bytes, which say whether it
 * is a bridge and whether it has capabilities, but not which. Then the place decides (@above is the
 * port kind of the bridge above, PORT_NONE on a root bus; @path the function's directory):
 * - a bridge without capabilities, or with subtractive decoding, is a conventional one;
 * - a bridge on a root bus is a root port;
 * - a bridge below an upstream port is a downstream port;
 * - a bridge below a root or downstream port with only bridges directly below it, and at least one,
 *   is an upstream port;
 * - everything else is some other bridge.
 * This looks at nothing but the function, what is above it and its own directory, so the answer is
 * the same however much of the host is read.
 */
int function_read_port(const struct tree *tree, const char *path,
                       const struct host_function *function, enum port_kind above,
                       enum port_kind *ret_port);

#endif
