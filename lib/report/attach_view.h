/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attach_view.h - where a device is plugged in, for virsh and for programs */
#ifndef VTOPO_REPORT_ATTACH_VIEW_H
#define VTOPO_REPORT_ATTACH_VIEW_H

#include "attach/port.h"
#include "libpci/device_names.h"
#include "model/owners.h"
#include "place/holds.h"
#include "report/sentences.h"

struct attach_view {
    const struct vtopo_host *host;
    const struct domain *domain;
    size_t function;
    const struct attach *attach;
    const enum hold *holds;      /* of all functions */
    const struct owners *owners; /* NULL: nobody was asked */
    bool only_live;              /* the port is taken in the guest's definition */
    struct device_names *names;
};

/* Each adds to @out; a failure stays in the buffer. */
void attach_view_xml(const struct attach_view *view, struct buffer *out);
void attach_view_json(const struct attach_view *view, struct buffer *out);
/* Why there is no port, one sentence; NULL: out of memory. */
char *attach_problem_words(const struct attach_view *view);

#endif
