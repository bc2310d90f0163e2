/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firmware_absent.c - in place of the others where vtopo is built without libvirt's capability
 *                     cache (VTOPO_CAPABILITIES), and in the guest
 *
 * Takes:  a domain.
 * Gives:  nothing: no firmware is known.
 */
#include "firmware/firmware.h"

int firmwares_read_live(const struct domain *domain, unsigned details, struct vtopo_host *host,
                        struct vtopo_error **reterr)
{
    (void)domain;
    (void)details;
    (void)host;
    (void)reterr;
    return 0;
}
