/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vtopod_vms.h - the VMs that vtopod knows, and which are to be looked at when */
#ifndef VTOPO_CMD_VTOPOD_VMS_H
#define VTOPO_CMD_VTOPOD_VMS_H

#include "base/digest.h"
#include "base/mem.h"
#include "pace.h"

#include <libvirt/libvirt.h>

struct watched {
    char uuid[VIR_UUID_STRING_BUFLEN];
    bool due;
    int64_t at; /* not before, if it is due */
    struct pace pace;
    char said[DIGEST_LENGTH + 1]; /* the digest of what was said of it last */
    /* We have defined it, and libvirt has not told of that yet; others have undefined it since. */
    bool replaced, undefined;
};

struct watched_vms {
    struct watched *items;
    size_t count, cap;
};

/* Added if it is not there.  NULL: out of memory.  Lives until the next one is added or removed. */
struct watched *watched_get(struct watched_vms *vms, const char *uuid);
void watched_remove(struct watched_vms *vms, struct watched *vm);
/* The one that is to be looked at first, at @now; NULL: none is. */
struct watched *watched_next(struct watched_vms *vms, int64_t now);
/* Milliseconds until that is another one; -1: none will be. */
int watched_wait(const struct watched_vms *vms, int64_t now);
/* It is to be looked at then. */
void watched_later(struct watched *vm, int64_t at);
/* All of them, now. */
void watched_all(struct watched_vms *vms);
void watched_clear(struct watched_vms *vms);

#endif
