/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs.h - read a host from a sysfs tree
 */
#ifndef VTOPO_SYSFS_SYSFS_H
#define VTOPO_SYSFS_SYSFS_H

#include "model/domain.h"
#include "model/host.h"
#include "vtopo/error.h"

/* Is it the machine that this runs on?  Only /sys is. */
bool sysfs_is_live(const char *path);

/*
 * Reads the tree whose root is the directory @path: "/sys" or a copy of one.
 *
 * Without @domain: everything there is, whatever @details says. With one: the functions that its
 * assigned devices name, their physical functions, the other members of their IOMMU groups, the
 * bridges above all of these, and the nodes (the CPUs only if the domain has no cells); nothing
 * then depends on how many functions or CPUs the host has. A device that the host lacks is left out
 * without a word.
 *
 * What is absent is unknown, as on old kernels; what is malformed or contradicts itself, and what
 * cannot be read, is VTOPO_ERR_HOST with the file and its value. Nothing outside of the root is
 * opened but what is said of its machine beside it (beside.h).
 *
 * @details  bits of enum host_details
 * @host  empty before; on failure the caller clears it, too
 */
int sysfs_read(const char *path, const struct domain *domain, unsigned details,
               struct vtopo_host *host, struct vtopo_error **reterr);

#endif
