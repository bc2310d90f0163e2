/* SPDX-License-Identifier: GPL-2.0-or-later */
/* beside.h - what lies beside a sysfs tree, where that is of the same machine */
#ifndef VTOPO_SYSFS_BESIDE_H
#define VTOPO_SYSFS_BESIDE_H

#include "sysfs/tree.h"

/*
 * The folder that a tree called "sys" is in, as that of a running host and of a copy of one; .fd is
 * -1 for a tree of another name, which is taken from somewhere else: what is beside it is not its
 * own.  @error gets what cannot be read.  Close with tree_close().
 */
struct tree beside_open(const struct tree *tree, struct vtopo_error **error);

/*
 * The text of a file there, such as "swaps" in "proc"; the caller's to free(), NULL: there is none,
 * or none that can be read.  An error is only that there is no memory.
 */
int beside_read(const struct tree *tree, const char *folder, const char *name, char **ret_text);

#endif
