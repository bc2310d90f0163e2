/* SPDX-License-Identifier: GPL-2.0-or-later */
/* thread.h - a thread that signals do not reach */
#ifndef VTOPO_VIRT_THREAD_H
#define VTOPO_VIRT_THREAD_H

#include "base/error.h"

#include <pthread.h>

/*
 * @ret  to be joined or detached
 * VTOPO_ERR_NOMEM: the system has no room for one more
 */
int thread_start(void *(*run)(void *), void *data, pthread_t *ret, struct vtopo_error **reterr);

#endif
