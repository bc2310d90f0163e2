/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.c - see events.h
 *
 * Takes:  a connection.
 * Gives:  calls for what happens.
 * Rule:   a libvirt that does not answer for KEEPALIVE_SECONDS * KEEPALIVE_COUNT is gone: whoever
 *         waits for it would wait for ever.
 * Not here: what is done about it (cmd/vtopod_vm.c), connecting again (cmd/vtopod.c).
 */
#include "virt/events.h"

#include <libvirt/virterror.h>
#include <stddef.h>

#define KEEPALIVE_SECONDS 5
#define KEEPALIVE_COUNT 6

static enum vm_event event_of(int event, int detail)
{
    switch (event) {
    case VIR_DOMAIN_EVENT_DEFINED:
        return detail == VIR_DOMAIN_EVENT_DEFINED_ADDED ? VM_EVENT_ADDED : VM_EVENT_DEFINED;
    case VIR_DOMAIN_EVENT_UNDEFINED:
        return detail == VIR_DOMAIN_EVENT_UNDEFINED_RENAMED ? VM_EVENT_OTHER : VM_EVENT_UNDEFINED;
    case VIR_DOMAIN_EVENT_STOPPED:
        return VM_EVENT_STOPPED;
    default:
        return VM_EVENT_OTHER;
    }
}

static void report(struct event_source *source, virDomainPtr domain, enum vm_event event)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (!virDomainGetUUIDString(domain, uuid))
        source->handlers->event(source->handlers->data, uuid, event);
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr domain, int event, int detail,
                        void *opaque)
{
    (void)conn;
    report(opaque, domain, event_of(event, detail));
    return 0;
}

static void on_metadata(virConnectPtr conn, virDomainPtr domain, int type, const char *uri,
                        void *opaque)
{
    (void)conn;
    (void)type;
    (void)uri;
    report(opaque, domain, VM_EVENT_DEFINED);
}

static void on_close(virConnectPtr conn, int reason, void *opaque)
{
    const struct event_source *source = opaque;

    (void)conn;
    (void)reason;
    source->handlers->closed(source->handlers->data);
}

int events_begin(virConnectPtr conn, const struct event_handlers *handlers,
                 struct event_source *ret, struct vtopo_error **reterr)
{
    *ret = (struct event_source){conn, handlers, -1, -1};
    if (virConnectRegisterCloseCallback(conn, on_close, ret, NULL) < 0 ||
        virConnectSetKeepAlive(conn, KEEPALIVE_SECONDS, KEEPALIVE_COUNT) < 0)
        return connection_error(reterr, "libvirt does not say when it goes away");
    ret->lifecycle =
        virConnectDomainEventRegisterAny(conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), ret, NULL);
    ret->metadata =
        virConnectDomainEventRegisterAny(conn, NULL, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                                         VIR_DOMAIN_EVENT_CALLBACK(on_metadata), ret, NULL);
    if (ret->lifecycle < 0 || ret->metadata < 0)
        return connection_error(reterr, "libvirt does not say what becomes of its VMs");
    return 0;
}

void events_end(struct event_source *source)
{
    if (source->lifecycle >= 0)
        virConnectDomainEventDeregisterAny(source->conn, source->lifecycle);
    if (source->metadata >= 0)
        virConnectDomainEventDeregisterAny(source->conn, source->metadata);
    virConnectUnregisterCloseCallback(source->conn, on_close);
    source->lifecycle = source->metadata = -1;
}
