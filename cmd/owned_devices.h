/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owned_devices.h - the devices of a host, with who has each of them */
#ifndef VTOPO_CMD_OWNED_DEVICES_H
#define VTOPO_CMD_OWNED_DEVICES_H

#include <vtopo/host.h>

/* @uri: of libvirt.  VTOPO_ERR_FILE: it does not answer, or what asks it is not installed. */
int list_owned_devices(const char *uri, const struct vtopo_host *host, enum vtopo_host_style style,
                       char **ret_text, struct vtopo_error **reterr);

#endif
