/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nodes.h - NUMA nodes and CPUs from devices/system
 */
#ifndef VTOPO_SYSFS_NODES_H
#define VTOPO_SYSFS_NODES_H

#include "model/host.h"
#include "sysfs/tree.h"

/* No devices/system/node: no nodes. */
int nodes_read(const struct tree *tree, struct vtopo_host *host);

/* The huge pages of the nodes that were read; two files for each size. */
int pages_read(const struct tree *tree, struct vtopo_host *host);

/* The CPUs that are online and say their place, a few files each; which are isolated. */
int cpus_read(const struct tree *tree, struct vtopo_host *host);

/* What kind of processor it is; one file. */
int processor_read(const struct tree *tree, struct host_processor *ret_processor);

#endif
