/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owners.h - words for who has a device */
#ifndef VTOPO_REPORT_OWNERS_H
#define VTOPO_REPORT_OWNERS_H

#include "model/host.h"
#include "model/owners.h"

/*
 * Those that a host description has (model/host_vm.h), which belong to @host; free items with
 * free().  False: out of memory.
 */
bool owners_of_host(const struct vtopo_host *host, struct owners *ret);

/* "free", "conflict"... for scripts.  @function: NULL: it is no PCI function. */
const char *owners_state(const struct owner *first, size_t count,
                         const struct host_function *function);
/* The same for a cell of a table: "vm1, running"; NULL: out of memory. */
char *owners_describe(const struct owner *first, size_t count,
                      const struct host_function *function);

#endif
