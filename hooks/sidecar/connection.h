/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connection.h - a peer: its socket, and what it calls */
#ifndef VTOPO_SIDECAR_CONNECTION_H
#define VTOPO_SIDECAR_CONNECTION_H

#include "http2.h"

struct connection {
    int fd;        /* not blocking */
    bool is_lost;  /* of no use any more */
    bool is_read;  /* all that the peer will send is */
    uint64_t used; /* when it was opened, let in or answered last */
    struct http2 *http2;
    const uint8_t *rest; /* of what http2_output() gave */
    size_t rest_length;
};

/* Takes @fd over; false: out of memory, and it is closed. */
bool connection_open(struct connection *connection, int fd, uint64_t now, struct load *load);
void connection_close(struct connection *connection);

void connection_read(struct connection *connection, uint64_t now);
void connection_write(struct connection *connection);
/* What poll() is to wait for. */
short connection_events(const struct connection *connection);
/* Is it to be closed? */
bool connection_is_done(const struct connection *connection);

#endif
