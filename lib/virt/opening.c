/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opening.c - see opening.h
 *
 * Takes:  a libvirt URI.
 * Gives:  a connection, some time.
 * Rule:   libvirt's own call waits for ever for a libvirt that takes the connection and does not
 *         answer, and nothing but the end of the program ends it: so it has a thread.
 * Not here: how long is waited for it (client.c, cmd/vtopod.c).
 */
#include "virt/opening.h"

#include "base/mem.h"
#include "virt/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct opening {
    char *uri;
    atomic_int users; /* who began it, and the thread */
    atomic_bool ended;
    int fd;
    int r;
    virConnectPtr conn;
    struct vtopo_error *error;
};

void opening_release(struct opening *opening)
{
    if (!opening || atomic_fetch_sub(&opening->users, 1) > 1)
        return;
    if (opening->conn)
        virConnectClose(opening->conn);
    vtopo_error_free(opening->error);
    if (opening->fd >= 0)
        close(opening->fd);
    free(opening->uri);
    free(opening);
}

static void *open_it(void *data)
{
    struct opening *opening = data;

    opening->r = connection_open(opening->uri, &opening->conn, &opening->error);
    atomic_store(&opening->ended, true);
    eventfd_write(opening->fd, 1);
    opening_release(opening);
    return NULL;
}

int opening_begin(const char *uri, struct opening **ret, struct vtopo_error **reterr)
{
    struct opening *opening = calloc(1, sizeof(*opening));
    pthread_t thread;
    int r;

    if (!opening)
        return error_nomem(reterr);
    opening->users = 1;
    opening->fd = eventfd(0, EFD_CLOEXEC);
    opening->uri = uri ? strdup(uri) : NULL;
    if (opening->fd < 0)
        r = error_set(reterr, VTOPO_ERR_FILE, "libvirt cannot be waited for: %s", strerror(errno));
    else
        r = uri && !opening->uri ? error_nomem(reterr) : 0;
    if (!r) {
        opening->users = 2;
        r = thread_start(open_it, opening, &thread, reterr);
        if (r)
            opening->users = 1;
    }
    if (r) {
        opening_release(opening);
        return r;
    }
    pthread_detach(thread);
    *ret = opening;
    return 0;
}

int opening_fd(const struct opening *opening)
{
    return opening->fd;
}

bool opening_has_ended(struct opening *opening)
{
    return atomic_load(&opening->ended);
}

int opening_take(struct opening *opening, virConnectPtr *ret_conn, struct vtopo_error **reterr)
{
    *ret_conn = steal(opening->conn);
    if (reterr && !*reterr)
        *reterr = steal(opening->error);
    return opening->r;
}
