/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket_name.h - which name a socket gets in a folder, and whether somebody listens on one */
#ifndef VTOPO_SIDECAR_SOCKET_NAME_H
#define VTOPO_SIDECAR_SOCKET_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

int socket_new(void); /* as socket(); not blocking */
struct sockaddr_un socket_address(const char *path);
/* Does nobody listen on the socket that is there? */
bool socket_is_dead(const char *path);

/*
 * Writes the path to bind in @folder, which the caller has locked (socket.h, listening_open_in()).
 * Dead sockets of earlier runs besides the one that is to be taken over are removed.
 *
 * False: it has more than @size bytes.
 */
bool socket_name(const char *folder, const char *container, char *ret_path, size_t size);

#endif
