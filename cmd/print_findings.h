/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print_findings.h - the findings of a plan, for people and journals */
#ifndef VTOPO_CMD_PRINT_FINDINGS_H
#define VTOPO_CMD_PRINT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <vtopo/plan.h>

struct message_options {
    const char *program;
    bool quiet, verbose; /* none; infos, too */
};

/* Does the finding have elements that --cells make would write? */
bool is_cells_advice(const struct vtopo_plan *plan, size_t at);
/* On stderr.  @advice: a diff that comes in place of such elements; NULL: none.  A status. */
int print_findings(const struct message_options *options, const struct vtopo_plan *plan,
                   const char *advice);

#endif
