/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * override.h - which properties of devices, and which aliases, vtopo has put into a domain
 *
 * Takes:  the overrides and aliases of a domain.
 * Gives:  which of them are vtopo's own, so that they go with a rewrite's other traces and no one
 * else's do. Rule:   libvirt keeps what it knows of an override and drops comments, so the mark is
 * in what it keeps:
 *         - an alias that begins with MARK_PREFIX is vtopo's, and so is every property of such a
 * device or port;
 *         - a property of a device with an alias of its own is vtopo's if the record says so.  The
 * record is an override for a device MARK_RECORD, which no domain has (libvirt passes over it):
 * each of its properties is named like the added one, and its value is the alias of the device;
 *         - on the command line there is no place for a record: a value of vtopo's is written in
 * hexadecimal there.
 */
#ifndef VTOPO_MODEL_OVERRIDE_H
#define VTOPO_MODEL_OVERRIDE_H

#include "model/domain.h"

#define MARK_RECORD MARK_PREFIX "added"

/* The P2P clique of a GPU (QEMU: hw/vfio/pci-quirks.c). */
#define PROPERTY_CLIQUE "x-nv-gpudirect-clique"

/*
 * Does libvirt keep it?  User aliases are ua- and letters, digits, "-" and "_"; any other is
 * dropped when a domain is defined.
 */
bool alias_is_kept(const char *alias);
/* Did vtopo give the device its alias? */
bool alias_is_marked(const struct domain_device *device);

/* Set "marked" of all overrides; false: out of memory. */
bool override_mark_all(struct domain *domain);
/* What the domain says of this property of the device with this alias: the last word; NULL:
 * nothing. */
const struct domain_override *override_of(const struct domain *domain, const char *alias,
                                          const char *name);

#endif
