/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capabilities.h - how new libvirt, and the QEMU of its machine, are */
#ifndef VTOPO_VIRT_CAPABILITIES_H
#define VTOPO_VIRT_CAPABILITIES_H

#include "virt/connection.h"

#define LIBVIRT_VERSION_SIZE 16

/* "9.0.0"; "": libvirt does not say. */
void capabilities_libvirt(virConnectPtr conn, char ret_version[LIBVIRT_VERSION_SIZE]);
/*
 * Of the emulator that libvirt takes by itself on its machine.
 *
 * @ret_path  that emulator, free with free(); NULL: libvirt does not say
 * Returns 0 or VTOPO_ERR_NOMEM.
 */
int capabilities_qemu(virConnectPtr conn, char ret_version[LIBVIRT_VERSION_SIZE], char **ret_path,
                      struct vtopo_error **reterr);

#endif
