/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owners.h - words for who has a device */
#ifndef VTOPO_REPORT_OWNERS_H
#define VTOPO_REPORT_OWNERS_H

#include "model/host.h"
#include "model/owners.h"
#include "place/holds.h"

/*
 * Those that a host description has (model/host_vm.h), which belong to @host; free items with
 * free().  False: out of memory.
 */
bool owners_of_host(const struct vtopo_host *host, struct owners *ret);

/* "free", "conflict"... for scripts.  @held: what the host does with it; NULL: nothing. */
const char *owners_state(const struct owner *first, size_t count, const struct hold_reason *held);
/* The same for a cell of a table: "vm1, running", "host (eth0, up)"; NULL: out of memory.
 * @function: of which @held is said */
char *owners_describe(const struct vtopo_host *host, const struct owner *first, size_t count,
                      const struct hold_reason *held, size_t function);

#endif
