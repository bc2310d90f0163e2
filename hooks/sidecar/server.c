/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.c - see server.h
 *
 * Takes:  a listening socket, a signalfd.
 * Gives:  turns: to signals and connections first, then to one call, the one that came first.
 * Rule:   one thread, which waits in poll() only.  Memory has limits: so many connections
 *         (peers.h), messages of so many bytes (call.h); what is over that waits.
 */
#include "server.h"

#include "log.h"
#include "peers.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000u
/* Behind the wish to end: messages that are not there yet are refused; nothing is waited for. */
#define END_REFUSE (500u * MS)
#define END_STOP (900u * MS)
/* So often it is looked for a place where there is none. */
#define FULL_PAUSE (250u * MS)
/* Memory that a call of so many bytes used goes back to the system at once. */
#define TRIM_BYTES 65536

struct server {
    struct listening *socket;
    int signals;
    const struct service *service;
    struct peers peers;
    uint64_t ends; /* when the wish to end came; 0: not yet */
};

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 * MS + (uint64_t)time.tv_nsec;
}

static void begin_end(struct server *server)
{
    if (server->ends)
        return;
    server->ends = now();
    listening_close(server->socket);
    for (size_t i = 0; i < server->peers.count; i++) {
        struct connection *connection = &server->peers.items[i];

        connection->is_lost = !http2_end(connection->http2) || connection->is_lost;
    }
}

static void read_signal(struct server *server)
{
    struct signalfd_siginfo info;

    if (read(server->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    log_line(LOG_LEVEL_INFO, NULL, "a signal asks to end");
    begin_end(server);
}

static void let_in(struct server *server)
{
    struct connection *connection = NULL;
    struct call *call;

    while ((call = peers_first_call(&server->peers, http2_waiting, &connection)) &&
           call_let_in(call)) {
        connection->used = now();
        connection->is_lost = !http2_let_in(connection->http2, call) || connection->is_lost;
    }
}

static void run_one(struct server *server)
{
    struct connection *connection = NULL;
    struct call *call = peers_first_call(&server->peers, http2_ready, &connection);
    bool is_large = call && call->room > TRIM_BYTES;

    if (!call)
        return;
    connection->is_lost =
        !http2_run(connection->http2, call, server->service) || connection->is_lost;
    connection->used = now();
    if (call->reply.ends)
        begin_end(server);
    if (is_large)
        malloc_trim(0);
}

static void refuse_late(struct server *server)
{
    uint64_t time = now();
    bool all = server->ends && time >= server->ends + END_REFUSE;

    for (size_t i = 0; i < server->peers.count; i++) {
        struct connection *connection = &server->peers.items[i];
        bool done =
            all ? http2_refuse(connection->http2, UINT64_MAX, GRPC_UNAVAILABLE, "the sidecar ends")
                : http2_refuse(connection->http2, time, GRPC_DEADLINE_EXCEEDED,
                               "the call took longer than its caller waits");

        connection->is_lost = connection->is_lost || !done;
    }
}

/* How long there is nothing to do, in milliseconds; -1: until something comes. */
static int timeout(struct server *server)
{
    uint64_t first = UINT64_MAX, time = now();
    struct connection *connection;

    if (peers_first_call(&server->peers, http2_ready, &connection))
        return 0;
    for (size_t i = 0; i < server->peers.count; i++) {
        uint64_t deadline = http2_deadline(server->peers.items[i].http2);

        first = deadline < first ? deadline : first;
    }
    if (!server->ends && !peers_have_place(&server->peers, time))
        first = time + FULL_PAUSE < first ? time + FULL_PAUSE : first;
    if (server->ends) {
        uint64_t step = server->ends + (time < server->ends + END_REFUSE ? END_REFUSE : END_STOP);

        first = step < first ? step : first;
    }
    if (first == UINT64_MAX)
        return -1;
    return first <= time ? 0 : (int)((first - time) / MS) + 1;
}

/* 0, or an errno. */
static int wait_for_peers(struct server *server)
{
    struct pollfd fds[2 + PEERS_MAX] = {{.fd = server->signals, .events = POLLIN},
                                        {.fd = -1, .events = POLLIN}};
    size_t count = server->peers.count;

    if (!server->ends && peers_have_place(&server->peers, now()))
        fds[1].fd = server->socket->fd;
    for (size_t i = 0; i < count; i++)
        fds[2 + i] = (struct pollfd){.fd = server->peers.items[i].fd,
                                     .events = connection_events(&server->peers.items[i])};
    if (poll(fds, 2 + count, timeout(server)) < 0)
        return errno == EINTR ? 0 : errno;
    for (size_t i = 0; i < count; i++) {
        if (fds[2 + i].revents & (POLLIN | POLLHUP | POLLERR))
            connection_read(&server->peers.items[i], now());
    }
    if (fds[0].revents)
        read_signal(server);
    if (fds[1].revents && !server->ends)
        peers_accept(&server->peers, server->socket->fd, now());
    return 0;
}

static bool has_ended(const struct server *server)
{
    return server->ends && (!server->peers.count || now() >= server->ends + END_STOP);
}

int server_run(struct listening *socket, int signals, const struct service *service)
{
    struct server server = {.socket = socket, .signals = signals, .service = service};
    int why = 0;

    while (!why && !has_ended(&server)) {
        why = wait_for_peers(&server);
        if (!server.ends)
            let_in(&server);
        refuse_late(&server);
        run_one(&server);
        peers_write(&server.peers);
    }
    peers_close(&server.peers);
    listening_close(socket);
    return why;
}
