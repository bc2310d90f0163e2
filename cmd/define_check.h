/* SPDX-License-Identifier: GPL-2.0-or-later */
/* define_check.h - vtopo-define --check: are VMs defined as vtopo would define them? */
#ifndef VTOPO_CMD_DEFINE_CHECK_H
#define VTOPO_CMD_DEFINE_CHECK_H

#include "define_vm.h"

/* A table or JSON on stdout, and metrics into a file.  One status for all of them. */
int check_all(const struct define_options *options, virConnectPtr conn, struct others *others,
              const struct definitions *definitions);

#endif
