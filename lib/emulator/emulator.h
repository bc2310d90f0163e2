/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emulator.h - what the host's libvirt knows of emulators
 *
 * libvirt asks an emulator for its version and abilities once, and keeps the answers in a file
 * (src/qemu/qemu_capabilities.c, virQEMUCapsFormatCache(); tried with 9.0 and 12.8).  Here the file
 * is read, and the emulator, whose path is somebody else's, is never run or opened.
 */
#ifndef VTOPO_EMULATOR_EMULATOR_H
#define VTOPO_EMULATOR_EMULATOR_H

#include "model/domain.h"
#include "model/host.h"

#include <sys/types.h>

struct vtopo_error;

struct emulator_cache {
    const char *folder;
    uid_t owner; /* whose files are believed */
};

/*
 * Adds to host->emulators the domain's emulator, or that which libvirt takes where the domain names
 * none, if the cache knows it; without a domain, all that the cache knows.  What is wrong with the
 * cache is no failure but a state: VTOPO_ERR_NOMEM is the only one.
 */
int emulators_read(const struct emulator_cache *cache, const struct domain *domain,
                   struct vtopo_host *host, struct vtopo_error **reterr);

/*
 * The same from the system's cache, if the version of QEMU or libvirt decides something.
 *
 * @details  bits of enum host_details
 */
int emulators_read_live(const struct domain *domain, unsigned details, struct vtopo_host *host,
                        struct vtopo_error **reterr);

#endif
