/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - what a domain remembers of itself before vtopo rewrote it
 *
 * Takes:  devices of a domain.
 * Gives:  the name by which the record knows each of them.
 * Rule:   the record is in <metadata>, an element of a namespace of its own, because libvirt keeps
 *         that and nothing else that it does not know; marks (mark.h) are what makes something
 *         vtopo's, with or without a record. A device is known by what it stands for on the host,
 *         because its place in the text and its guest address may change. Where the record is lost,
 *         or cannot be used, what vtopo changed in others' elements counts as theirs.
 * Not here: its text (domxml/parse_record.c, domxml/record.c), what is done with it (undo.h).
 */
#ifndef VTOPO_MODEL_RECORD_H
#define VTOPO_MODEL_RECORD_H

#include "model/domain.h"

/* "0000:41:00.0", of an NVMe disk "0000:18:00.0/1", else its uuid or path; the caller's to free();
 * NULL: out of memory. */
char *record_host_of(const struct domain_device *device);

/*
 * Finds the assigned devices that names stand for, each once: of several devices with one name the
 * first gets the first entry.
 *
 * @ret_devices  for each name the place in domain.devices, SIZE_MAX: there is no such device
 * Returns false: out of memory.
 */
bool record_find_devices(const struct domain *domain, const char *const *names, size_t count,
                         size_t *ret_devices);

/* The entry for a device; NULL: none. */
const struct record_device *record_of_device(const struct domain *domain, size_t device);
/* The entry for what was written into a controller's <target>; NULL: none. */
const struct record_target *record_of_target(const struct domain *domain, unsigned index,
                                             bool bus_nr);

#endif
