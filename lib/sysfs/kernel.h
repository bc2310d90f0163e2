/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel.h - the release of the kernel that a sysfs tree is of */
#ifndef VTOPO_SYSFS_KERNEL_H
#define VTOPO_SYSFS_KERNEL_H

#include "model/host.h"
#include "sysfs/tree.h"

/* "": unknown.  An error is only that there is no memory. */
int kernel_read(const struct tree *tree, char ret_release[KERNEL_RELEASE_SIZE]);

#endif
