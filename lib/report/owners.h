/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owners.h - who has which of a host's devices */
#ifndef VTOPO_REPORT_OWNERS_H
#define VTOPO_REPORT_OWNERS_H

#include "model/host.h"

#include <stdbool.h>

struct owner {
    const char *device; /* "0000:41:00.0", the UUID of an mdev, the path of a vDPA device */
    const char *name;   /* of a VM */
    bool now;           /* its guest runs with the device */
    bool next;          /* it is defined with it */
};

struct owners {
    struct owner *items; /* by device */
    size_t count;
};

void owners_sort(struct owners *owners);
/* Of one device, *ret_count of them. */
const struct owner *owners_find(const struct owners *owners, const char *device, size_t *ret_count);

/* "free", "conflict"... for scripts.  @function: NULL: it is no PCI function. */
const char *owners_state(const struct owner *first, size_t count,
                         const struct host_function *function);
/* The same for a cell of a table: "vm1, running"; NULL: out of memory. */
char *owners_describe(const struct owner *first, size_t count,
                      const struct host_function *function);

#endif
