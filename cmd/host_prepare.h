/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_prepare.h - vtopo-host prepare: what a host needs before devices are assigned */
#ifndef VTOPO_CMD_HOST_PREPARE_H
#define VTOPO_CMD_HOST_PREPARE_H

/* What main() gets, without the word "prepare", and argv[0] "vtopo-host prepare"; returns an exit
 * status. */
int host_prepare(int argc, char **argv);

#endif
