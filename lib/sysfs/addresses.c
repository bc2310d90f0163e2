/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addresses.c - see addresses.h */
#include "sysfs/addresses.h"

/* What four levels of page tables reach. */
#define FOUR_LEVELS 48

void addresses_set(const struct cpuinfo *info, const struct cpuid *cpuid,
                   struct host_processor *ret)
{
    unsigned bits = cpuid->bits ? cpuid->bits : info->bits;
    bool five = info->has_vmx ? info->ept_5level : info->la57;

    if (!bits)
        return;
    ret->bits = bits;
    ret->kernel_bits = info->bits < bits ? info->bits : 0;
    ret->pages_1g = info->has_flags ? info->pages_1g : cpuid->pages_1g;
    ret->la57 = info->la57 || cpuid->la57;
    ret->guest_bits = five || bits < FOUR_LEVELS ? bits : FOUR_LEVELS;
}
