/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt_adds.h - what libvirt will add to a domain that has no addresses, and what it will choose
 *
 * Takes:  the domain, what it occupies (occupancy.h), which devices move.
 * Gives:  the ports, slots, indexes and bus numbers that have to be left for that.
 * Rule:   a bare definition and libvirt's dump of it have to give the same plan, so what libvirt
 *         adds unasked is counted at its most.
 * Not here: exactly what it adds, and where (libvirt_define.h).
 */
#ifndef VTOPO_PLAN_GROUND_LIBVIRT_ADDS_H
#define VTOPO_PLAN_GROUND_LIBVIRT_ADDS_H

#include "plan/ground/occupancy.h"

/* Does libvirt choose no address, because every PCI device and controller that does not move has
 * one?  Then it adds no ports either. */
bool libvirt_adds_nothing(const struct domain *domain, const struct fates *fates);
/* Does libvirt add devices that the domain lacks, whatever addresses the others have? */
bool libvirt_adds_devices(const struct domain *domain);

/* Does libvirt's version count: does it choose an address or add a device, or would it without an
 * earlier rewrite? */
bool libvirt_version_counts(const struct domain *domain);

/* The root ports that libvirt will add on pcie.0: for indexes without a controller, for what needs
 * a port. */
size_t libvirt_adds_ports(const struct occupancy *o);
/* Slots of pcie.0 that libvirt will take for what has no address. */
size_t libvirt_adds_slots(const struct occupancy *o);
/* The hot-pluggable ports that are needed at most, where it cannot be known what libvirt adds. */
size_t libvirt_expected_hotplug_ports(const struct domain *domain, const struct fates *fates);

/* The first index behind the ports that libvirt will need for devices without an address, if there
 * is room for @count more controllers behind them, otherwise 1.  Changes @o->on_port. */
unsigned libvirt_first_free_index(struct occupancy *o, size_t count);
/* The last index that libvirt gives a root port if it has no controller.
 *
 * @by_address  also those that only an address names */
unsigned libvirt_last_filled_index(const struct occupancy *o, bool by_address);
/* Indexes without a controller, up to the last one that has one: each becomes a root port. */
size_t libvirt_index_gaps(const struct domain *domain);

/* The lowest bus number of the domain's expanders; BUSES: none has one. */
int libvirt_lowest_bus_number(const struct domain *domain);
/* The bus number that libvirt gives an expander without one, when @lowest is the lowest of all;
 * less than 1: it finds none. */
int libvirt_bus_number(int lowest);

#endif
