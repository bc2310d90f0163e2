/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - a libvirt that tells what becomes of its VMs, and that it is gone */
#ifndef VTOPO_VIRT_EVENTS_H
#define VTOPO_VIRT_EVENTS_H

#include "virt/connection.h"

enum vm_event {
    VM_EVENT_ADDED,     /* it is defined, and was not before */
    VM_EVENT_DEFINED,   /* its definition, or the metadata in it, is another one */
    VM_EVENT_UNDEFINED, /* it has no definition any more */
    VM_EVENT_STOPPED,   /* its guest does not run any more */
    VM_EVENT_OTHER,     /* its guest runs now, say */
};

struct event_handlers {
    void (*event)(void *data, const char *uuid, enum vm_event event);
    void (*closed)(void *data);
    void *data;
};

struct event_source {
    virConnectPtr conn;
    const struct event_handlers *handlers;
    int lifecycle, metadata; /* -1: not asked for */
};

/*
 * An event loop is registered (virEventRegisterDefaultImpl()) before @conn is opened.  The handlers
 * are called by it; they must not talk to libvirt.
 *
 * @handlers  have to outlive @ret
 * @ret       events_end() before @conn is closed, also after a failure
 */
int events_begin(virConnectPtr conn, const struct event_handlers *handlers,
                 struct event_source *ret, struct vtopo_error **reterr);
void events_end(struct event_source *source);

#endif
