/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy_options.h - the options of all programs that rewrite domains: the host, and the policy */
#ifndef VTOPO_CMD_POLICY_OPTIONS_H
#define VTOPO_CMD_POLICY_OPTIONS_H

#include "make_plan.h"

#include <argp.h>
#include <stdbool.h>

#define CDI_DIRS_MAX 16
#define POLICY_OPTIONS 11

/* An option that sets a key of the policy. */
struct policy_option {
    const char *name; /* of the option */
    const char *key;
    bool is_flag; /* it has no argument, and sets the key to "yes" */
};
extern const struct policy_option policy_option_table[POLICY_OPTIONS];

struct policy_options {
    const char *host, *config;
    const char *values[POLICY_OPTIONS]; /* NULL: as the policy says */
    const char *cdi_dirs[CDI_DIRS_MAX];
    size_t cdi_dir_count;
};

/*
 * A child parser whose input is a struct policy_options: {&policy_options_argp, 0, NULL, 0}.  Its
 * options are group 1.  Wrong ones exit with STATUS_USAGE.
 */
extern const struct argp policy_options_argp;

/* Points into @options. */
struct plan_request plan_request_of_options(const struct policy_options *options);

#endif
