/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connection.h - a connection to libvirt, and what it says when it says no */
#ifndef VTOPO_VIRT_CONNECTION_H
#define VTOPO_VIRT_CONNECTION_H

#include "base/error.h"

#include <libvirt/libvirt.h>
#include <stdbool.h>

/* Where VMs with host devices are; unless LIBVIRT_DEFAULT_URI says otherwise. */
#define CONNECTION_DEFAULT "qemu:///system"

/* @uri, or if that is NULL $LIBVIRT_DEFAULT_URI or CONNECTION_DEFAULT. */
const char *connection_uri(const char *uri);

/*
 * Waits for ever for a libvirt that takes the connection and does not answer (client.h, opening.h).
 *
 * @uri       connection_uri()
 * @ret_conn  close with virConnectClose()
 * VTOPO_ERR_FILE: no connection, or one to something else than QEMU
 */
int connection_open(const char *uri, virConnectPtr *ret_conn, struct vtopo_error **reterr);

/* Is it a libvirt of another machine?  Its /sys is not ours then.  False, too, without memory. */
bool connection_is_remote(virConnectPtr conn);

/* error_set() of VTOPO_ERR_FILE, or of VTOPO_ERR_NOMEM, with libvirt's reason behind the text. */
int connection_error(struct vtopo_error **reterr, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
