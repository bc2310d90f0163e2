/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owned_devices.h - which VMs have which of the host's devices */
#ifndef VTOPO_CMD_OWNED_DEVICES_H
#define VTOPO_CMD_OWNED_DEVICES_H

#include "owners_module.h"

#include <vtopo/host.h>

/*
 * @uri  of libvirt
 * @vm   whose XML is wanted, too; NULL: nobody's
 * @ret  clear with owner_lists_clear(), also after a failure
 */
int read_owners(const char *uri, const char *vm, struct owner_lists *ret,
                struct vtopo_error **reterr);
void owner_lists_clear(struct owner_lists *lists);

/* @uri: of libvirt.  VTOPO_ERR_FILE: it does not answer, or what asks it is not installed. */
int list_owned_devices(const char *uri, const struct vtopo_host *host, enum vtopo_host_style style,
                       char **ret_text, struct vtopo_error **reterr);

/*
 * vtopo_host_format_vms() with what libvirt knows of the VMs that have the host's devices.
 *
 * @path  of the host
 */
int describe_owned_host(const char *uri, const char *path, const struct vtopo_host *host,
                        char **ret_text, struct vtopo_error **reterr);

#endif
