/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_names.h - what people call a device, from this machine's pci.ids
 *
 * Only for what is shown to people: plans and host descriptions must not depend on it.
 */
#ifndef VTOPO_LIBPCI_DEVICE_NAMES_H
#define VTOPO_LIBPCI_DEVICE_NAMES_H

#include "model/host.h"

struct device_names;

/* NULL: out of memory. */
struct device_names *device_names_new(void);
void device_names_free(struct device_names *names);

/*
 * A new string, "NVIDIA GA100 [A100X]": the vendor in a word and the device, printable ASCII;
 * "10de:20b8" if there is no pci.ids or it does not know. NULL: out of memory.
 */
char *device_name(struct device_names *names, const struct host_function *function);

/*
 * The same, but where the name has a part in brackets, which is how the device is sold, only that:
 * "NVIDIA A100X".
 */
char *device_short_name(struct device_names *names, const struct host_function *function);

#endif
