/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selinux.h - what does SELinux let a daemon execute?
 */
#ifndef VTOPO_LSM_SELINUX_H
#define VTOPO_LSM_SELINUX_H

#include "lsm/hook_files.h"
#include "model/hook_access.h"

/* Is a policy loaded? */
bool selinux_is_on(void);
/* Does it forbid anything?  Permissive: it only logs. */
bool selinux_is_enforcing(void);

/* @access has the daemon; false: out of memory. */
bool selinux_judge(long process, const struct hook_files *files, struct hook_access *access);

#endif
