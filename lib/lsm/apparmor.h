/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apparmor.h - what does AppArmor let a daemon execute?
 */
#ifndef VTOPO_LSM_APPARMOR_H
#define VTOPO_LSM_APPARMOR_H

#include "lsm/hook_files.h"
#include "model/hook_access.h"

/* Is it on, and is there a profile? */
bool apparmor_is_on(void);

/* @access has the daemon; false: out of memory. */
bool apparmor_judge(long process, const struct hook_files *files, struct hook_access *access);

#endif
