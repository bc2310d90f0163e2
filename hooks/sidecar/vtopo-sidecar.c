/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-sidecar.c - the server that KubeVirt's virt-launcher calls before it defines a domain
 *
 * Takes:  calls of gRPC on a Unix socket.
 * Gives:  rewritten domains; a log on stderr.
 * Rule:   the socket is bound last, when calls can be answered: KubeVirt calls what it finds, and a
 *         call that fails stops the guest's start.
 */
#include "../../cmd/common.h"
#include "log.h"
#include "options.h"
#include "server.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define HOOKS "/var/run/kubevirt-hooks"
#define PLUGINS "/var/run/kubevirt-plugin"
/* Larger blocks go back to the system as they are freed, and glibc does not raise that by itself.
 */
#define MMAP_THRESHOLD 131072

/* A descriptor that signals to end can be read from; -1: errno says why not. */
static int open_signals(void)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    return sigprocmask(SIG_BLOCK, &ends, NULL) ? -1
                                               : signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int open_socket(const struct options *options, struct listening *ret)
{
    struct vtopo_error *error = NULL;
    char path[sizeof(PLUGINS) + 300];
    int r, status;

    snprintf(path, sizeof(path), PLUGINS "/%.255s/vtopo.sock",
             options->plugin ? options->plugin : "");
    if (options->socket)
        r = listening_open(options->socket, ret, &error);
    else if (options->plugin)
        r = listening_open(path, ret, &error);
    else
        r = listening_open_in(options->folder ? options->folder : HOOKS, getenv("CONTAINER_NAME"),
                              ret, &error);
    if (!r)
        return STATUS_DONE;
    log_line(LOG_LEVEL_ERROR, NULL, vtopo_error_message(error));
    status = -vtopo_error_code(error);
    vtopo_error_free(error);
    return status;
}

static int serve(const struct options *options)
{
    struct listening socket;
    int signals = open_signals(), status, why;

    if (signals < 0) {
        log_printf(LOG_LEVEL_ERROR, "cannot wait for signals: %s", strerror(errno));
        return STATUS_FILE;
    }
    status = open_socket(options, &socket);
    if (status)
        return status;
    log_printf(LOG_LEVEL_INFO, "ready on %s", socket.path);
    why = server_run(&socket, signals, &options->service);
    if (why)
        log_printf(LOG_LEVEL_ERROR, "cannot wait for calls: %s", strerror(why));
    return why ? STATUS_FILE : STATUS_DONE;
}

int main(int argc, char **argv)
{
    struct options options;
    int status;

    start_program();
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
    status = options_parse(argc, argv, &options);
    if (status)
        return status;
    log_set_json(options.json);
    return serve(&options);
}
