/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - a page of hosts as the public header gives it (vtopo/report.h)
 *
 * Takes:  hosts one by one.
 * Gives:  HTML.
 * Not here: what is on the page (report/page.c).
 */
#include "vtopo/report.h"

#include "base/error.h"
#include "report/page.h"

struct vtopo_report {
    struct page page;
};

int vtopo_report_new(struct vtopo_report **ret_report, struct vtopo_error **reterr)
{
    struct vtopo_report *report = calloc(1, sizeof(*report));

    if (!report)
        return error_nomem(reterr);
    *ret_report = report;
    return 0;
}

int vtopo_report_add(struct vtopo_report *report, const char *name, const struct vtopo_host *host,
                     struct vtopo_error **reterr)
{
    return page_add_host(&report->page, name, host) ? 0 : error_nomem(reterr);
}

int vtopo_report_format(const struct vtopo_report *report, char **ret_text,
                        struct vtopo_error **reterr)
{
    struct buffer out = {0};
    char *text;

    page_print(&report->page, &out);
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}

void vtopo_report_free(struct vtopo_report *report)
{
    if (report)
        page_clear(&report->page);
    free(report);
}
