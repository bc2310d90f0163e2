/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_report.h - a page of the hosts that files describe */
#ifndef VTOPO_CMD_HOST_REPORT_H
#define VTOPO_CMD_HOST_REPORT_H

#include <stddef.h>
#include <vtopo/error.h>

/* What vtopo_host_read() or vtopo_report_format() return. */
int report_hosts(char *const *paths, size_t count, char **ret_text, struct vtopo_error **reterr);

#endif
