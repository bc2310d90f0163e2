/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt_define.h - what libvirt makes of a domain when it is defined
 *
 * Takes:  a domain of which devices and controllers may lack addresses.
 * Gives:  the same with every address, and with what libvirt adds: root ports, bridges,
 *         controllers, video, a balloon.
 * Rule:   src/qemu/qemu_domain_address.c qemuDomainAssignPCIAddresses() and qemu_postparse.c (9.0:
 *         qemu_domain.c) qemuDomainDefAddDefaultDevices(), as the comments in libvirt_define.c say.
 *         tests/real/test_libvirt_adds.py holds it to libvirt 9.0, 11.3 and 12.8.
 * Not here: buses and the choice among them (libvirt_buses.h); the counts at their most, which
 *         plans are made with (libvirt_adds.h).
 *
 * Not known in advance, and said so:
 * - other machines than q35 and aarch64's virt (PIIX3 has other fixed places); of a virt SCSI
 *   controllers whose model is left to libvirt, and devices without addresses beside virtio-mmio;
 * - devices that libvirt 9.0 gives no address and later ones do (crypto, pvpanic, pstore);
 * - without the version: ports without addresses beside missing indexes below theirs, since libvirt
 *   9.0 serves the added ones last, and 11.3 all by their indexes;
 * - whether a host function that is gone, or that libvirt cannot read, is a conventional device: it
 *   counts as PCIe, as in libvirt;
 * - what libvirt refuses.
 */
#ifndef VTOPO_PLAN_GROUND_LIBVIRT_DEFINE_H
#define VTOPO_PLAN_GROUND_LIBVIRT_DEFINE_H

#include "base/error.h"
#include "model/domain.h"

/*
 * The domain as libvirt's dump of it has it.  Devices keep their places in the array, those that
 * are added come behind them; controllers are in the order of their indexes.  What is added has the
 * element DOMAIN_NO_ELEMENT.
 *
 * @version  libvirt's: 11003000 is 11.3; 0: not known, so only what all do the same is
 * @ret_defined  to be freed with domain_clear(); empty if it cannot be known
 * @ret_unknown  why it cannot be known, static; NULL: it is
 *
 * Returns 0 or VTOPO_ERR_NOMEM.
 */
int libvirt_define(const struct domain *domain, unsigned version, struct domain *ret_defined,
                   const char **ret_unknown, struct vtopo_error **reterr);

#define DOMAIN_NO_ELEMENT SIZE_MAX

#define LIBVIRT_VERSIONS 3
/*
 * Versions of which each does something else, and that together stand for all that libvirt may be.
 *
 * @version  libvirt's; 0: not known
 *
 * Returns how many.
 */
size_t libvirt_versions(unsigned version, unsigned ret_versions[LIBVIRT_VERSIONS]);

#endif
