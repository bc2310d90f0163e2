/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thread.c - see thread.h
 *
 * Takes:  what it is to do.
 * Gives:  a thread.
 * Rule:   every signal is blocked there, so that one which the program has blocked for a while does
 *         not end it through the other thread.
 * Source: signal(7): a signal for the process goes to any thread that does not block it.
 * Not here: what they do (opening.c, client.c).
 */
#include "virt/thread.h"

#include <signal.h>

int thread_start(void *(*run)(void *), void *data, pthread_t *ret, struct vtopo_error **reterr)
{
    sigset_t all, before;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(ret, NULL, run, data);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r ? error_nomem(reterr) : 0;
}
