/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - what vtopo-sidecar is told */
#ifndef VTOPO_SIDECAR_OPTIONS_H
#define VTOPO_SIDECAR_OPTIONS_H

#include "service.h"

#include <stdbool.h>

#define PROGRAM "vtopo-sidecar"

struct options {
    const char *socket, *plugin, *folder; /* at most one of them */
    bool json;
    struct service service;
};

/* STATUS_DONE or STATUS_USAGE. */
int options_parse(int argc, char **argv, struct options *ret);

#endif
