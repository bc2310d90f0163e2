/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.c - see server.h
 *
 * Takes:  a listening socket, a signalfd.
 * Gives:  turns: to signals and connections first, then to one call, the one that came first.
 * Rule:   one thread, which waits in poll() only.  Memory has limits: so many connections, and
 *         messages of so many bytes (call.h); what is over that waits.
 */
#include "server.h"

#include "connection.h"
#include "log.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16
#define MS 1000000u
/* Behind the wish to end: messages that are not there yet are refused; nothing is waited for. */
#define END_REFUSE (500u * MS)
#define END_STOP (900u * MS)
/* A connection that has had no call for so long makes place for another one, if need be. */
#define IDLE_MIN (1000u * MS)
/* Memory that a call of so many bytes used goes back to the system at once. */
#define TRIM_BYTES 65536

struct server {
    struct listening *socket;
    int signals;
    const struct service *service;
    struct load load;
    struct connection connections[CONNECTIONS_MAX];
    size_t count;
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
    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection = &server->connections[i];

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

static void close_at(struct server *server, size_t at)
{
    connection_close(&server->connections[at]);
    server->connections[at] = server->connections[--server->count];
}

/* The connection that has been idle longest, and long enough to make place; server->count: none. */
static size_t longest_idle(const struct server *server)
{
    uint64_t time = now();
    size_t longest = server->count;

    for (size_t i = 0; i < server->count; i++) {
        const struct connection *connection = &server->connections[i];

        if (!http2_has_calls(connection->http2) && connection->used + IDLE_MIN < time &&
            (longest == server->count || connection->used < server->connections[longest].used))
            longest = i;
    }
    return longest;
}

static bool is_full(const struct server *server)
{
    return server->count == CONNECTIONS_MAX;
}

static bool has_place(const struct server *server)
{
    return !is_full(server) || longest_idle(server) < server->count;
}

/* The peer is told: its next call goes to another connection. */
static void make_place(struct server *server)
{
    size_t idle = longest_idle(server);

    if (!is_full(server) || idle == server->count)
        return;
    if (http2_end(server->connections[idle].http2))
        connection_write(&server->connections[idle]);
    close_at(server, idle);
}

static void accept_one(struct server *server)
{
    int fd = accept4(server->socket->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    make_place(server);
    if (is_full(server))
        close(fd);
    else if (connection_open(&server->connections[server->count], fd, now(), &server->load))
        server->count++;
}

/* The call that came first of those that are in the state that @of looks for. */
static struct call *first_call(struct server *server, struct call *(*of)(const struct http2 *),
                               struct connection **ret_connection)
{
    struct call *first = NULL;

    for (size_t i = 0; i < server->count; i++) {
        struct call *call =
            server->connections[i].is_lost ? NULL : of(server->connections[i].http2);

        if (call && (!first || call->number < first->number)) {
            first = call;
            *ret_connection = &server->connections[i];
        }
    }
    return first;
}

static void let_in(struct server *server)
{
    struct connection *connection = NULL;
    struct call *call;

    while ((call = first_call(server, http2_waiting, &connection)) && call_let_in(call))
        connection->is_lost = !http2_let_in(connection->http2, call) || connection->is_lost;
}

static void run_one(struct server *server)
{
    struct connection *connection = NULL;
    struct call *call = first_call(server, http2_ready, &connection);
    bool is_large = call && call->room > TRIM_BYTES;

    if (!call)
        return;
    connection->is_lost =
        !http2_run(connection->http2, call, server->service) || connection->is_lost;
    if (call->reply.ends)
        begin_end(server);
    if (is_large)
        malloc_trim(0);
}

static void refuse_late(struct server *server)
{
    uint64_t time = now();
    bool all = server->ends && time >= server->ends + END_REFUSE;

    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection = &server->connections[i];
        bool done =
            all ? http2_refuse(connection->http2, UINT64_MAX, GRPC_UNAVAILABLE, "the sidecar ends")
                : http2_refuse(connection->http2, time, GRPC_DEADLINE_EXCEEDED,
                               "the call took longer than its caller waits");

        connection->is_lost = connection->is_lost || !done;
    }
}

static void write_all_connections(struct server *server)
{
    for (size_t i = server->count; i-- > 0;) {
        if (!server->connections[i].is_lost)
            connection_write(&server->connections[i]);
        if (connection_is_done(&server->connections[i]))
            close_at(server, i);
    }
}

/* How long there is nothing to do, in milliseconds; -1: until something comes. */
static int timeout(struct server *server)
{
    uint64_t first = UINT64_MAX, time = now();
    struct connection *connection;

    if (first_call(server, http2_ready, &connection))
        return 0;
    for (size_t i = 0; i < server->count; i++) {
        uint64_t deadline = http2_deadline(server->connections[i].http2);

        first = deadline < first ? deadline : first;
    }
    if (is_full(server))
        first = time + IDLE_MIN / 4 < first ? time + IDLE_MIN / 4 : first;
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
    struct pollfd fds[2 + CONNECTIONS_MAX] = {{.fd = server->signals, .events = POLLIN},
                                              {.fd = -1, .events = POLLIN}};
    size_t count = server->count;

    if (!server->ends && has_place(server))
        fds[1].fd = server->socket->fd;
    for (size_t i = 0; i < count; i++)
        fds[2 + i] = (struct pollfd){.fd = server->connections[i].fd,
                                     .events = connection_events(&server->connections[i])};
    if (poll(fds, 2 + count, timeout(server)) < 0)
        return errno == EINTR ? 0 : errno;
    for (size_t i = 0; i < count; i++) {
        if (fds[2 + i].revents & (POLLIN | POLLHUP | POLLERR))
            connection_read(&server->connections[i], now());
    }
    if (fds[0].revents)
        read_signal(server);
    if (fds[1].revents && !server->ends)
        accept_one(server);
    return 0;
}

static bool has_ended(const struct server *server)
{
    return server->ends && (!server->count || now() >= server->ends + END_STOP);
}

int server_run(struct listening *socket, int signals, const struct service *service)
{
    struct server server = {.socket = socket, .signals = signals, .service = service};
    int why = 0;

    while (!why && !has_ended(&server)) {
        why = wait_for_peers(&server);
        let_in(&server);
        refuse_late(&server);
        run_one(&server);
        write_all_connections(&server);
    }
    while (server.count)
        close_at(&server, server.count - 1);
    listening_close(socket);
    return why;
}
