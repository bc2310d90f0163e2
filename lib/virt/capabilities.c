/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capabilities.c - see capabilities.h
 *
 * Takes:  a connection.
 * Gives:  versions, and of which emulator QEMU's is.
 * Rule:   virConnectGetVersion() is of the emulator that libvirt takes for the architecture of its
 *         machine (virQEMUCapsGetDefaultVersion()), and of no other; the domain capabilities of no
 *         machine in particular say which that is.  Libvirt is never asked about an emulator that a
 *         definition names: it would run it.
 */
#include "virt/capabilities.h"

#include "base/mem.h"

#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#define XML_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)
#define XML_MAX (4U << 20)

static void format(unsigned long version, char ret[LIBVIRT_VERSION_SIZE])
{
    snprintf(ret, LIBVIRT_VERSION_SIZE, "%u.%u.%u", (unsigned)(version / 1000000 % 1000),
             (unsigned)(version / 1000 % 1000), (unsigned)(version % 1000));
}

void capabilities_libvirt(virConnectPtr conn, char ret_version[LIBVIRT_VERSION_SIZE])
{
    unsigned long version = 0;

    *ret_version = '\0';
    if (!virConnectGetLibVersion(conn, &version) && version)
        format(version, ret_version);
}

/* The text of <path> below the root; NULL: there is none. */
static char *find_path(const xmlNode *root)
{
    for (xmlNode *node = root ? root->children : NULL; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, "path"))
            return (char *)xmlNodeGetContent(node);
    }
    return NULL;
}

/* The default emulator; NULL: libvirt does not say. */
static int read_path(virConnectPtr conn, char **ret_path, struct vtopo_error **reterr)
{
    autofree char *text = virConnectGetDomainCapabilities(conn, NULL, NULL, NULL, NULL, 0);
    size_t length = text ? strlen(text) : 0;
    xmlDoc *document = NULL;
    char *path;

    *ret_path = NULL;
    if (!text && virGetLastErrorCode() == VIR_ERR_NO_MEMORY)
        return error_nomem(reterr);
    if (length && length <= XML_MAX)
        document = xmlReadMemory(text, (int)length, NULL, NULL, XML_OPTIONS);
    path = find_path(document ? xmlDocGetRootElement(document) : NULL);
    *ret_path = path ? strdup(path) : NULL;
    xmlFreeDoc(document);
    if (path && !*ret_path) {
        xmlFree(path);
        return error_nomem(reterr);
    }
    xmlFree(path);
    return 0;
}

int capabilities_qemu(virConnectPtr conn, char ret_version[LIBVIRT_VERSION_SIZE], char **ret_path,
                      struct vtopo_error **reterr)
{
    unsigned long version = 0;
    int r = read_path(conn, ret_path, reterr);

    *ret_version = '\0';
    if (!r && *ret_path && !virConnectGetVersion(conn, &version) && version)
        format(version, ret_version);
    return r;
}
