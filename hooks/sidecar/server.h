/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server.h - the one loop: signals, connections, calls */
#ifndef VTOPO_SIDECAR_SERVER_H
#define VTOPO_SIDECAR_SERVER_H

#include "service.h"
#include "socket.h"

/*
 * Serves until a signal (@signals: a signalfd) or a call ends it; then @socket is closed and
 * removed, and the calls that are there are answered, within a second.
 *
 * Returns 0 or an errno.
 */
int server_run(struct listening *socket, int signals, const struct service *service);

#endif
