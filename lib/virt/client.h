/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client.h - libvirt, for a program that asks it some things and ends */
#ifndef VTOPO_VIRT_CLIENT_H
#define VTOPO_VIRT_CLIENT_H

#include "virt/connection.h"

#include <pthread.h>
#include <stdatomic.h>

/* Stays where it is while it is open. */
struct client {
    virConnectPtr conn;
    pthread_t thread; /* libvirt's event loop */
    int timer;
    atomic_bool ends;
};

/*
 * connection_open(), for one client of the process at a time.  A libvirt that does not answer is an
 * error after a minute, here and in calls that use @ret->conn; one on another machine, or with a
 * terminal on stdin, may take its time here, as somebody may be asked for a password.
 *
 * @ret  client_close() unless it failed
 * VTOPO_ERR_FILE, VTOPO_ERR_NOMEM
 */
int client_open(const char *uri, struct client *ret, struct vtopo_error **reterr);
void client_close(struct client *client);

#endif
