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

/* A part of a path. */
struct name {
    const char *text;
    size_t length;
};

/* "HOST" of "a/b/HOST.json". */
static struct name name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct name name = {slash && slash[1] ? slash + 1 : path, 0};

    name.length = strlen(name.text);
    if (name.length > strlen(ENDING) && !strcmp(name.text + name.length - strlen(ENDING), ENDING))
        name.length -= strlen(ENDING);
    return name;
}

static bool is_name_of_another(char *const *paths, size_t count, size_t at)
{
    struct name name = name_of(paths[at]);

    for (size_t i = 0; i < count; i++) {
        struct name other = name_of(paths[i]);

        if (i != at && other.length == name.length && !memcmp(other.text, name.text, name.length))
            return true;
    }
    return false;
}

static int add_host(struct vtopo_report *report, char *const *paths, size_t count, size_t at,
                    struct vtopo_error **reterr)
{
    struct name part = name_of(paths[at]);
    autofree char *name =
        is_name_of_another(paths, count, at) ? strdup(paths[at]) : strndup(part.text, part.length);
    struct vtopo_host *host = NULL;
    int r = name ? vtopo_host_read(paths[at], NULL, &host, reterr) : error_nomem(reterr);

    if (!r)
        r = vtopo_report_add(report, name, host, reterr);
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
