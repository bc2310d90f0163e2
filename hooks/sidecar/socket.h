/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket.h - the socket that KubeVirt finds */
#ifndef VTOPO_SIDECAR_SOCKET_H
#define VTOPO_SIDECAR_SOCKET_H

#include "vtopo/error.h"

#include <sys/stat.h>

struct listening {
    int fd;           /* -1: closed */
    char path[108];   /* what struct sockaddr_un takes */
    struct stat file; /* the socket's, to know it again */
};

/* Binds @path.  A socket that is there goes if nobody listens on it, and nothing else does. */
int listening_open(const char *path, struct listening *ret, struct vtopo_error **reterr);

/*
 * Binds a name in @folder that no other sidecar has: "vtopo-CONTAINER-RANDOM.sock".
 *
 * One that an earlier run of the same container left is taken over: KubeVirt goes on calling the
 * name that once answered.  @container NULL: it is not in the name.
 */
int listening_open_in(const char *folder, const char *container, struct listening *ret,
                      struct vtopo_error **reterr);

/* Removes the file, if it still is the one that was bound. */
void listening_close(struct listening *listening);

#endif
