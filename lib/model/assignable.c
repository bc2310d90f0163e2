/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assignable.c - see assignable.h */
#include "model/assignable.h"

bool is_chipset(const struct host_function *function)
{
    uint32_t base = function->class_code >> 16;

    if (function->port != PORT_NONE)
        return false;
    /* "Other bridges" below a port are none of the chipset's: NVSwitches are such. */
    if (base == 0x06)
        return function->parent == HOST_NONE || function->class_code >> 8 != 0x0680;
    /* Memory controllers, system peripherals, performance counters and SMBus of the chipset. */
    return function->parent == HOST_NONE &&
           (base == 0x05 || base == 0x08 || base == 0x11 || function->class_code >> 8 == 0x0c05);
}

bool is_assignable(const struct host_function *function)
{
    return function->port == PORT_NONE && !is_chipset(function);
}
