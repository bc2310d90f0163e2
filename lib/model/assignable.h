/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assignable.h - which of a host's functions can be given to a guest at all */
#ifndef VTOPO_MODEL_ASSIGNABLE_H
#define VTOPO_MODEL_ASSIGNABLE_H

#include "model/host.h"

/* Host bridges, interrupt controllers and the like: there is no point in giving them to a guest. */
bool is_chipset(const struct host_function *function);
/* A function that vfio-pci can give to a guest. */
bool is_assignable(const struct host_function *function);

#endif
