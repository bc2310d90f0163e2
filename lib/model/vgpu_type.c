/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vgpu_type.c - see vgpu_type.h */
#include "model/vgpu_type.h"

#include <string.h>

#define DIGITS "0123456789"

bool vgpu_type_is_mig(const char *name)
{
    const char *last = strrchr(name, '-'), *slices;
    size_t digits;

    if (!last || last == name)
        return false;
    digits = strspn(last + 1, DIGITS);
    /* Memory, then the series: "20C", "10CME". */
    if (!digits || last[1 + digits] < 'A' || last[1 + digits] > 'Z')
        return false;
    for (slices = last; slices > name && strchr(DIGITS, slices[-1]); slices--)
        continue;
    return slices < last && slices > name + 1 && slices[-1] == '-';
}
