/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xml_options.h - the command line of vtopo-xml */
#ifndef VTOPO_CMD_XML_OPTIONS_H
#define VTOPO_CMD_XML_OPTIONS_H

#include "policy_options.h"

#include <stdbool.h>
#include <vtopo/plan.h>

#define XML_PROGRAM "vtopo-xml"

struct xml_options {
    const char *input;  /* NULL: stdin */
    const char *output; /* NULL: stdout */
    struct policy_options policy;
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
