/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vtopod_options.h - the command line of vtopod */
#ifndef VTOPO_CMD_VTOPOD_OPTIONS_H
#define VTOPO_CMD_VTOPOD_OPTIONS_H

struct daemon_options {
    const char *uri;                   /* NULL: libvirt's default */
    const char *host, *config;         /* NULL: as in struct plan_request */
    const char *history, *spool, *run; /* folders */
};

/* A status; wrong usage exits with STATUS_USAGE. */
int read_daemon_options(int argc, char **argv, struct daemon_options *ret_options);

#endif
