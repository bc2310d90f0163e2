/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connection.c - see connection.h
 *
 * Takes:  a socket.
 * Gives:  what comes from it to http2.c, and what that gives to the socket.
 * Rule:   nothing waits here: neither for a peer that sends slowly nor for one that does not read.
 */
#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

bool connection_open(struct connection *connection, int fd, uint64_t now, struct load *load)
{
    *connection = (struct connection){.fd = fd, .used = now, .http2 = http2_new(load)};
    if (!connection->http2)
        close(fd);
    return connection->http2 != NULL;
}

void connection_close(struct connection *connection)
{
    http2_free(connection->http2);
    close(connection->fd);
    *connection = (struct connection){.fd = -1};
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

void connection_read(struct connection *connection, uint64_t now)
{
    uint8_t bytes[16384];
    ssize_t n = recv(connection->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (n > 0) {
        connection->is_lost = !http2_receive(connection->http2, now, bytes, (size_t)n);
    } else if (n == 0) {
        connection->is_read = true;
    } else if (!would_block()) {
        connection->is_lost = true;
    }
}

/* false: there is nothing to send now. */
static bool has_output(struct connection *connection)
{
    ptrdiff_t length = 0;

    if (!connection->rest_length) {
        length = http2_output(connection->http2, &connection->rest);
        connection->is_lost = connection->is_lost || length < 0;
        connection->rest_length = length > 0 ? (size_t)length : 0;
    }
    return connection->rest_length > 0;
}

void connection_write(struct connection *connection)
{
    while (has_output(connection)) {
        ssize_t n = send(connection->fd, connection->rest, connection->rest_length,
                         MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0) {
            connection->is_lost = connection->is_lost || !would_block();
            return;
        }
        connection->rest += n;
        connection->rest_length -= (size_t)n;
    }
}

short connection_events(const struct connection *connection)
{
    return (short)((connection->is_read ? 0 : POLLIN) | (connection->rest_length ? POLLOUT : 0));
}

bool connection_is_done(const struct connection *connection)
{
    bool is_idle = !connection->rest_length && !http2_has_calls(connection->http2);

    return connection->is_lost || (connection->is_read && is_idle) ||
           (!connection->rest_length && http2_is_done(connection->http2));
}
