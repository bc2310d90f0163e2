/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owners.h - which VM has which of a host's devices */
#ifndef VTOPO_MODEL_OWNERS_H
#define VTOPO_MODEL_OWNERS_H

#include <stdbool.h>
#include <stddef.h>

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
/* Runs a guest of any of them with the device? */
bool owners_run(const struct owner *first, size_t count);

#endif
