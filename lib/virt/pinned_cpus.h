/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pinned_cpus.h - CPUs of the host that are VMs' own */
#ifndef VTOPO_VIRT_PINNED_CPUS_H
#define VTOPO_VIRT_PINNED_CPUS_H

#include "base/buffer.h"
#include "virt/definition.h"

/*
 * Adds them to a list ("0-3,8"), with commas, some perhaps twice.
 *
 * @but  UUID of a VM whose own do not count; NULL: none
 */
int pinned_cpus_add(const struct definitions *definitions, const char *but, struct buffer *list,
                    struct vtopo_error **reterr);

#endif
