/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_access.h - may this machine's libvirt run vtopo's hook?
 */
#ifndef VTOPO_LSM_HOOK_ACCESS_H
#define VTOPO_LSM_HOOK_ACCESS_H

#include "model/hook_access.h"
#include "vtopo/error.h"

/* @ret_access  the caller's, hook_access_clear(); unchanged on failure, which is VTOPO_ERR_NOMEM */
int hook_access_read(struct hook_access *ret_access, struct vtopo_error **reterr);

#endif
