/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * root_slots.h - slots of pcie.0 that are not for a controller of vtopo's, whoever has an address
 *
 * Takes:  a domain.
 * Gives:  the slots of the machine's and libvirt's fixed devices, and those that QEMU is told.
 * Not here: what the addresses of devices and controllers take (plan/ground/occupancy.h,
 *         undo_places.c).
 */
#ifndef VTOPO_MODEL_ROOT_SLOTS_H
#define VTOPO_MODEL_ROOT_SLOTS_H

#include "model/domain.h"

#define ROOT_SLOTS 32

/* Both set those that are taken, and change no others. */
/* The machine's own, and those that QEMU is told; not what it chooses itself. */
void root_slots_of_qemu(const struct domain *domain, bool ret_taken[ROOT_SLOTS]);
/* Of devices that libvirt has a fixed place for. */
void root_slots_of_libvirt(const struct domain *domain, bool ret_taken[ROOT_SLOTS]);

#endif
