/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuinfo.h - what /proc/cpuinfo says of addresses */
#ifndef VTOPO_SYSFS_CPUINFO_H
#define VTOPO_SYSFS_CPUINFO_H

#include "sysfs/tree.h"

/* The first processor's part. */
struct cpuinfo {
    unsigned bits;       /* "address sizes": physical; 0: it does not say */
    bool has_flags;      /* there is a line with them */
    bool pages_1g, la57; /* pdpe1gb and la57 are in it */
    bool has_vmx;        /* there is one of VMX's (Intel's, since Linux 5.6) */
    bool ept_5level;     /* is in it */
};

/* Zeros where there is none.  An error is only that there is no memory. */
int cpuinfo_read(const struct tree *tree, struct cpuinfo *ret);

#endif
