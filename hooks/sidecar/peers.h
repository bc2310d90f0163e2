/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peers.h - the connections of a server, so many at once */
#ifndef VTOPO_SIDECAR_PEERS_H
#define VTOPO_SIDECAR_PEERS_H

#include "connection.h"

#define PEERS_MAX 16

struct peers {
    struct load load;
    struct connection items[PEERS_MAX];
    size_t count;
    uint64_t pause; /* until then no more are accepted */
};

bool peers_are_full(const struct peers *peers);
/* Is there a place for one more, also that of one that is idle? */
bool peers_have_place(const struct peers *peers, uint64_t now);
/* One from the socket @fd, which has one. */
void peers_accept(struct peers *peers, int fd, uint64_t now);
/* Sends what there is to send, and closes the connections that are done. */
void peers_write(struct peers *peers);
void peers_close(struct peers *peers);

/* The call that came first of those that @of finds, and its connection; NULL: there is none. */
struct call *peers_first_call(struct peers *peers, struct call *(*of)(const struct http2 *),
                              struct connection **ret_connection);

#endif
