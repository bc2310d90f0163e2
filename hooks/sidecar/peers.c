/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peers.c - see peers.h
 *
 * Takes:  a listening socket.
 * Gives:  connections.
 * Rule:   nobody keeps others out by being there: a connection makes place unless it waits for this
 *         server. One that sends, but no whole message, or takes no answer, does not wait for it.
 */
#include "peers.h"

#include <sys/socket.h>
#include <unistd.h>

/* A connection that got nothing done for so long makes place for another one, if need be: KubeVirt
 * gives Info a second in all, and opens a connection for each call. */
#define IDLE_MIN 1000000000u

static void close_at(struct peers *peers, size_t at)
{
    connection_close(&peers->items[at]);
    peers->items[at] = peers->items[--peers->count];
}
/* Behind a peer that could not be accepted: it is still waiting, and poll() would say so at once.
 */
#define ACCEPT_PAUSE 200000000u

/* The connection that has been idle longest, and long enough to make place; peers->count: none. */
static size_t longest_idle(const struct peers *peers, uint64_t now)
{
    size_t longest = peers->count;

    for (size_t i = 0; i < peers->count; i++) {
        const struct connection *connection = &peers->items[i];

        if (!http2_is_busy(connection->http2) && connection->used + IDLE_MIN < now &&
            (longest == peers->count || connection->used < peers->items[longest].used))
            longest = i;
    }
    return longest;
}

bool peers_are_full(const struct peers *peers)
{
    return peers->count == PEERS_MAX;
}

bool peers_have_place(const struct peers *peers, uint64_t now)
{
    return now >= peers->pause &&
           (!peers_are_full(peers) || longest_idle(peers, now) < peers->count);
}

/* The peer is told: its next call goes to another connection. */
static void make_place(struct peers *peers, uint64_t now)
{
    size_t idle = longest_idle(peers, now);

    if (!peers_are_full(peers) || idle == peers->count)
        return;
    if (http2_end(peers->items[idle].http2))
        connection_write(&peers->items[idle]);
    close_at(peers, idle);
}

void peers_accept(struct peers *peers, int fd, uint64_t now)
{
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (peer < 0) { /* no descriptor or no memory, or it has gone already */
        peers->pause = now + ACCEPT_PAUSE;
        return;
    }
    make_place(peers, now);
    if (peers_are_full(peers))
        close(peer);
    else if (connection_open(&peers->items[peers->count], peer, now, &peers->load))
        peers->count++;
}

void peers_write(struct peers *peers)
{
    for (size_t i = peers->count; i-- > 0;) {
        if (!peers->items[i].is_lost)
            connection_write(&peers->items[i]);
        if (connection_is_done(&peers->items[i]))
            close_at(peers, i);
    }
}

void peers_close(struct peers *peers)
{
    while (peers->count)
        close_at(peers, peers->count - 1);
}

struct call *peers_first_call(struct peers *peers, struct call *(*of)(const struct http2 *),
                              struct connection **ret_connection)
{
    struct call *first = NULL;

    for (size_t i = 0; i < peers->count; i++) {
        struct call *call = peers->items[i].is_lost ? NULL : of(peers->items[i].http2);

        if (call && (!first || call->number < first->number)) {
            first = call;
            *ret_connection = &peers->items[i];
        }
    }
    return first;
}
