/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.c - the host as the public header gives it
 *
 * Takes:  a path and perhaps a domain; or the text of a host description.
 * Gives:  a host; and from a host a description.
 * Not here: how that looks (lib/json), what people want to see of a host (view.c).
 * Rule:   a directory is a sysfs tree, a file is a host description.  What this machine's libvirt
 *         knows of emulators, and its files of firmware, go with /sys alone.
 */
#include "vtopo/host.h"

#include "base/error.h"
#include "base/readfile.h"
#include "domxml/domxml.h"
#include "emulator/emulator.h"
#include "firmware/firmware.h"
#include "model/host.h"
#include "sysfs/sysfs.h"
#include "json/host_description.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

_Static_assert(VTOPO_HOST_PLACES == (int)HOST_PLACES && VTOPO_HOST_LINKS == (int)HOST_LINKS &&
                   VTOPO_HOST_CHECKS == (int)HOST_CHECKS &&
                   VTOPO_HOST_EMULATOR == (int)HOST_EMULATOR &&
                   VTOPO_HOST_ADDRESSES == (int)HOST_ADDRESSES,
               "the public details are the core's");

static int read_description(const char *path, struct vtopo_host *host, struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length;
    int code = read_file(path, HOST_DESCRIPTION_MAX, VTOPO_ERR_HOST, &text, &length, reterr);

    return code ? code : host_description_parse(text, length, path, host, reterr);
}

static int read_tree(const char *path, const struct domain *domain, unsigned details,
                     struct vtopo_host *host, struct vtopo_error **reterr)
{
    int r = sysfs_read(path, domain, details, host, reterr);

    host->is_live = sysfs_is_live(path);
    if (r || !host->is_live)
        return r;
    r = emulators_read_live(domain, details, host, reterr);
    return r ? r : firmwares_read_live(domain, details, host, reterr);
}

static int read_path(const char *path, const struct domain *domain, unsigned details,
                     struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct stat status;

    if (stat(path, &status))
        return error_set(reterr, VTOPO_ERR_HOST, "cannot read '%s': %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return read_tree(path, domain, details, host, reterr);
    return read_description(path, host, reterr);
}

int vtopo_host_read(const char *path, const struct vtopo_domain *domain,
                    struct vtopo_host **ret_host, struct vtopo_error **reterr)
{
    return vtopo_host_read_details(path, domain, VTOPO_HOST_PLACES, ret_host, reterr);
}

int vtopo_host_read_details(const char *path, const struct vtopo_domain *domain, unsigned details,
                            struct vtopo_host **ret_host, struct vtopo_error **reterr)
{
    struct vtopo_host *host = calloc(1, sizeof(*host));
    int code;

    if (!host)
        return error_nomem(reterr);
    /* What a plan is made from. */
    code = read_path(path, domain ? &domxml_plain(domain)->model : NULL, details, host, reterr);
    if (code) {
        vtopo_host_free(host);
        return code;
    }
    *ret_host = host;
    return 0;
}

int vtopo_host_parse(const char *text, size_t length, const char *name,
                     struct vtopo_host **ret_host, struct vtopo_error **reterr)
{
    struct vtopo_host *host = calloc(1, sizeof(*host));
    int code = host ? 0 : error_nomem(reterr);

    if (!code)
        code = host_description_parse(text, length, name, host, reterr);
    if (code) {
        vtopo_host_free(host);
        return code;
    }
    *ret_host = host;
    return 0;
}

int vtopo_host_format(const struct vtopo_host *host, char **ret_text, struct vtopo_error **reterr)
{
    return host_description_format(host, ret_text, reterr);
}

void vtopo_host_free(struct vtopo_host *host)
{
    if (host)
        host_clear(host);
    free(host);
}
