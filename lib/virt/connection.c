/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connection.c - see connection.h
 *
 * Takes:  a libvirt URI.
 * Gives:  a connection; errors with libvirt's own words.
 * Rule:   libvirt prints nothing: what it says is in the error.
 * Not here: what is done with domains (definition.c).
 */
#include "virt/connection.h"

#include "base/mem.h"

#include <libvirt/virterror.h>
#include <libxml/uri.h>
#include <stdarg.h>
#include <string.h>

static void ignore_error(void *data, virErrorPtr error)
{
    (void)data;
    (void)error;
}

int connection_error(struct vtopo_error **reterr, const char *format, ...)
{
    const virError *why = virGetLastError();
    autofree char *what = NULL;
    va_list ap;

    va_start(ap, format);
    what = mem_vprintf(format, ap);
    va_end(ap);
    if (!what || (why && why->code == VIR_ERR_NO_MEMORY))
        return error_nomem(reterr);
    return error_set(reterr, VTOPO_ERR_FILE, "%s: libvirt says: %s", what,
                     why && why->message ? why->message : "no reason");
}

static int check_driver(virConnectPtr conn, struct vtopo_error **reterr)
{
    const char *type = virConnectGetType(conn);

    if (!type)
        return connection_error(reterr, "what libvirt manages cannot be read");
    if (strcmp(type, "QEMU"))
        return error_set(reterr, VTOPO_ERR_FILE, "libvirt manages %s there, not QEMU", type);
    return 0;
}

const char *connection_uri(const char *uri)
{
    const char *word = getenv("LIBVIRT_DEFAULT_URI");

    if (uri)
        return uri;
    return word && *word ? word : CONNECTION_DEFAULT;
}

int connection_open(const char *uri, virConnectPtr *ret_conn, struct vtopo_error **reterr)
{
    virConnectPtr conn;
    int r;

    uri = connection_uri(uri);
    virSetErrorFunc(NULL, ignore_error);
    conn = virConnectOpenAuth(uri, virConnectAuthPtrDefault, 0);
    if (!conn)
        return connection_error(reterr, "cannot connect to '%s'", uri);
    r = check_driver(conn, reterr);
    if (r) {
        virConnectClose(conn);
        return r;
    }
    *ret_conn = conn;
    return 0;
}

bool connection_is_remote(virConnectPtr conn)
{
    autofree char *text = virConnectGetURI(conn);
    xmlURIPtr uri = text ? xmlParseURI(text) : NULL;
    bool remote = uri && uri->server && *uri->server;

    xmlFreeURI(uri);
    return remote;
}
