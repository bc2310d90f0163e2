/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reporter.h - where a step puts its findings and its error */
#ifndef VTOPO_PLAN_GROUND_REPORTER_H
#define VTOPO_PLAN_GROUND_REPORTER_H

#include "base/error.h"
#include "model/finding.h"

struct reporter {
    struct findings *findings;
    struct vtopo_error **reterr;
};

/* Adds a finding: id, subject, format, arguments.  0, or VTOPO_ERR_NOMEM with the error set. */
#define report_finding(reporter, ...)                                                              \
    (finding_add((reporter)->findings, __VA_ARGS__) ? 0 : error_nomem((reporter)->reterr))

/* The same, of three parts (finding.h): id, subject, before, detail, after. */
#define report_detail(reporter, ...)                                                               \
    (finding_add_detail((reporter)->findings, __VA_ARGS__) ? 0 : error_nomem((reporter)->reterr))

#endif
