/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool.h - which definitions vtopod has rewritten, so that it rewrites none twice
 *
 * It holds UUIDs of VMs and digests of definitions, and nothing of what is in them.
 */
#ifndef VTOPO_STATE_SPOOL_H
#define VTOPO_STATE_SPOOL_H

#include "base/digest.h"
#include "base/error.h"

#include <stdbool.h>

#define SPOOL_FOLDER "/var/lib/vtopo/spool"
/* Of each VM: the oldest goes then. */
#define SPOOL_DEFINITIONS 64
/* So often a rewrite is begun that a kill, or the end of libvirt, has kept from being finished. */
#define SPOOL_TRIES 3

/* What is known of one definition. */
struct spooled {
    bool done;      /* it was rewritten, or libvirt took no other in its place */
    unsigned tries; /* that were begun and not finished */
};

/*
 * In all of them:
 *
 * @folder  its path
 * @uuid    of the VM, as libvirt prints it
 * @digest  of the definition (base/digest.h)
 * VTOPO_ERR_FILE: it cannot be read or written, or others than its owner can get at it
 */
int spool_find(const char *folder, const char *uuid, const char *digest, struct spooled *ret,
               struct vtopo_error **reterr);
/* One try more: it is on the disk when this returns, and the folder is made if it is not there. */
int spool_begin(const char *folder, const char *uuid, const char *digest,
                struct vtopo_error **reterr);
/* Done: rewritten, or never to be. */
int spool_finish(const char *folder, const char *uuid, const char *digest,
                 struct vtopo_error **reterr);
/* Nothing was done: one try less. */
int spool_cancel(const char *folder, const char *uuid, const char *digest,
                 struct vtopo_error **reterr);

/* The VM is as it is to be: what was begun and not finished was done. */
int spool_settle(const char *folder, const char *uuid, struct vtopo_error **reterr);

/* Forgets all VMs that @is_known does not know. */
int spool_keep_only(const char *folder, bool (*is_known)(const void *data, const char *uuid),
                    const void *data, struct vtopo_error **reterr);

#endif
