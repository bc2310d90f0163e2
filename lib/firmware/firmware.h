/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firmware.h - which files of this machine are guests' firmware, and which release each is
 *
 * Takes:  a domain, or none: then all that domains may have.
 * Gives:  host->firmwares.
 * Rule:   <loader> may name any path, so one that is not the distribution's is not even opened.
 *         OVMF says nothing of itself that can be read: a file is the one of Debian's package byte
 *         for byte, and the package has the version.  SeaBIOS has its own in it.
 * Not here: which of them a domain boots (plan/ground/versions.c).
 */
#ifndef VTOPO_FIRMWARE_FIRMWARE_H
#define VTOPO_FIRMWARE_FIRMWARE_H

#include "firmware/places.h"
#include "model/domain.h"
#include "model/host.h"

struct vtopo_error;

/* VTOPO_ERR_NOMEM is the only failure. */
int firmwares_read(const struct firmware_places *places, const struct domain *domain,
                   struct vtopo_host *host, struct vtopo_error **reterr);
/*
 * The same of this machine, where it decides something: with @details HOST_ADDRESSES for a domain
 * of KVM's with large BARs, and without a domain.  The rest of the host is read already.
 */
int firmwares_read_live(const struct domain *domain, unsigned details, struct vtopo_host *host,
                        struct vtopo_error **reterr);

#endif
