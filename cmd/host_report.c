/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_report.c - see host_report.h
 *
 * Takes:  paths of host descriptions.
 * Gives:  the page.
 * Rule:   a host is called what its file is called, or, where two files have one name, what its
 *         path is.  One after the other is read, so that a hundred take no more memory than what
 *         is shown of them.
 * Not here: what is on the page (lib/report/page.c).
 */
#include "host_report.h"

#include "base/error.h"
#include "base/mem.h"

#include <string.h>
#include <vtopo/report.h>

#define ENDING ".json"

/* "HOST" of "a/b/HOST.json"; NULL: out of memory. */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash && slash[1] ? slash + 1 : path;
    size_t length = strlen(name);

    if (length > strlen(ENDING) && !strcmp(name + length - strlen(ENDING), ENDING))
        length -= strlen(ENDING);
    return strndup(name, length);
}

static bool is_name_of_another(char *const *paths, size_t count, size_t at, const char *name)
{
    bool same = false;

    for (size_t i = 0; !same && i < count; i++) {
        autofree char *other = i == at ? NULL : name_of(paths[i]);

        same = other && !strcmp(other, name);
    }
    return same;
}

static int add_host(struct vtopo_report *report, char *const *paths, size_t count, size_t at,
                    struct vtopo_error **reterr)
{
    struct vtopo_host *host = NULL;
    autofree char *name = NULL;
    int r = vtopo_host_read(paths[at], NULL, &host, reterr);

    if (r)
        return r;
    name = name_of(paths[at]);
    if (!name)
        r = error_nomem(reterr);
    else
        r = vtopo_report_add(report, is_name_of_another(paths, count, at, name) ? paths[at] : name,
                             host, reterr);
    vtopo_host_free(host);
    return r;
}

int report_hosts(char *const *paths, size_t count, char **ret_text, struct vtopo_error **reterr)
{
    struct vtopo_report *report = NULL;
    int r = vtopo_report_new(&report, reterr);

    for (size_t i = 0; !r && i < count; i++)
        r = add_host(report, paths, count, i, reterr);
    if (!r)
        r = vtopo_report_format(report, ret_text, reterr);
    vtopo_report_free(report);
    return r;
}
