/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock.h - is vtopod there?  It says so with locks, which end with it however it ends */
#ifndef VTOPO_STATE_LOCK_H
#define VTOPO_STATE_LOCK_H

#include "base/error.h"

#include <stdbool.h>

enum lock {
    LOCK_RUNS,    /* a vtopod runs */
    LOCK_WATCHES, /* it is connected to libvirt, and knows its VMs */
};

/*
 * The file of the locks in a folder, which is made if it is not there.
 *
 * @ret_fd  close it to give all locks back
 */
int lock_open(const char *folder, int *ret_fd, struct vtopo_error **reterr);
/* False: another process has it, or it cannot be had. */
bool lock_take(int fd, enum lock lock);
void lock_give(int fd, enum lock lock);

/* Does a process have it?  Takes nothing.  No file of locks: nobody has. */
int lock_is_held(const char *folder, enum lock lock, bool *ret_held, struct vtopo_error **reterr);

#endif
