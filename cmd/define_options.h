/* SPDX-License-Identifier: GPL-2.0-or-later */
/* define_options.h - the command line of vtopo-define */
#ifndef VTOPO_CMD_DEFINE_OPTIONS_H
#define VTOPO_CMD_DEFINE_OPTIONS_H

#include "policy_options.h"
#include "print_findings.h"

#define DEFINE_PROGRAM "vtopo-define"

struct define_options {
    struct policy_options policy;
    const char *uri;     /* NULL: libvirt's default */
    const char *history; /* folder of the definitions that were replaced */
    const char *metrics; /* NULL: none are written */
    char **names;        /* of VMs */
    size_t name_count;
    bool all, yes, check, json, undo, restore;
    struct message_options messages;
};

/* A status; wrong usage exits with STATUS_USAGE. */
int read_define_options(int argc, char **argv, struct define_options *ret_options);

#endif
