/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.c - see client.h
 *
 * Takes:  a libvirt URI.
 * Gives:  a connection whose calls end.
 * Rule:   what a timer starts must not wait for ever, or there is one more of it each minute.  A
 *         libvirt that does not answer the keepalive messages of a connection is gone; they need
 *         an event loop, which runs in a thread of its own, because a person may be asked
 *         something for minutes while nobody is in a call.  A daemon that hangs before is not
 *         waited for longer than SECONDS_TO_OPEN (one that starts its guests first takes some), but
 *         by a person, who may be asked for a password and can end it.
 * Not here: a program that is told of events (events.c).
 */
#include "virt/client.h"

#include "virt/opening.h"
#include "virt/thread.h"

#include <errno.h>
#include <libxml/uri.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_TO_OPEN 60
#define KEEPALIVE_SECONDS 10
#define KEEPALIVE_COUNT 5 /* unanswered, and the sixth ends it */

/* Nobody is asked for a password on the way: polkit's agent and SASL ask people, too. */
static bool asks_nobody(const char *text)
{
    xmlURIPtr uri = xmlParseURI(text);
    const char *transport = uri && uri->scheme ? strchr(uri->scheme, '+') : NULL;
    bool local = uri && uri->scheme && !isatty(STDIN_FILENO) && !(uri->server && *uri->server) &&
                 (!transport || !strcmp(transport, "+unix"));

    xmlFreeURI(uri);
    return local;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_for(struct opening *opening, int64_t until)
{
    struct pollfd ended = {.fd = opening_fd(opening), .events = POLLIN};

    while (!opening_has_ended(opening)) {
        int64_t left = until - now_ms();

        if (until && left <= 0)
            return;
        if (poll(&ended, 1, until ? (int)left : -1) < 0 && errno != EINTR)
            return;
    }
}

static int open_in_time(const char *uri, virConnectPtr *ret_conn, struct vtopo_error **reterr)
{
    struct opening *opening;
    int r = opening_begin(uri, &opening, reterr);

    if (r)
        return r;
    wait_for(opening, asks_nobody(uri) ? now_ms() + SECONDS_TO_OPEN * 1000 : 0);
    if (opening_has_ended(opening))
        r = opening_take(opening, ret_conn, reterr);
    else
        r = error_set(reterr, VTOPO_ERR_FILE, "libvirt does not answer at '%s' (waited %d seconds)",
                      uri, SECONDS_TO_OPEN);
    opening_release(opening);
    return r;
}

/* --- the event loop --- */

static void *run_events(void *data)
{
    struct client *client = data;

    while (!atomic_load(&client->ends) && virEventRunDefaultImpl() >= 0)
        continue;
    return NULL;
}

/* It only ends the wait for events. */
static void on_timer(int timer, void *data)
{
    (void)data;
    virEventUpdateTimeout(timer, -1);
}

/* Once: libvirt warns of a second time. */
static bool register_events(void)
{
    static bool is_done;

    if (!is_done)
        is_done = virEventRegisterDefaultImpl() >= 0;
    return is_done;
}

static int begin_events(struct client *client, struct vtopo_error **reterr)
{
    int r;

    if (!register_events())
        return connection_error(reterr, "events cannot be waited for");
    client->timer = virEventAddTimeout(-1, on_timer, NULL, NULL);
    r = client->timer < 0 ? connection_error(reterr, "events cannot be waited for") : 0;
    return r ? r : thread_start(run_events, client, &client->thread, reterr);
}

static void end_events(struct client *client)
{
    atomic_store(&client->ends, true);
    virEventUpdateTimeout(client->timer, 0);
    pthread_join(client->thread, NULL);
    virEventRemoveTimeout(client->timer);
}

int client_open(const char *uri, struct client *ret, struct vtopo_error **reterr)
{
    int r;

    *ret = (struct client){.timer = -1};
    r = begin_events(ret, reterr);
    if (r)
        return r;
    r = open_in_time(connection_uri(uri), &ret->conn, reterr);
    if (r)
        end_events(ret);
    else /* drivers without a daemon have none */
        virConnectSetKeepAlive(ret->conn, KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
    return r;
}

void client_close(struct client *client)
{
    virConnectClose(client->conn);
    client->conn = NULL;
    end_events(client);
}
