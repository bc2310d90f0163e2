/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuid.h - what the processor says of itself */
#ifndef VTOPO_SYSFS_CPUID_H
#define VTOPO_SYSFS_CPUID_H

#include <stdbool.h>

struct cpuid {
    char vendor[13]; /* "": it has no such instruction, or says nothing that is a name */
    unsigned family, model;
    unsigned bits; /* of physical addresses, those included that memory encryption takes; 0: it does
                      not say */
    bool pages_1g, la57;
};

/* Of the processor that this runs on; of another architecture's nothing is known. */
struct cpuid cpuid_ask(void);

#endif
