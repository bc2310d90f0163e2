/* SPDX-License-Identifier: GPL-2.0-or-later */
/* opening.h - a connection to libvirt that is being opened, while the program can do other things
 */
#ifndef VTOPO_VIRT_OPENING_H
#define VTOPO_VIRT_OPENING_H

#include "virt/connection.h"

struct opening;

/*
 * Begins connection_open() of a copy of @uri in a thread of its own.
 *
 * @ret  release with opening_release()
 */
int opening_begin(const char *uri, struct opening **ret, struct vtopo_error **reterr);

/* Can be read from when it has ended; owned by @opening. */
int opening_fd(const struct opening *opening);
bool opening_has_ended(struct opening *opening);

/* Once, after it has ended: what connection_open() gave, @ret_conn and @reterr with it. */
int opening_take(struct opening *opening, virConnectPtr *ret_conn, struct vtopo_error **reterr);

/* Also before it has ended: the thread then closes what it opens.  NULL: nothing is done. */
void opening_release(struct opening *opening);

#endif
