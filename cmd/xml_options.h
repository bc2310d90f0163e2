/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xml_options.h - the command line of vtopo-xml */
#ifndef VTOPO_CMD_XML_OPTIONS_H
#define VTOPO_CMD_XML_OPTIONS_H

#include "make_plan.h"

#include <stdbool.h>

#define XML_PROGRAM "vtopo-xml"
#define CDI_DIRS_MAX 16
#define POLICY_OPTIONS 11

/* An option that sets a key of the policy. */
struct policy_option {
    const char *name; /* of the option */
    const char *key;
    bool is_flag; /* it has no argument, and sets the key to "yes" */
};
extern const struct policy_option policy_options[POLICY_OPTIONS];

struct xml_options {
    const char *input;  /* NULL: stdin */
    const char *output; /* NULL: stdout */
    const char *host, *config;
    const char *values[POLICY_OPTIONS]; /* NULL: as the policy says */
    const char *cdi_dirs[CDI_DIRS_MAX];
    size_t cdi_dir_count;
    bool check, diff, explain, undo, validate, in_place;
    enum vtopo_plan_style style; /* explain */
    const char *nccl_topo;       /* NULL: not wanted */
    bool quiet, verbose;
};

/* A status; wrong usage exits with STATUS_USAGE. */
int read_xml_options(int argc, char **argv, struct xml_options *ret_options);

/* Points into @options. */
struct plan_request plan_request_of(const struct xml_options *options);
/* For messages. */
const char *input_name(const struct xml_options *options);

#endif
