/* SPDX-License-Identifier: GPL-2.0-or-later */
/* high_memory.h - how much 64-bit memory a host's functions take in a guest */
#ifndef VTOPO_MODEL_HIGH_MEMORY_H
#define VTOPO_MODEL_HIGH_MEMORY_H

#include "model/host.h"

/* Bytes of 64-bit prefetchable memory that the function has BARs for in a guest. */
uint64_t host_high_memory(const struct host_function *function);
/* From so many bytes on, of all devices of a domain together, it counts how wide the host's
 * addresses are: every window has as much. */
#define HOST_HIGH_MEMORY (UINT64_C(4) << 30)
bool host_has_high_memory(const struct vtopo_host *host);

#endif
