/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help_finding.h - what a finding means, for people */
#ifndef VTOPO_CMD_HELP_FINDING_H
#define VTOPO_CMD_HELP_FINDING_H

#include <stdbool.h>
#include <vtopo/findings.h>

/* "VTOPO-0033", "vtopo-0033", "0033" or "33"; false: there is no such finding. */
bool parse_finding(const char *word, enum vtopo_finding_id *ret_id);

/* On stdout, as wide as the terminal is; false: out of memory. */
bool print_finding_help(enum vtopo_finding_id id);

#endif
