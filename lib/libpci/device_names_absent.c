/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_names_absent.c - in place of device_names.c where vtopo is built without libpci
 *                         (VTOPO_LIBPCI)
 *
 * Takes:  vendor and device ids.
 * Gives:  the ids as text, as where there is no pci.ids.
 */
#include "libpci/device_names.h"

struct device_names {
    char unused;
};

struct device_names *device_names_new(void)
{
    return calloc(1, sizeof(struct device_names));
}

void device_names_free(struct device_names *names)
{
    free(names);
}

char *device_name(struct device_names *names, const struct host_function *function)
{
    (void)names;
    return mem_printf("%04x:%04x", function->vendor, function->device);
}

char *device_short_name(struct device_names *names, const struct host_function *function)
{
    return device_name(names, function);
}
