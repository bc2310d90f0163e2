/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.c - the host as the public header gives it
 *
 * Takes:  a path and perhaps a domain.
 * Gives:  a host; and from a host a description, a drawing, a list.
 * Rule:   a directory is a sysfs tree, a file is a host description.
 */
#include "vtopo/host.h"

#include "core/error.h"
#include "core/host.h"
#include "domxml/domxml.h"
#include "json/host_description.h"
#include "sysfs/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_read(const char *path, struct vtopo_error **reterr)
{
    if (errno == ENOMEM)
        return error_nomem(reterr);
    return error_set(reterr, VTOPO_ERR_HOST, "cannot read '%s': %s", path, strerror(errno));
}

/* Reads up to one byte more than a description may have; the parser then says that it is too large. */
static int read_all(int fd, const char *path, char **ret_text, size_t *ret_length,
                    struct vtopo_error **reterr)
{
    size_t used = 0, size = 0;
    autofree char *text = NULL;
    ssize_t n;

    do {
        if (used == size) {
            char *grown = realloc(text, size ? size * 2 : 65536);

            if (!grown)
                return error_nomem(reterr);
            text = grown;
            size = size ? size * 2 : 65536;
        }
        n = read(fd, text + used, size - used);
        if (n < 0 && errno != EINTR)
            return cannot_read(path, reterr);
        if (n > 0)
            used += (size_t)n;
    } while (n && used <= HOST_DESCRIPTION_MAX);
    *ret_text = steal(text);
    *ret_length = used;
    return 0;
}

static int read_description(int fd, const char *path, struct vtopo_host *host,
                            struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length;
    int code = read_all(fd, path, &text, &length, reterr);

    return code ? code : host_description_parse(text, length, path, host, reterr);
}

static int read_path(const char *path, const struct domain *domain, struct vtopo_host *host,
                     struct vtopo_error **reterr)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int code;

    if (fd < 0)
        return cannot_read(path, reterr);
    if (fstat(fd, &status))
        code = cannot_read(path, reterr);
    else if (S_ISDIR(status.st_mode))
        code = sysfs_read(path, domain, host, reterr);
    else
        code = read_description(fd, path, host, reterr);
    close(fd);
    return code;
}

int vtopo_host_read(const char *path, const struct vtopo_domain *domain,
                    struct vtopo_host **ret_host, struct vtopo_error **reterr)
{
    struct vtopo_host *host = calloc(1, sizeof(*host));
    int code;

    if (!host)
        return error_nomem(reterr);
    code = read_path(path, domain ? &domain->model : NULL, host, reterr);
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
